"""Openings of pockets are those of the picture: dark, in place, hidden when something is before them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.synth import pockets, raster
from engine.synth.camera import Camera, look
from engine.synth.furniture import facets
from engine.synth.lens import Lens
from engine.synth.light import random_lighting
from engine.synth.raster import Stage
from engine.synth.render import RenderedClip
from engine.synth.scene import Scene
from engine.synth.table import Table

Make = Callable[..., RenderedClip]


def view(lens: Lens, elevation: float = 1.5) -> Camera:
    eye = look(
        np.zeros(3),
        distance=3.4,
        yaw=np.pi / 2,
        elevation=elevation,
        roll=0.0,
        focal=560.0,
        size=(640, 384),
    )
    return replace(eye, lens=lens)


def stage(table: Table, camera: Camera) -> Stage:
    rng = np.random.default_rng(5)
    lamps = random_lighting(rng, length=table.length, width=table.width)
    built = raster.empty(camera)
    for facet in facets(rng, table, lamps):
        raster.paint(built, facet)
    return built


@pytest.mark.parametrize("lens", [Lens(), Lens(k1=-0.15, limit=1.2), Lens(k1=0.1, limit=1.2)])
def test_all_six_openings_are_found_where_the_holes_are(lens: Lens, pool: Table) -> None:
    camera = view(lens)
    found = pockets.openings(pockets.holes(stage(pool, camera), pool), np.zeros((384, 640), bool))
    assert len(found) == 6
    for opening, spot in zip(found, pool.pockets(), strict=True):
        assert opening.visible
        middle, depth = camera.project(np.array([*spot, 0.0]))
        size = camera.focal * pool.pocket / float(depth)
        assert np.linalg.norm((opening.x - middle[0], opening.y - middle[1])) < size
        assert 0.6 * size < opening.radius < 1.6 * size


def test_openings_are_dark_in_the_picture(pool: Table) -> None:
    built = stage(pool, view(Lens(k1=-0.15, limit=1.2)))
    picture = raster.reduce(built)
    for hole in pockets.holes(built, pool):
        left, top = hole.corner
        rows, columns = hole.pixels.shape
        part = picture[top : top + rows, left : left + columns]
        assert part[hole.pixels].mean() < 45
        assert part[hole.pixels].mean() < picture.mean()


def test_a_box_is_the_tight_one_of_its_pixels(pool: Table) -> None:
    for hole in pockets.holes(stage(pool, view(Lens(), 0.9)), pool):
        if hole.inside:
            rows, columns = np.nonzero(hole.pixels)
            left, top = hole.corner
            assert hole.box == (
                left + columns.min(), top + rows.min(), left + columns.max() + 1, top + rows.max() + 1
            )  # fmt: skip


def test_a_covered_opening_is_not_visible_but_still_in_its_place(pool: Table) -> None:
    found = pockets.holes(stage(pool, view(Lens())), pool)
    free = pockets.openings(found, np.zeros((384, 640), bool))
    hidden = np.zeros((384, 640), bool)
    hidden[:, :200] = True
    half = pockets.openings(found, hidden)
    assert [opening.visible for opening in half] == [opening.x > 200 for opening in free]
    assert sum(opening.visible for opening in half) == 4
    assert [opening.box for opening in half] == [opening.box for opening in free]


def test_openings_outside_the_picture_are_not_visible(pool: Table) -> None:
    near = look(
        np.zeros(3),
        distance=1.2,
        yaw=np.pi / 2,
        elevation=1.5,
        roll=0.0,
        focal=900.0,
        size=(640, 384),
    )
    found = pockets.openings(pockets.holes(stage(pool, near), pool), np.zeros((384, 640), bool))
    assert [opening.visible for opening in found] == [False] * 6


def test_a_carom_table_has_no_pockets(carom: Table) -> None:
    assert carom.pockets().shape == (0, 2)
    assert pockets.holes(stage(carom, view(Lens())), carom) == []


def test_corner_pockets_lie_behind_the_corners_and_middle_ones_behind_the_long_sides(
    pool: Table,
) -> None:
    spots = pool.pockets()
    assert (np.abs(spots[:4]) > np.array([pool.length, pool.width]) / 2).all()
    assert (spots[4:, 0] == 0).all()
    assert (np.abs(spots[4:, 1]) > pool.width / 2).all()


def test_frames_carry_the_openings_of_their_own_camera(make: Make, pool: Table) -> None:
    clip = make([(0.0, 0.0)], camera=view(Lens()))
    rng = np.random.default_rng(5)
    lamps = random_lighting(rng, length=pool.length, width=pool.width)
    scene: Scene = replace(clip.scene, facets=facets(rng, pool, lamps))
    frame = next(iter(replace(clip, scene=scene)))
    assert [opening.visible for opening in frame.pockets] == [True] * 6
