"""Whose step is next: the most urgent kind, then whoever was served longest ago, then the oldest step."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from annotator_ui.model.turns import Rank, Turns

ASKED = st.lists(st.tuples(st.sampled_from(Rank), st.sampled_from("abc")), max_size=30)


def test_nobody_is_served_where_nobody_waits() -> None:
    assert Turns().take() is None


def test_a_click_goes_before_everything_that_came_earlier() -> None:
    turns = Turns()
    for rank in (Rank.LOOK, Rank.SPREAD, Rank.WARM):
        turns.ask(rank, who="a")
    click = turns.ask(Rank.CLICK, who="b")
    assert turns.take() == click


def test_a_look_waits_until_nothing_else_does() -> None:
    turns = Turns()
    look = turns.ask(Rank.LOOK, who="a")
    spread = turns.ask(Rank.SPREAD, who="b")
    assert [turns.take(), turns.take()] == [spread, look]


def test_three_spreads_take_turns_frame_by_frame_whoever_began() -> None:
    turns = Turns()
    for who in "abc":
        turns.ask(Rank.SPREAD, who=who)
    served = []
    for _ in range(9):
        ticket = turns.take()
        served.append(ticket.who)
        turns.ask(Rank.SPREAD, who=ticket.who)
    assert served == list("abc" * 3)


def test_somebody_with_many_spreads_gets_no_more_than_somebody_with_one() -> None:
    turns = Turns()
    for who in "aaab":
        turns.ask(Rank.SPREAD, who=who)
    served = Counter()
    for _ in range(20):
        ticket = turns.take()
        served[ticket.who] += 1
        turns.ask(Rank.SPREAD, who=ticket.who)
    assert served == {"a": 10, "b": 10}


def test_of_one_persons_steps_the_oldest_is_first() -> None:
    turns = Turns()
    clicks = [turns.ask(Rank.CLICK, who="a") for _ in range(3)]
    assert [turns.take() for _ in clicks] == clicks


def test_a_newcomer_does_not_wait_for_the_round_to_end() -> None:
    turns = Turns()
    for who in "ab":
        turns.ask(Rank.SPREAD, who=who)
    first = turns.take()
    turns.ask(Rank.SPREAD, who=first.who)
    turns.take()
    turns.ask(Rank.SPREAD, who="new")
    assert turns.take().who == "new"


def test_who_looks_for_clicks_alone_finds_no_spread() -> None:
    turns = Turns()
    turns.ask(Rank.SPREAD, who="a")
    assert turns.take({Rank.CLICK}) is None
    assert len(turns) == 1


@given(ASKED)
def test_every_step_is_done_once_and_none_before_a_more_urgent_one(asked) -> None:
    turns = Turns()
    tickets = [turns.ask(rank, who=who) for rank, who in asked]
    done = [turns.take() for _ in tickets]
    assert turns.take() is None
    assert sorted(done, key=lambda ticket: ticket.number) == tickets
    assert [ticket.rank for ticket in done] == sorted(ticket.rank for ticket in tickets)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40))
def test_nobody_is_served_twice_while_another_waits_for_a_first_time(names) -> None:
    turns = Turns()
    for who in names:
        turns.ask(Rank.CLICK, who=who)
    served = [turns.take().who for _ in names]
    people = len(set(names))
    assert set(served[:people]) == set(names)
