"""Each fault of cameras and encoders, and each kind of clutter, does what it says and no more."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training import detector_colour as colour
from engine.training.detector_data import Balls
from engine.types import Image

NONE = Balls(np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
FAULTS = (colour._hue, colour._light, colour._blur, colour._streak, colour._noise, colour._encode)


def flat(red: int, green: int, blue: int) -> Image:
    return np.full((40, 60, 3), (red, green, blue), np.uint8)


def edge() -> Image:
    """Return a picture black on the left and white on the right."""
    rgb = flat(0, 0, 0)
    rgb[:, 30:] = 255
    return rgb


@pytest.mark.parametrize("fault", FAULTS)
@given(seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_every_fault_returns_a_picture_of_the_same_kind(fault: object, seed: int) -> None:
    rgb = np.random.default_rng(seed).integers(0, 256, (24, 36, 3), dtype=np.uint8)
    before = rgb.copy()
    result = fault(rgb, np.random.default_rng(seed))  # type: ignore[operator]  # all of one signature
    assert (result.shape, result.dtype) == (rgb.shape, rgb.dtype)
    assert (rgb == before).all()


@pytest.mark.parametrize("seed", range(12))
def test_grey_stays_grey_when_hue_and_saturation_change(seed: int) -> None:
    """So a cue ball stays a cue ball and the eight the eight, whatever the cloth becomes."""
    for level in (10, 128, 245):
        result = colour._hue(flat(level, level, level), np.random.default_rng(seed))
        assert int(np.ptp(result.astype(int), axis=2).max()) <= 2


def test_a_cameras_hue_never_makes_a_red_ball_another() -> None:
    """Snooker colours are told apart by hue: faults of a camera must leave them what they are."""
    red = flat(200, 40, 40)
    turned = [colour._hue(red, np.random.default_rng(seed))[0, 0].argmax() for seed in range(80)]
    assert set(turned) == {0}


def test_recolouring_turns_every_hue_to_any_other_and_leaves_grey_alone() -> None:
    rgb = np.concatenate([flat(200, 40, 40), flat(128, 128, 128)], 1)
    before = rgb.copy()
    first = set()
    for seed in range(40):
        result = colour.recolour(rgb, np.random.default_rng(seed))
        assert (result.shape, result.dtype) == (rgb.shape, rgb.dtype)
        assert int(np.ptp(result[0, -1].astype(int))) <= 2
        first.add(int(result[0, 0].argmax()))
    assert first == {0, 1, 2}
    assert (rgb == before).all()


@pytest.mark.parametrize("seed", range(8))
def test_brighter_stays_brighter_in_any_light(seed: int) -> None:
    ramp = np.repeat(np.arange(0, 240, 4, dtype=np.uint8)[None, :, None], 3, 2).repeat(10, 0)
    result = colour._light(ramp, np.random.default_rng(seed)).astype(int)
    assert (np.diff(result, axis=1) >= 0).all()


@pytest.mark.parametrize("fault", [colour._blur, colour._streak])
def test_a_blurred_edge_is_soft_and_flat_areas_stay(fault: object) -> None:
    softer = 0
    for seed in range(10):
        result = fault(edge(), np.random.default_rng(seed))  # type: ignore[operator]  # as above
        assert result[5:-5, :20].max() == 0
        assert result[5:-5, -20:].min() == 255
        softer += int(((result > 5) & (result < 250)).any())
    assert softer >= 5


def test_noise_has_no_bias() -> None:
    means = [
        colour._noise(flat(120, 120, 120), np.random.default_rng(seed)).mean() for seed in range(10)
    ]
    assert abs(np.mean(means) - 120) < 1


def test_compression_keeps_colours_roughly() -> None:
    for seed in range(10):
        result = colour._encode(flat(40, 130, 210), np.random.default_rng(seed)).astype(int)
        assert np.abs(result - [40, 130, 210]).max() <= 12


@pytest.mark.parametrize("shape", sorted(set(colour.SHAPES), key=lambda one: one.__name__))
def test_every_kind_of_clutter_leaves_a_mark_sooner_or_later(shape: object) -> None:
    rng = np.random.default_rng(3)
    marked = 0
    for _ in range(20):
        layer = flat(90, 90, 90)
        shape(layer, 12.0, rng)  # type: ignore[operator]  # as above
        marked += int((layer != 90).any())
    assert marked >= 5


def test_spots_are_never_of_the_size_of_balls() -> None:
    """A flat disc as large as a ball would be a ball that the labels deny."""
    rng = np.random.default_rng(5)
    for _ in range(60):
        layer = np.full((200, 200, 3), 90, np.uint8)
        colour._spot(layer, 20.0, rng)
        marked = np.argwhere((np.abs(layer.astype(int) - 90) > 40).any(2))
        inside = len(marked) and marked.min() > 0 and marked.max() < 199
        if inside:
            across = int(np.ptp(marked[:, 1])) + 1
            assert across <= 12 or across >= 36


def test_a_picture_without_balls_can_be_cluttered_everywhere() -> None:
    touched = np.zeros((40, 60), np.bool_)
    for seed in range(150):
        touched |= (colour.clutter(flat(90, 90, 90), NONE, np.random.default_rng(seed)) != 90).any(
            2
        )
    assert touched.mean() > 0.9
