"""Polygons hold masks to the pixel, by our own filling rule and by that of other people's libraries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from engine import rle
from exports.polygons import filled, joined, kept, outlines, polygon_of

sizes = st.tuples(st.integers(1, 20), st.integers(1, 20))
masks = sizes.flatmap(lambda size: hnp.arrays(np.bool_, size)).filter(lambda mask: mask.any())
SQUARE = np.array([(0.0, 0), (4, 0), (4, 4), (0, 4)])


@st.composite
def whole(draw: st.DrawFn) -> np.ndarray:
    """Return a mask of one part without holes: a run in every column, each beside the one before."""
    mask = np.zeros(draw(sizes), np.bool_)
    top, bottom = 0, len(mask)
    for column in mask.T:
        beside = draw(st.integers(top, bottom - 1))
        top, bottom = draw(st.integers(0, beside)), draw(st.integers(beside + 1, len(mask)))
        column[top:bottom] = True
    return mask


def picture(*rows: str) -> np.ndarray:
    return np.array([[sign == "#" for sign in row] for row in rows])


def shoelace(ring: np.ndarray) -> float:
    after = np.roll(ring, -1, axis=0)
    return float((ring[:, 0] * after[:, 1] - ring[:, 1] * after[:, 0]).sum() / 2)


@given(masks)
def test_a_mask_with_parts_and_holes_is_one_polygon_and_comes_back(mask: np.ndarray) -> None:
    polygon = polygon_of(rle.encode(mask))
    np.testing.assert_array_equal(filled(polygon, mask.shape), mask)
    assert kept(rle.encode(mask), polygon) == 1.0


@given(masks)
def test_even_a_pixel_has_four_corners_and_all_of_them_lie_in_the_picture(mask: np.ndarray) -> None:
    polygon = polygon_of(rle.encode(mask))
    assert len(polygon) >= 4
    assert (polygon >= 0).all()
    assert (polygon <= (mask.shape[1], mask.shape[0])).all()


@given(masks)
def test_the_box_around_a_polygon_is_that_of_the_mask(mask: np.ndarray) -> None:
    encoded = rle.encode(mask)
    polygon = polygon_of(encoded)
    assert (*polygon.min(axis=0), *polygon.max(axis=0)) == rle.bbox(encoded)


def test_a_disc_in_a_large_picture_has_a_few_dozen_points_and_the_area_of_its_pixels() -> None:
    rows, columns = np.mgrid[:1080, :1920]
    mask = (columns - 900) ** 2 + (rows - 500) ** 2 < 16**2
    polygon = polygon_of(rle.encode(mask))
    assert len(polygon) < 60
    assert abs(shoelace(polygon)) == pytest.approx(mask.sum(), rel=0.01)


def test_outlines_of_parts_go_clockwise_and_those_of_holes_the_other_way() -> None:
    rings = outlines(picture("#####", "#...#", "#.#.#", "#...#", "#####"))
    assert sorted(np.sign(shoelace(ring)) for ring in rings) == [-1, 1, 1]


def test_pixels_that_touch_at_a_corner_are_one_part() -> None:
    assert len(outlines(picture("#..", ".#.", "..#"))) == 1
    assert len(outlines(picture("#.", "..", ".#"))) == 2


def test_a_bridge_is_the_shortest_and_is_walked_there_and_back() -> None:
    near, far = SQUARE + (10, 0), SQUARE + (30, 0)  # noqa: RUF005 - a sum
    whole = joined([SQUARE, far, near])
    assert len(whole) == 4 + 2 * (4 + 2)
    steps = np.roll(whole, -1, axis=0) - whole
    lengths = sorted(np.abs(steps).sum(axis=1))
    assert lengths[-4:] == [6, 6, 16, 16]
    assert shoelace(whole) == pytest.approx(3 * 16)


def test_filling_goes_by_the_middles_of_pixels() -> None:
    triangle = np.array([(0.0, 0), (4.2, 0), (0, 4.2)])
    expected = picture("####.", "###..", "##...", "#....")
    np.testing.assert_array_equal(filled(triangle, (4, 5)), expected)


def test_what_a_coarser_polygon_loses_is_measured() -> None:
    mask = np.zeros((10, 10), bool)
    mask[2:8, 2:8] = True
    half = np.array([(2.0, 2), (5, 2), (5, 8), (2, 8)])
    assert kept(rle.encode(mask), half) == 0.5
    assert kept(rle.encode(mask), half + 100) == 0.0


@given(masks)
def test_opencv_fills_a_polygon_in_one_part_with_the_mask_and_nothing_but_its_rim(
    mask: np.ndarray,
) -> None:
    cv2 = pytest.importorskip("cv2")
    canvas = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(canvas, [np.floor(polygon_of(rle.encode(mask))).astype(np.int32)], 1)
    assert canvas[mask].all()
    if len(outlines(mask)) == 1:
        rim = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8))
        assert not canvas[rim == 0].any()


@given(whole())
def test_pycocotools_fills_a_polygon_without_bridges_with_the_mask(mask: np.ndarray) -> None:
    assert len(outlines(mask)) == 1
    points = polygon_of(rle.encode(mask)).ravel().tolist()
    found = coco.decode(coco.frPyObjects([points], *mask.shape)[0])
    np.testing.assert_array_equal(found.astype(bool), mask)
