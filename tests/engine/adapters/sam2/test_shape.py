"""How thick a mask is: what smears and hides a ball leaves it thinner, what takes in its surroundings thicker."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.adapters.sam2 import shape

SIZE = (120, 160)


def disc(radius, *, x=60, y=60):
    picture = np.zeros(SIZE, np.uint8)
    cv2.circle(picture, (x, y), radius, 1, -1)
    return picture.astype(bool)


@given(st.integers(3, 25))
def test_a_disc_is_as_thick_as_its_diameter(radius):
    assert shape.thickness(rle.encode(disc(radius))) == pytest.approx(2 * radius, abs=1.5)


@given(st.floats(0, np.pi))
def test_a_ball_smeared_in_any_direction_is_no_thicker(angle):
    picture = np.zeros(SIZE, np.uint8)
    way = np.array([np.cos(angle), np.sin(angle)]) * 25
    ends = [tuple(int(v) for v in (80, 60) + k * way) for k in (-1, 1)]
    cv2.line(picture, ends[0], ends[1], 1, 20)
    assert shape.thickness(rle.encode(picture.astype(bool))) == pytest.approx(20, abs=3)


def test_an_empty_mask_has_no_thickness():
    assert shape.thickness(rle.empty(SIZE)) == 0


def test_a_ball_cut_by_the_edge_of_the_picture_is_no_thicker_than_whole():
    assert shape.thickness(rle.encode(disc(10, x=4))) <= 21


def test_a_mask_that_takes_in_the_pocket_is_swollen():
    assert shape.swollen(rle.encode(disc(16)), 20)


def test_two_touching_balls_in_one_mask_are_no_thicker_than_one():
    both = disc(10, x=50) | disc(10, x=70)
    assert not shape.swollen(rle.encode(both), 20)


def test_a_ball_that_rolls_nearer_grows_and_one_that_grows_at_once_does_not():
    full = shape.whole(rle.encode(disc(10)), 0)
    for radius in (10, 10, 11, 11, 11, 11, 12, 12, 12, 12):
        full = shape.whole(rle.encode(disc(radius)), full)
    assert full == pytest.approx(24, abs=2)
    assert shape.whole(rle.encode(disc(30)), full) == pytest.approx(full * 1.02)


def test_a_hidden_ball_keeps_its_thickness_for_long():
    full = 20.0
    for _ in range(30):
        full = shape.whole(rle.encode(disc(2)), full)
    assert full > 17
