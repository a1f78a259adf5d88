"""Label Studio's brush and our masks: the same bytes as the sdk writes, the same pixels as it reads."""

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from label_studio_sdk.converter.brush import decode_rle, encode_rle, mask2rle

from engine import rle
from engine.errors import InputError
from ml_backend.pages.brush import from_brush, to_brush

sizes = st.tuples(st.integers(1, 40), st.integers(1, 40))
masks = arrays.arrays(np.bool_, sizes)


def ball(high: int, wide: int, *, x: int = 900, y: int = 500, radius: int = 22):
    """Return a ball's mask, painted in its own box alone."""
    rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    disc = rows * rows + columns * columns <= radius * radius
    return rle.encode(disc, origin=(x - radius, y - radius), size=(high, wide))


def outside(mask):
    """Return what the sdk writes for a mask, bool (h, w)."""
    return mask2rle(mask.astype(np.uint8) * 255)


@given(masks)
def test_the_bytes_are_those_that_the_sdk_writes(mask):
    assert to_brush(rle.encode(mask)) == outside(mask)


@given(masks)
def test_the_sdk_reads_the_pixels_that_were_written(mask):
    read = decode_rle(to_brush(rle.encode(mask))).reshape(*mask.shape, 4)
    assert (read[..., 3] == mask * 255).all()


@given(masks)
def test_what_the_sdk_writes_is_read_as_the_mask_it_was(mask):
    assert from_brush(outside(mask), mask.shape) == rle.encode(mask)


@given(masks)
def test_a_mask_survives_the_way_there_and_back(mask):
    there = rle.encode(mask)
    assert from_brush(to_brush(there), mask.shape) == there


@given(arrays.arrays(np.uint8, sizes))
def test_a_pixel_is_in_the_mask_when_it_is_painted_by_more_than_half(painted):
    written = encode_rle(np.repeat(painted.reshape(-1), 4))
    assert from_brush(written, painted.shape) == rle.encode(painted > 127)


def test_only_the_alpha_of_a_pixel_counts():
    pixels = np.zeros((2, 3, 4), np.uint8)
    pixels[0, 1, 3] = 255
    pixels[1, 2, :3] = 255
    read = from_brush(encode_rle(pixels.reshape(-1)), (2, 3))
    assert rle.decode(read).tolist() == [[False, True, False], [False, False, False]]


@pytest.mark.parametrize("fill", [False, True])
def test_a_picture_of_one_colour_keeps_it(fill):
    mask = np.full((7, 9), fill)
    assert to_brush(rle.encode(mask)) == outside(mask)
    assert from_brush(to_brush(rle.encode(mask)), mask.shape) == rle.encode(mask)


def test_runs_over_the_end_of_a_row_are_one():
    mask = np.zeros((4, 5), bool)
    mask[1, 3:] = mask[2, :2] = True
    assert to_brush(rle.encode(mask)) == outside(mask)


def test_a_ball_of_1080p_is_at_most_three_kilobytes_of_json():
    told = json.dumps(to_brush(ball(1080, 1920)), separators=(",", ":"))
    assert len(told) < 3000


def test_a_ball_of_4k_is_written_and_read_without_drawing_its_picture():
    mask = ball(2160, 3840)
    tracemalloc.start()
    back = from_brush(to_brush(mask), (2160, 3840))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert back == mask
    assert most < 2_000_000  # a picture of it is 8, with its channels 33


def test_a_mask_of_another_picture_is_refused():
    with pytest.raises(InputError, match="expected 96 of 8 for 6 x 4 pixels"):
        from_brush(to_brush(rle.empty((4, 5))), (4, 6))
