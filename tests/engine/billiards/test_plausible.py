"""A ball lies on the cloth, is as large as its neighbours and not much longer than wide; all else is no ball."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.billiards.plausible import aspect, of_one_size, plausible
from engine.types import Box, Detection


def frame() -> NDArray[np.uint8]:
    """Return 360 x 640: blue cloth in columns 120 to 520 and rows 60 to 300, dark carpet around."""
    rgb = np.full((360, 640, 3), (50, 40, 40), np.uint8)
    rgb[60:300, 120:520] = (40, 130, 210)
    return rgb


def ball(x: float, y: float, size: float = 20, *, wide: float = 1.0) -> Detection:
    """Return a detection centred at (x, y)."""
    half = size / 2
    return Detection(0, (x - half * wide, y - half, x + half * wide, y + half), "solid", 0.9)


ROW = [ball(150 + 50 * k, 80 + 25 * k, 16 + k) for k in range(8)]


def test_balls_on_the_cloth_stay_in_their_order() -> None:
    assert plausible(ROW[::-1], frame()) == tuple(ROW[::-1])


@pytest.mark.parametrize("place", [(60, 180), (320, 20), (600, 330), (320, 340)])
def test_what_lies_on_carpet_banner_or_score_board_goes(place: tuple[float, float]) -> None:
    assert plausible([*ROW, ball(*place)], frame()) == tuple(ROW)


def test_a_ball_at_the_cushion_stays_though_half_of_it_is_off_the_cloth() -> None:
    near = ball(320, 62)
    assert near in plausible([*ROW, near], frame())


def test_a_long_thin_thing_is_a_cue_and_no_ball() -> None:
    cue = ball(320, 200, 10, wide=6)
    assert plausible([ball(200, 200), cue], frame()) == (ball(200, 200),)


def test_a_smeared_ball_in_flight_stays() -> None:
    fast = ball(320, 200, 18, wide=1.7)
    assert fast in plausible([*ROW, fast], frame())


@pytest.mark.parametrize("size", [5, 60])
def test_what_is_far_smaller_or_larger_than_its_neighbours_goes(size: float) -> None:
    odd = ball(330, 120, size)
    assert plausible([*ROW, odd], frame()) == tuple(ROW)


def test_where_no_table_is_seen_everything_stays() -> None:
    crowd = np.random.default_rng(0).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    odd = [ball(5, 5, 90), ball(320, 200, 4, wide=20)]
    assert plausible(odd, crowd) == tuple(odd)


def test_an_empty_table_stays_empty() -> None:
    assert plausible([], frame()) == ()


def test_perspective_is_no_reason_to_drop_a_ball() -> None:
    sizes = [(100 + 30 * k, 14 + 3 * k) for k in range(8)]
    boxes: list[Box] = [(50, y - s / 2, 50 + s, y + s / 2) for y, s in sizes]
    assert all(of_one_size(boxes))
    assert of_one_size([*boxes, (50, 90, 92, 132)])[-1] is False


@given(st.lists(st.floats(1, 500), max_size=4))
def test_four_sizes_prove_nothing(sizes: list[float]) -> None:
    assert all(of_one_size([(0, 0, size, size) for size in sizes]))


@given(st.lists(st.tuples(st.floats(0, 900), st.floats(10, 17)), min_size=5, max_size=30))
def test_balls_in_one_row_and_of_nearly_one_size_all_stay(
    places: list[tuple[float, float]],
) -> None:
    boxes: list[Box] = [(x, 100.0, x + size, 100.0 + size) for x, size in places]
    assert all(of_one_size(boxes))


def test_aspect_is_at_least_one_and_infinite_without_area() -> None:
    assert aspect((0, 0, 10, 5)) == aspect((0, 0, 5, 10)) == 2
    assert aspect((0, 0, 0, 5)) == float("inf")


OFF = [ball(60, 40 + 60 * k) for k in range(5)]


def test_cloth_that_lies_elsewhere_than_most_balls_is_a_floor_and_judges_none() -> None:
    seen = [*OFF, ball(300, 180), ball(340, 180)]
    assert plausible(seen, frame()) == tuple(seen)


def test_half_of_the_balls_on_it_are_enough_to_trust_the_cloth() -> None:
    on = [ball(200 + 40 * k, 180) for k in range(5)]
    assert plausible([*OFF, *on], frame()) == tuple(on)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_finds_off_the_cloth_prove_nothing_against_it(count: int) -> None:
    assert plausible(OFF[:count], frame()) == ()
