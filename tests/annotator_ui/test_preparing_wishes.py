"""The most urgent wish goes first, then the newest; a clip has one wish, its newest."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator_ui.preparing_wishes import Copy, Find, Wish, Wishes


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def all_of(wishes: Wishes, count: int) -> list[Wish | None]:
    return [taken(wishes) for _ in range(count)]


def taken(wishes: Wishes) -> Wish | None:
    turn = wishes.take()
    return None if turn is None else turn.wish


def test_the_newest_wish_goes_first() -> None:
    wishes = Wishes()
    for clip in "abc":
        wishes.put(Copy(clip))
    assert all_of(wishes, 3) == [Copy("c"), Copy("b"), Copy("a")]


def test_what_is_not_urgent_waits_for_all_that_is() -> None:
    wishes = Wishes()
    wishes.put(Copy("urgent"))
    wishes.put(Copy("later"), urgent=False)
    assert all_of(wishes, 2) == [Copy("urgent"), Copy("later")]


def test_a_newer_wish_for_a_clip_takes_the_older_ones_place() -> None:
    wishes = Wishes()
    for revision in range(5):
        wishes.put(Find("a", revision))
    wishes.put(Find("b", 9), urgent=False)
    assert all_of(wishes, 2) == [Find("a", 4), Find("b", 9)]


def test_a_wish_that_is_not_urgent_never_replaces_one() -> None:
    wishes = Wishes()
    wishes.put(Find("a", 1))
    wishes.put(Find("a", 0), urgent=False)
    wishes.put(Find("b", 2), urgent=False)
    assert all_of(wishes, 2) == [Find("a", 1), Find("b", 2)]


def test_a_wish_is_taken_when_it_is_due_and_not_before() -> None:
    clock = Clock()
    wishes = Wishes(clock=clock)
    wishes.put(Find("soon", 1), after=1.0)
    wishes.put(Find("now", 2), urgent=False)
    assert taken(wishes) == Find("now", 2)
    clock.now += 1.0
    assert taken(wishes) == Find("soon", 1)


def test_every_change_begins_the_wait_anew() -> None:
    clock = Clock()
    wishes = Wishes(clock=clock)
    wishes.put(Find("a", 1), after=1.0)
    clock.now += 0.9
    wishes.put(Find("a", 2), after=1.0)
    clock.now += 0.9
    wishes.put(Find("b", 3))
    assert taken(wishes) == Find("b", 3)
    clock.now += 0.1
    assert taken(wishes) == Find("a", 2)


@pytest.mark.parametrize("after", [0.0, 0.02])
def test_who_waits_is_woken_by_a_wish(after: float) -> None:
    wishes = Wishes()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(taken, wishes)
        wishes.put(Copy("a"), after=after)
        assert waiting.result(timeout=30) == Copy("a")


def test_who_waits_is_let_go_when_the_wishes_are_closed() -> None:
    wishes = Wishes()
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(wishes.take) for _ in range(3)]
        wishes.close()
        assert [one.result(timeout=30) for one in waiting] == [None] * 3
    wishes.put(Copy("a"))
    assert wishes.take() is None


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=30))
def test_each_clip_is_worked_on_once_urgent_ones_first(asked: list[tuple[int, bool]]) -> None:
    wishes, urgent = Wishes(), set()
    for number, (clip, pressing) in enumerate(asked):
        wishes.put(Find(str(clip), number), urgent=pressing)
        urgent |= {str(clip)} if pressing else set()
    clips = {str(clip) for clip, _ in asked}
    turns = [turn for turn in (wishes.take() for _ in clips) if turn]
    assert sorted(turn.wish.clip for turn in turns) == sorted(clips)
    assert {turn.wish.clip for turn in turns[: len(urgent)]} == urgent
    assert [turn.urgent for turn in turns] == [True] * len(urgent) + [False] * (
        len(clips) - len(urgent)
    )
