"""Masks at another resolution: each pixel shows the old one under its centre."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from engine import rle
from engine.types import Clip, FrameMasks, Track, TrackMask
from exports.masks import ClipMasks
from exports.notes import Notes
from exports.scaling import scaled, scaled_clip, scaled_mask

SIDES = st.integers(1, 40)
MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24))


def clip_of(width: int, height: int) -> Clip:
    return Clip("game", "cafe", "x.mp4", 0, 1, width, height, Fraction(30))


def nearest(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Look at the old pixel under the centre of each new one, pixel by pixel, in exact arithmetic."""
    out = np.zeros(size, np.bool_)
    for y in range(size[0]):
        for x in range(size[1]):
            below = Fraction(2 * y + 1, 2 * size[0]) * mask.shape[0]
            right = Fraction(2 * x + 1, 2 * size[1]) * mask.shape[1]
            out[y, x] = mask[int(below), int(right)]
    return out


@given(MASKS, SIDES, SIDES)
def test_each_pixel_is_the_old_one_under_its_centre(
    mask: NDArray[np.bool_], height: int, width: int
) -> None:
    small = scaled_mask(rle.encode(mask), (height, width))
    assert small.size == (height, width)
    assert np.array_equal(rle.decode(small), nearest(mask, (height, width)))


@given(MASKS)
def test_the_same_size_changes_nothing(mask: NDArray[np.bool_]) -> None:
    whole = rle.encode(mask)
    assert scaled_mask(whole, whole.size) == whole


@given(arrays(np.uint8, (18, 21), elements=st.integers(0, 3)), SIDES, SIDES)
def test_masks_that_were_apart_stay_apart(
    owners: NDArray[np.uint8], height: int, width: int
) -> None:
    parts = [scaled_mask(rle.encode(owners == n), (height, width)) for n in range(4)]
    assert np.array_equal(sum(rle.decode(part).astype(int) for part in parts), np.ones((height, width)))  # fmt: skip


@pytest.mark.parametrize(
    ("size", "lines", "shown"),
    [
        ((1920, 1080), 480, (853, 480)),
        ((1280, 720), 480, (853, 480)),
        ((854, 480), 480, (854, 480)),
        ((1080, 1920), 480, (270, 480)),
        ((1, 4000), 480, (1, 480)),
    ],
)
def test_a_clip_keeps_its_shape(size: tuple[int, int], lines: int, shown: tuple[int, int]) -> None:
    clip = scaled_clip(clip_of(*size), lines)
    assert (clip.width, clip.height) == shown


def test_a_mask_of_which_nothing_is_left_is_not_visible_and_noted() -> None:
    large, speck = np.zeros((40, 40), np.bool_), np.zeros((40, 40), np.bool_)
    large[:20], speck[0, 0] = True, True
    row = FrameMasks(0, (TrackMask(1, rle.encode(large)), TrackMask(2, rle.encode(speck))))
    masks = ClipMasks(clip_of(40, 40), (row, row), (Track(1, "cue"), Track(2, "eight")))
    notes = Notes()
    small = scaled(masks, scaled_clip(masks.clip, 8), notes)
    assert [mask.track for row in small.rows for mask in row.masks] == [1, 1]
    assert small.tracks == (Track(1, "cue"),)
    assert small.size == (8, 8)
    assert notes.lines == ["game: track 2 is too small at 8x8 on 2 frames"]
