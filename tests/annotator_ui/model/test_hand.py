"""Steps of many threads done one at a time, clicks in between: nothing is lost, nothing runs beside a click."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from annotator_ui.model.hand import Hand
from annotator_ui.model.turns import Rank
from engine.errors import InputError

WAIT = 20


def test_what_a_step_returns_comes_back_to_who_asked_for_it() -> None:
    with Hand() as hand, ThreadPoolExecutor(10) as people:
        asked = [
            people.submit(hand.do, lambda n=n: n * n, Rank.SPREAD, who=str(n)) for n in range(50)
        ]
        assert [one.result(WAIT) for one in asked] == [n * n for n in range(50)]


def test_an_error_of_a_step_is_raised_where_it_was_asked_for_and_the_next_step_is_done() -> None:
    def fail() -> None:
        raise InputError("a click outside the picture")

    with Hand() as hand:
        for rank in Rank:
            with pytest.raises(InputError, match="outside the picture"):
                hand.do(fail, rank, who="a")
            assert hand.do(lambda: "next", rank, who="a") == "next"


def test_two_spreads_never_work_at_once() -> None:
    inside, most = 0, 0

    def step() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        threading.Event().wait(0.001)
        inside -= 1

    with Hand() as hand, ThreadPoolExecutor(8) as people:
        for who in "abcdefgh":
            people.submit(lambda who=who: [hand.do(step, Rank.SPREAD, who=who) for _ in range(10)])
    assert most == 1


def test_a_click_is_drawn_in_the_middle_of_a_spreads_step_which_then_goes_on() -> None:
    order, started, clicked = [], threading.Event(), threading.Event()
    with Hand() as hand, ThreadPoolExecutor(2) as people:

        def spread() -> None:
            order.append("spread begins")
            started.set()
            clicked.wait(WAIT)
            hand.pause()
            order.append("spread ends")

        def click() -> None:
            clicked.set()
            order.append("click begins")
            threading.Event().wait(0.1)  # time in which a spread that did not pause would end
            order.append("click ends")

        slow = people.submit(hand.do, spread, Rank.SPREAD, who="a")
        started.wait(WAIT)
        hand.do(click, Rank.CLICK, who="b")
        slow.result(WAIT)
    assert order == ["spread begins", "click begins", "click ends", "spread ends"]


def test_a_click_does_not_wait_for_itself_nor_anybody_where_no_click_is_drawn() -> None:
    with Hand() as hand:
        for rank in Rank:
            assert hand.do(lambda: hand.pause() or "done", rank, who="a") == "done"


def test_other_work_waits_for_a_click_too_where_it_asks() -> None:
    started, order = threading.Event(), []

    def click() -> None:
        started.set()
        threading.Event().wait(0.1)
        order.append("click ends")

    with Hand() as hand, ThreadPoolExecutor(1) as people:
        drawn = people.submit(hand.do, click, Rank.CLICK, who="a")
        started.wait(WAIT)
        hand.pause()  # as from a thread that decodes
        order.append("others go on")
        drawn.result(WAIT)
    assert order == ["click ends", "others go on"]


def test_closing_ends_both_threads_after_what_waits() -> None:
    before = threading.active_count()
    hand = Hand()
    done = []
    hand.do(lambda: done.append(1), Rank.LOOK, who="a")
    hand.close()
    assert done == [1]
    assert threading.active_count() == before
