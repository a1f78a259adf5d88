"""Where a ball is expected on the next frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import geometry
from engine.models import place

BOX = (10.0, 20.0, 30.0, 44.0)


def test_a_new_ball_is_expected_where_it_was_boxed() -> None:
    assert place.expected(place.begin(BOX)) == BOX


@given(st.floats(-15, 15), st.floats(-15, 15))
def test_a_ball_that_rolls_evenly_is_soon_expected_where_it_will_be(vx: float, vy: float) -> None:
    spot = place.begin(BOX)
    for k in range(1, 12):
        spot = place.seen(spot, geometry.shift(BOX, k * vx, k * vy))
    expected = geometry.shift(BOX, 12 * vx, 12 * vy)
    assert place.expected(spot) == pytest.approx(expected, abs=0.05)


def test_a_ball_that_is_missed_is_expected_where_it_was_seen_last() -> None:
    spot = place.seen(place.begin(BOX), geometry.shift(BOX, 6, 0))
    waiting = place.missed(place.missed(spot))
    assert geometry.center(place.expected(waiting)) == geometry.center(geometry.shift(BOX, 6, 0))
    assert waiting.absent == 2


def test_a_ball_that_comes_back_elsewhere_has_no_speed_from_the_jump() -> None:
    back = place.seen(place.missed(place.begin(BOX)), geometry.shift(BOX, 80, 0))
    assert (back.vx, back.vy, back.absent) == (0.0, 0.0, 0)


def test_a_mask_that_is_half_hidden_for_a_frame_shrinks_the_ball_by_half_of_that_only() -> None:
    spot = place.seen(place.begin(BOX), (10.0, 20.0, 20.0, 44.0))
    assert spot.width == pytest.approx(15.0)
