"""Where a ball is expected on the next frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import geometry
from engine.adapters.sam2 import place

BOX = (10.0, 20.0, 30.0, 44.0)


def test_a_new_ball_is_expected_where_it_was_boxed():
    assert place.expected(place.begin(BOX)) == BOX


def test_a_ball_at_rest_is_expected_where_it_is():
    spot = place.begin(BOX)
    for _ in range(10):
        spot = place.seen(spot, BOX)
    assert place.expected(spot) == BOX


@given(st.floats(-15, 15), st.floats(-15, 15))
def test_a_ball_that_rolls_evenly_is_soon_expected_where_it_will_be(vx, vy):
    spot = place.begin(BOX)
    for k in range(1, 12):
        spot = place.seen(spot, geometry.shift(BOX, k * vx, k * vy))
    assert place.expected(spot) == pytest.approx(geometry.shift(BOX, 12 * vx, 12 * vy), abs=0.05)


def test_an_absent_ball_stays_where_it_was_and_its_absence_is_counted():
    spot = place.seen(place.begin(BOX), geometry.shift(BOX, 8, 0))
    for _ in range(3):
        spot = place.missed(spot)
    assert spot.absent == 3
    assert geometry.center(place.expected(spot)) == (28.0, 32.0)


def test_the_way_of_an_absence_is_no_speed():
    spot = place.missed(place.begin(BOX))
    spot = place.seen(spot, geometry.shift(BOX, 60, 0))
    assert (spot.vx, spot.vy, spot.absent) == (0.0, 0.0, 0)


def test_a_mask_that_is_half_hidden_for_a_frame_shrinks_the_ball_by_half_of_that_only():
    spot = place.seen(place.begin(BOX), (10.0, 20.0, 20.0, 44.0))
    assert spot.width == pytest.approx(15.0)
