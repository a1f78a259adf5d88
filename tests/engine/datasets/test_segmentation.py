"""Segmentations of COCO's JSON become the masks that pycocotools makes of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco

from engine import rle
from engine.datasets.segmentation import mask_of
from engine.errors import InputError

SIZE = (9, 13)
coordinate = st.floats(-3, 16, width=32) | st.integers(0, 13)
polygon = st.integers(3, 7).flatmap(
    lambda points: st.lists(coordinate, min_size=2 * points, max_size=2 * points)
)
masks = arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9)))


def plain(mask) -> list[int]:
    """Return the run lengths of a mask, counted one pixel after the other."""
    runs, value = [0], False
    for pixel in mask.T.ravel():
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    return runs


@given(polygons=st.lists(polygon, min_size=1, max_size=3))
def test_polygons_have_the_pixels_that_pycocotools_gives_them(polygons) -> None:
    own = coco.decode(coco.merge(coco.frPyObjects(polygons, *SIZE))).astype(bool)
    mask = mask_of(polygons, SIZE)
    np.testing.assert_array_equal(rle.decode(mask), own)


@given(mask=masks)
def test_packed_and_plain_run_lengths_say_the_same(mask) -> None:
    packed = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    said = {"size": packed["size"], "counts": packed["counts"].decode()}
    lengths = {"size": packed["size"], "counts": plain(mask)}
    first, second = mask_of(said, mask.shape), mask_of(lengths, mask.shape)
    assert first == second
    np.testing.assert_array_equal(rle.decode(first), mask)


def test_plain_run_lengths_with_empty_runs_give_the_mask_that_equals_the_one_without() -> None:
    empty_runs = mask_of({"size": [3, 2], "counts": [1, 2, 0, 1, 2, 0]}, (3, 2))
    assert empty_runs == mask_of({"size": [3, 2], "counts": [1, 3, 2]}, (3, 2))


@pytest.mark.parametrize("said", [None, []])
def test_null_and_no_polygon_are_not_visible(said) -> None:
    assert mask_of(said, SIZE) is None


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (7, "expected run lengths, polygons or null, got 7"),
        ({}, "expected run lengths"),
        ({"size": [9, 13], "counts": None}, "expected run lengths"),
        ({"size": [13, 9], "counts": [117]}, r"run lengths of \[13, 9\]"),
        ({"size": [9, 13], "counts": [3, 3]}, "cover 6 pixels, the picture has 9 x 13"),
        ({"size": [9, 13], "counts": [-3, 120]}, "from 0 up"),
        ({"size": [9, 13], "counts": [117.0]}, "from 0 up"),
        ({"size": [9, 13], "counts": "~~"}, "not a COCO"),
        ({"size": [3, 2], "counts": "6"}, r"of \(3, 2\)"),
        ([[0, 0, 1, 1]], "3 points"),
        ([[0, 0, 1, 1, 2, 2, 3]], "3 points"),
        ([3, 4, 5, 6, 7, 8], "3 points"),
        ([[0, 0, 1, 1, 2, "x"]], "coordinate 'x'"),
        ([[0, 0, 1, 1, 2, float("nan")]], "coordinate nan"),
        ([[0, 0, 1, 1, 2, 1e9]], "coordinate 1000000000.0.*13 x 9"),
    ],
)  # fmt: skip
def test_what_is_no_segmentation_of_the_picture_is_refused_with_the_value(said, reason) -> None:
    with pytest.raises(InputError, match=reason):
        mask_of(said, SIZE)
