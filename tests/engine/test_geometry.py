"""Boxes behave like sets of pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import geometry

corner = st.integers(-20, 40)
boxes = st.tuples(corner, corner, st.integers(1, 20), st.integers(1, 20)).map(
    lambda b: (float(b[0]), float(b[1]), float(b[0] + b[2]), float(b[1] + b[3]))
)


def pixels(box: tuple[float, float, float, float]) -> np.ndarray:
    canvas = np.zeros((80, 80), bool)
    x0, y0, x1, y1 = (int(v) + 20 for v in box)
    canvas[y0:y1, x0:x1] = True
    return canvas


@given(boxes, boxes)
def test_overlap_is_that_of_the_pixels(a: geometry.Box, b: geometry.Box) -> None:
    first, second = pixels(a), pixels(b)
    assert geometry.iou(a, b) == (first & second).sum() / (first | second).sum()


@given(st.lists(boxes, max_size=4), st.lists(boxes, max_size=4))
def test_the_matrix_holds_every_pair(a: list[geometry.Box], b: list[geometry.Box]) -> None:
    matrix = geometry.iou_matrix(a, b)
    assert matrix.shape == (len(a), len(b))
    expected = [[geometry.iou(x, y) for y in b] for x in a]
    np.testing.assert_allclose(matrix, np.reshape(expected, matrix.shape))


@given(boxes)
def test_a_clipped_box_lies_inside_the_picture(box: geometry.Box) -> None:
    x0, y0, x1, y1 = geometry.clip_to(box, width=30, height=20)
    assert 0 <= x0 <= x1 <= 30
    assert 0 <= y0 <= y1 <= 20


@given(boxes, corner, corner)
def test_shifting_keeps_size_and_moves_the_centre(box: geometry.Box, dx: int, dy: int) -> None:
    moved = geometry.shift(box, dx, dy)
    assert (geometry.width(moved), geometry.height(moved)) == (
        geometry.width(box),
        geometry.height(box),
    )
    x, y = geometry.center(box)
    assert geometry.center(moved) == (x + dx, y + dy)


def test_an_inverted_box_has_no_area() -> None:
    assert geometry.area((5, 5, 3, 9)) == 0.0
    assert geometry.iou((5, 5, 3, 9), (5, 5, 3, 9)) == 0.0


@given(boxes, st.floats(0.1, 10))
def test_a_scaled_box_keeps_its_centre_and_multiplies_its_sides(box, factor):
    scaled = geometry.scale(box, factor)
    assert geometry.center(scaled) == pytest.approx(geometry.center(box), abs=1e-6)
    assert geometry.width(scaled) == pytest.approx(geometry.width(box) * factor, abs=1e-6)
    assert geometry.height(scaled) == pytest.approx(geometry.height(box) * factor, abs=1e-6)
