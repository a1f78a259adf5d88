"""What stays in memory: never more than the budget, and what lies around a playhead longest."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotator_ui.model.shelf import NEAR, Shelf

SIDE = 10
SIZE = SIDE * SIDE * 3


def picture(value: int = 0, *, side: int = SIDE):
    return np.full((side, side, 3), value % 256, np.uint8)


def filled(shelf: Shelf, frames, *, clip: str = "a") -> Shelf:
    for frame in frames:
        shelf.put((clip, frame), picture(frame))
    return shelf


def held(shelf: Shelf, *, clip: str = "a") -> list[int]:
    return [frame for frame in range(1000) if (clip, frame) in shelf]


def test_a_picture_comes_back_as_it_was_put() -> None:
    shelf = filled(Shelf(10 * SIZE), [3, 4])
    assert (shelf.get(("a", 4)) == 4).all()
    assert shelf.get(("a", 5)) is None


def test_clips_do_not_mix() -> None:
    shelf = filled(Shelf(10 * SIZE), [3])
    shelf.put(("b", 3), picture(7))
    assert (shelf.get(("a", 3)) == 3).all()
    assert (shelf.get(("b", 3)) == 7).all()


def test_the_least_lately_used_goes_first() -> None:
    shelf = filled(Shelf(3 * SIZE), [1, 2, 3])
    shelf.get(("a", 1))
    filled(shelf, [4])
    assert held(shelf) == [1, 3, 4]


def test_what_lies_around_a_playhead_outlives_a_long_pass() -> None:
    shelf = Shelf(40 * SIZE)
    shelf.rest("a", 100)
    around = range(100 - NEAR, 100 + NEAR + 1)
    filled(shelf, around)
    filled(shelf, range(200, 400))
    assert set(around) <= set(held(shelf))
    assert 399 in held(shelf)


def test_a_playhead_that_moves_on_lets_go_of_where_it_was() -> None:
    shelf = Shelf(20 * SIZE)
    shelf.rest("a", 100)
    filled(shelf, range(92, 109))
    shelf.rest("a", 500)
    filled(shelf, range(492, 509))
    assert set(range(492, 509)) <= set(held(shelf))


def test_more_playheads_than_fit_still_leave_room_for_what_is_new() -> None:
    shelf = Shelf(5 * SIZE)
    shelf.rest("a", 4)
    filled(shelf, range(9))
    assert held(shelf) == [4, 5, 6, 7, 8]


def test_a_picture_larger_than_the_budget_is_not_kept_and_costs_no_other() -> None:
    shelf = filled(Shelf(2 * SIZE), [1, 2])
    shelf.put(("a", 3), picture(side=3 * SIDE))
    assert held(shelf) == [1, 2]


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 60), st.integers(1, 20)), max_size=80),
    st.integers(0, 30 * SIZE),
    st.integers(0, 60),
)
def test_the_bytes_are_those_of_the_pictures_and_never_above_the_budget(puts, limit, rest) -> None:
    shelf, last = Shelf(limit), {}
    shelf.rest("a", rest)
    for clip, frame, side in puts:
        last[clip, frame] = picture(frame, side=side)
        shelf.put((clip, frame), last[clip, frame])
        kept = {place: found for place in last if (found := shelf.get(place)) is not None}
        assert shelf.bytes == sum(found.nbytes for found in kept.values()) <= limit
        assert all(found is last[place] for place, found in kept.items())
        assert (clip, frame) in kept or side * side * 3 > limit
