"""Masks are exactly what the picture shows of each ball: to a third of a pixel, through every lens, behind everything."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from engine import rle
from engine.synth.camera import Camera, Floats, look
from engine.synth.lens import Lens
from engine.synth.overlay import Patch
from engine.synth.people import Limb
from engine.synth.physics import STEP, Event, Shot
from engine.synth.raster import Facet
from engine.synth.render import Frame, RenderedClip
from engine.synth.shake import random_shake
from engine.synth.table import Table
from engine.synth.texture import plain
from engine.synth.truth import frame_masks

Make = Callable[..., RenderedClip]
LENSES = {
    "straight": Lens(),
    "barrel": Lens(k1=-0.3, k2=0.02, limit=0.7),
    "cushion": Lens(k1=0.25, k2=-0.02, limit=0.7),
}
SPOTS = [(0.0, 0.0), (0.9, 0.4), (-1.0, -0.35), (0.4, -0.5), (-0.3, 0.45)]


def oblique(lens: Lens) -> Camera:
    eye = look(
        np.zeros(3),
        distance=2.6,
        yaw=1.2,
        elevation=0.8,
        roll=0.02,
        focal=420.0,
        size=(480, 288),
    )
    return replace(eye, lens=lens)


def silhouette(camera: Camera, centre: Floats, radius: float) -> NDArray[np.float32]:
    """Return the outline of a ball in pixels, (n, 1, 2), worked out from the circle where rays touch it."""
    way = centre - camera.centre
    far = float(np.linalg.norm(way))
    way = way / far
    side = np.cross(way, (0.0, 0.0, 1.0))
    side /= np.linalg.norm(side)
    up = np.cross(side, way)
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)[:, None]
    ring = (np.cos(angle) * side + np.sin(angle) * up) * radius * np.sqrt(1 - (radius / far) ** 2)
    pixels, _ = camera.project(centre - way * radius**2 / far + ring)
    return pixels.astype(np.float32)[:, None]


def only(clip: RenderedClip) -> Frame:
    return next(iter(clip))


@pytest.mark.parametrize("lens", LENSES)
def test_a_mask_is_the_outline_of_its_ball_to_a_third_of_a_pixel(
    lens: str, make: Make, pool: Table
) -> None:
    camera = oblique(LENSES[lens])
    frame = only(make(SPOTS, camera=camera))
    for track, spot in enumerate(SPOTS, start=1):
        outline = silhouette(camera, np.array([*spot, pool.ball]), pool.ball)
        low = np.floor(outline.min(axis=(0, 1))).astype(int) - 3
        high = np.ceil(outline.max(axis=(0, 1))).astype(int) + 3
        checked = 0
        for y in range(max(0, low[1]), min(camera.height, high[1])):
            for x in range(max(0, low[0]), min(camera.width, high[0])):
                inside = cv2.pointPolygonTest(outline, (x + 0.5, y + 0.5), True)
                if abs(inside) > 0.3:
                    assert (frame.tracks[y, x] == track) == (inside > 0), (track, x, y, inside)
                    checked += 1
        assert checked > 50


@pytest.mark.parametrize("lens", LENSES)
def test_what_differs_from_the_picture_without_balls_lies_in_masks_or_shadows(
    lens: str, make: Make
) -> None:
    clip = make(SPOTS, camera=oblique(LENSES[lens]))
    frame = only(clip)
    brighter = frame.rgb.astype(int).sum(axis=2) > 30 + only(
        replace(clip, scene=replace(clip.scene, looks=[]))
    ).rgb.astype(int).sum(axis=2)
    grown = cv2.dilate((frame.tracks > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert brighter.sum() > 100
    assert not (brighter & ~grown).any()


def test_a_shaken_camera_takes_the_masks_along(make: Make, pool: Table) -> None:
    clip = make(SPOTS, camera=oblique(LENSES["barrel"]), frames=8)
    shake = random_shake(np.random.default_rng(2), clip.scene.camera)
    shake = replace(shake, sizes=shake.sizes * 4)
    clip = replace(clip, scene=replace(clip.scene, shake=shake))
    middles = []
    for index, frame in enumerate(clip):
        rows, columns = np.nonzero(frame.tracks == 1)
        seen = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
        centre = np.array([*SPOTS[0], pool.ball])
        outline = silhouette(clip.camera(index), centre, pool.ball)
        np.testing.assert_allclose(seen, outline.mean(axis=(0, 1)), atol=0.3)
        middles.append(seen)
    assert np.ptp(middles, axis=0).max() > 0.5


def test_a_camera_on_a_stand_gives_the_same_ground_in_every_frame(make: Make) -> None:
    first, second = make(SPOTS, frames=2)
    np.testing.assert_array_equal(first.rgb, second.rgb)


def test_of_two_balls_in_line_the_nearer_has_the_pixels(make: Make) -> None:
    camera = look(
        np.zeros(3),
        distance=2.0,
        yaw=np.pi / 2,
        elevation=0.3,
        roll=0.0,
        focal=500.0,
        size=(320, 192),
    )
    near_first = [(0.0, -0.06), (0.0, 0.06)]
    frame = only(make(near_first, camera=camera))
    first, second = (int((frame.tracks == k).sum()) for k in (1, 2))
    assert first > second > 0
    alone = only(make(near_first[:1], camera=camera))
    assert first == int((alone.tracks == 1).sum())


def test_a_wall_in_front_of_a_ball_takes_its_pixels(make: Make) -> None:
    lid = Facet(
        np.array([-0.5, 0.5, 0.2]), np.array([0.5, 0, 0]), np.array([0, -1.0, 0]),
        plain((200.0, 0.0, 0.0), (8, 8)),
    )  # fmt: skip
    free = only(make([(-0.25, 0.0), (0.3, 0.0)]))
    covered = only(make([(-0.25, 0.0), (0.3, 0.0)], facets=[lid]))
    assert (free.tracks == 1).any()
    assert not (covered.tracks == 1).any()
    np.testing.assert_array_equal(free.tracks == 2, covered.tracks == 2)


def test_an_arm_over_a_ball_takes_its_pixels(make: Make) -> None:
    arm = Limb(
        np.array([-0.8, 0.0, 0.3]), np.array([0.0, 0.0, 0.3]), 0.06, 0.06, (200.0, 150.0, 120.0)
    )
    frame = only(make([(-0.25, 0.0), (0.5, 0.0)], standing=[arm]))
    assert not (frame.tracks == 1).any()
    assert (frame.tracks == 2).any()


def test_graphics_over_a_ball_take_its_pixels_and_glass_does_not(make: Make) -> None:
    for cover, seen in ((255, False), (60, True)):
        canvas = np.full((192, 160, 4), cover, np.uint8)
        frame = only(make([(-0.4, 0.0)], patches=[Patch(0, 0, canvas)]))
        assert (frame.tracks == 1).any() == seen


def test_a_ball_outside_the_picture_has_no_mask(make: Make) -> None:
    assert not only(make([(5.0, 0.0)])).tracks.any()


def moving(places: list[tuple[float, float]], pace: float, radius: float) -> Shot:
    """Return ball 0 rolling along x at ``pace`` m/s for a second."""
    steps = round(1 / STEP)
    way = np.zeros((steps, len(places), 3))
    way[:] = [(*spot, radius) for spot in places]
    way[:, 0, 0] += np.arange(steps) * STEP * pace
    axes = np.broadcast_to(np.eye(3), (steps, len(places), 3, 3))
    return Shot(way, axes.copy(), np.ones((steps, len(places)), bool))


def test_a_fast_ball_smears_over_the_exposure_and_its_mask_is_the_middle(
    make: Make, pool: Table, above: Camera
) -> None:
    still = only(make([(-0.5, 0.0)]))
    fast = only(make([(-0.5, 0.0)], shot=moving([(-0.5, 0.0)], 4.0, pool.ball)))
    way = 4.0 * 0.5 / 30 * above.focal / 3.0
    columns = np.flatnonzero((fast.tracks == 1).any(axis=0))
    at_rest = np.flatnonzero((still.tracks == 1).any(axis=0))
    expected = at_rest.mean() + way / 2
    assert abs(columns.mean() - expected) < 0.6
    changed = np.abs(fast.rgb.astype(int) - still.rgb.astype(int)).sum(axis=2) > 25
    smear = np.flatnonzero(changed.any(axis=0))
    assert np.ptp(smear) > np.ptp(at_rest) + way * 0.6


def test_a_ball_that_is_gone_is_in_no_later_frame(make: Make, pool: Table) -> None:
    shot = moving([(-0.5, 0.0), (0.3, 0.2)], 0.5, pool.ball)
    alive = shot.alive.copy()
    alive[round(0.1 / STEP) :, 0] = False
    clip = make([(-0.5, 0.0), (0.3, 0.2)], shot=replace(shot, alive=alive), frames=8)
    seen = [(frame.tracks == 1).any() for frame in clip]
    assert seen[:3] == [True] * 3
    assert not any(seen[4:])
    assert all((frame.tracks == 2).any() for frame in clip)


def test_events_are_told_with_the_frame_during_which_they_happen(make: Make, pool: Table) -> None:
    events = tuple(Event("cushion", time, (0,)) for time in (0.0, 0.049, 0.051, 0.4))
    shot = replace(moving([(0.0, 0.0)], 0.5, pool.ball), events=events)
    clip = make([(0.0, 0.0)], shot=shot, frames=6, begin=-1 / 60)
    assert [(frame, event.time) for frame, event in clip.events()] == [
        (0, 0.0), (1, 0.049), (2, 0.051),
    ]  # fmt: skip


@pytest.mark.parametrize("lens", LENSES)
def test_run_lengths_and_boxes_are_those_of_the_map_and_share_no_pixel(
    lens: str, make: Make
) -> None:
    frame = only(make([(0.0, 0.0), (0.05, 0.0), (0.03, 0.05)], camera=oblique(LENSES[lens])))
    total = np.zeros(frame.tracks.shape, int)
    entries = frame_masks(frame)
    assert [entry["track"] for entry in entries] == [1, 2, 3]
    for entry in entries:
        mask = rle.decode(rle.from_coco(entry))
        np.testing.assert_array_equal(mask, frame.tracks == entry["track"])
        assert rle.bbox(rle.from_coco(entry)) == tuple(entry["box"])
        total += mask
    assert total.max() == 1


def test_iterating_twice_renders_the_same_frames(make: Make) -> None:
    clip = make(SPOTS, camera=oblique(LENSES["barrel"]), frames=2)
    for first, second in zip(clip, clip, strict=True):
        np.testing.assert_array_equal(first.rgb, second.rgb)
        np.testing.assert_array_equal(first.tracks, second.tracks)


def test_large_balls_in_the_corner_of_a_wide_picture_are_whole(make: Make, pool: Table) -> None:
    camera = look(
        np.zeros(3), distance=0.62, yaw=1.57, elevation=1.57, roll=0.0, focal=230.0, size=(320, 192)
    )  # fmt: skip
    spot = np.array([0.36, 0.19, pool.ball])
    outline = silhouette(camera, spot, pool.ball)
    assert outline.max() < 320
    frame = only(make([(0.36, 0.19)], camera=camera))
    area = cv2.contourArea(outline)
    assert abs(int((frame.tracks == 1).sum()) - area) < 0.02 * area
