"""Cameras project the world into pixels and back, through any lens, from anywhere."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.synth.camera import Camera, look, moved
from engine.synth.lens import Lens, random_lens
from engine.synth.preset import PRESETS
from engine.synth.shake import random_shake, shaken
from engine.synth.table import Table
from engine.synth.views import VIEWS, random_camera

angles = st.floats(0.0, 6.28)
heights = st.floats(0.35, 1.55)
spots = st.tuples(st.floats(-1.2, 1.2), st.floats(-0.6, 0.6))


def camera(yaw: float, elevation: float, lens: Lens | None = None) -> Camera:
    made = look(
        np.array([0.1, -0.05, 0.0]),
        distance=3.0,
        yaw=yaw,
        elevation=elevation,
        roll=0.01,
        focal=900.0,
        size=(640, 360),
    )
    return made if lens is None else replace(made, lens=lens)


@given(angles, heights, spots, st.integers(0, 999))
def test_what_is_projected_comes_back_to_its_place_on_the_table(
    yaw: float, elevation: float, spot: tuple[float, float], seed: int
) -> None:
    eye = camera(yaw, elevation)
    bent = replace(eye, lens=random_lens(np.random.default_rng(seed), eye.reach))
    point = np.array([*spot, 0.028])
    for each in (eye, bent):
        pixels, depth = each.project(point)
        assert depth > 0
        np.testing.assert_allclose(each.unproject(pixels, 0.028), point, atol=1e-6)


@given(angles, heights)
def test_the_target_is_in_the_middle_of_the_picture(yaw: float, elevation: float) -> None:
    pixels, depth = camera(yaw, elevation).project(np.array([0.1, -0.05, 0.0]))
    np.testing.assert_allclose(pixels, (320, 180), atol=1e-6)
    assert depth == pytest.approx(3.0)


@given(angles, heights)
def test_rotations_are_orthonormal_and_right_handed(yaw: float, elevation: float) -> None:
    rows = camera(yaw, elevation).rotation
    np.testing.assert_allclose(rows @ rows.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(rows) == pytest.approx(1.0)


def test_higher_things_are_higher_in_the_picture() -> None:
    eye = camera(0.7, 0.6)
    low, high = eye.project(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.1]]))[0]
    assert high[1] < low[1]


def test_planes_agree_with_projected_points() -> None:
    eye = camera(0.7, 0.6)
    origin, along, across = (
        np.array([0.2, 0.1, 0.03]),
        np.array([0.5, 0, 0]),
        np.array([0, 0.3, 0.1]),
    )
    u, v, depth = eye.plane(origin, along, across) @ (0.25, 0.75, 1.0)
    pixels, far = eye.project(origin + 0.25 * along + 0.75 * across)
    np.testing.assert_allclose((u / depth, v / depth), pixels)
    assert depth == pytest.approx(float(far))


@pytest.mark.parametrize("lens", [Lens(), Lens(k1=-0.2), Lens(k1=0.1, k2=-0.05)])
def test_rays_of_pixels_lead_to_points_that_are_seen_there(lens: Lens) -> None:
    eye = camera(0.7, 0.6, lens)
    x, y = np.broadcast_arrays(*eye.rays(np.array([10.5, 300.0, 630.0]), np.array([5.0, 350.0])))
    assert x.shape == (2, 3)
    ahead = np.stack([x, y, np.ones_like(x)], axis=-1)
    pixels, _ = eye.project(eye.centre + 2.5 * ahead @ eye.rotation)
    np.testing.assert_allclose(pixels[1, 2], (630.0, 350.0), atol=1e-6)
    np.testing.assert_allclose(pixels[0, 0], (10.5, 5.0), atol=1e-6)


def test_a_bent_lens_bends_the_edge_of_the_table() -> None:
    edge = np.stack([np.linspace(-1, 1, 9), np.full(9, 0.6), np.zeros(9)], axis=1)

    def sag(eye: Camera) -> float:
        pixels = eye.project(edge)[0]
        way = (pixels[-1] - pixels[0]) / np.linalg.norm(pixels[-1] - pixels[0])
        off = pixels - pixels[0]
        return float(np.abs(off[:, 0] * way[1] - off[:, 1] * way[0]).max())

    assert sag(camera(1.57, 1.5)) < 1e-6
    assert sag(camera(1.57, 1.5, Lens(k1=-0.25))) > 2


def test_turning_a_camera_to_the_right_moves_the_picture_to_the_left() -> None:
    eye = camera(0.3, 0.8)
    turned = moved(eye, turn=np.array([0.0, 0.01, 0.0]), shift=np.zeros(3))
    before, after = (each.project(np.zeros(3))[0] for each in (eye, turned))
    assert abs(abs(after[0] - before[0]) - 9) < 0.5
    assert abs(after[1] - before[1]) < 0.5


def test_moving_a_camera_forward_brings_the_table_nearer() -> None:
    eye = camera(0.3, 0.8)
    nearer = moved(eye, turn=np.zeros(3), shift=np.array([0.0, 0.0, 0.5]))
    assert nearer.project(np.zeros(3))[1] < eye.project(np.zeros(3))[1]
    np.testing.assert_array_equal(nearer.rotation, eye.rotation)


@given(st.integers(0, 500), st.floats(0, 60))
def test_a_hand_held_camera_stays_near_its_place_and_a_rotation(seed: int, seconds: float) -> None:
    eye = camera(0.3, 0.8)
    held = shaken(eye, random_shake(np.random.default_rng(seed), eye), seconds)
    np.testing.assert_allclose(held.rotation @ held.rotation.T, np.eye(3), atol=1e-9)
    away = held.project(np.zeros(3))[0] - eye.project(np.zeros(3))[0]
    assert np.linalg.norm(away) < 45


def test_a_hand_moves_smoothly_from_frame_to_frame() -> None:
    eye = camera(0.3, 0.8)
    shake = random_shake(np.random.default_rng(4), eye)
    ways = [shaken(eye, shake, k / 30).project(np.zeros(3))[0] for k in range(60)]
    steps = np.linalg.norm(np.diff(ways, axis=0), axis=1)
    assert 0 < steps.max() < 3


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_sees_the_table_from_above_the_cloth(view: str, pool: Table) -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        eye = random_camera(rng, pool, (640, 360), view, preset=PRESETS["mixed"], focus=np.zeros(2))
        assert eye.centre[2] > 0.3
        pixels, depth = eye.project(np.array([[0.0, 0.0, 0.0]]))
        assert depth[0] > 0.3
        assert (np.abs(pixels - (320, 180)) < (1100, 700)).all()


def test_views_differ_as_their_names_say(pool: Table) -> None:
    def eyes(view: str) -> list[Camera]:
        return [
            random_camera(np.random.default_rng(k), pool, (640, 360), view,
                          preset=PRESETS["mixed"], focus=np.zeros(2))
            for k in range(10)
        ]  # fmt: skip

    assert all(-eye.rotation[2, 2] > 0.95 for eye in eyes("overhead"))
    assert all(eye.focal >= 3 * 640 for eye in eyes("tele"))
    assert all(eye.focal <= 640 for eye in eyes("corner"))
    assert all(abs(eye.rotation[2, 1]) < 0.15 for eye in eyes("broadcast"))
    assert all(min(abs(eye.rotation[2, :2])) > 0.05 for eye in eyes("corner"))
