"""What every Claims promises: one tab at a time works on a clip, and a claim that nobody renews runs out."""

from datetime import timedelta
from typing import TypeAlias

import pytest

from db.connect import Database
from engine.errors import SelectionError
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import Claim

Stores: TypeAlias = Database | MemoryDatabase


def claim(stores: Stores, user: str = "maria", tab: str = "tab-1", *, force: bool = False) -> Claim:
    return stores.desk.claims.claim("table-0", user=user, tab=tab, force=force)


def test_a_free_clip_is_taken_for_half_a_minute(stocked: Stores, clock: ManualClock) -> None:
    taken = claim(stocked)
    assert taken == Claim("table-0", "maria", "tab-1", clock.now, clock.now + timedelta(seconds=30))
    assert stocked.desk.claims.holders() == {"table-0": taken}


def test_the_second_is_told_who_was_first(stocked: Stores) -> None:
    first = claim(stocked)
    assert claim(stocked, "bo", "tab-2") == first
    assert stocked.desk.claims.holders() == {"table-0": first}


def test_another_tab_of_the_same_person_is_second_too(stocked: Stores) -> None:
    first = claim(stocked)
    assert claim(stocked, "maria", "tab-2") == first


def test_a_tab_that_changed_hands_is_not_the_same_any_more(stocked: Stores) -> None:
    first = claim(stocked)
    assert claim(stocked, "bo", "tab-1") == first


def test_renewing_keeps_since_and_moves_until(stocked: Stores, clock: ManualClock) -> None:
    first = claim(stocked)
    clock.advance(20)
    renewed = claim(stocked)
    assert (renewed.since, renewed.until) == (first.since, clock.now + timedelta(seconds=30))
    clock.advance(29)
    assert claim(stocked, "bo", "tab-2") == renewed


@pytest.mark.parametrize(("waited", "holder"), [(29, "maria"), (30, "bo"), (31, "bo")])
def test_a_claim_that_ran_out_is_anybodys(
    stocked: Stores, clock: ManualClock, waited: int, holder: str
) -> None:
    claim(stocked)
    clock.advance(waited)
    assert claim(stocked, "bo", "tab-2").user == holder


def test_a_claim_that_ran_out_is_not_shown_and_begins_anew(
    stocked: Stores, clock: ManualClock
) -> None:
    claim(stocked)
    clock.advance(30)
    assert stocked.desk.claims.holders() == {}
    assert claim(stocked).since == clock.now


def test_force_takes_a_clip_from_whoever_holds_it(stocked: Stores, clock: ManualClock) -> None:
    claim(stocked)
    clock.advance(5)
    taken = claim(stocked, "lea", "tab-3", force=True)
    assert (taken.user, taken.since) == ("lea", clock.now)
    assert claim(stocked) == taken


def test_giving_back_frees_the_clip_at_once(stocked: Stores) -> None:
    claim(stocked)
    stocked.desk.claims.release("table-0", tab="tab-1")
    assert stocked.desk.claims.holders() == {}
    assert claim(stocked, "bo", "tab-2").user == "bo"


def test_nobody_gives_back_what_another_tab_holds(stocked: Stores) -> None:
    held = claim(stocked)
    stocked.desk.claims.release("table-0", tab="tab-2")
    stocked.desk.claims.release("table-1", tab="tab-1")
    stocked.desk.claims.release("nowhere", tab="tab-1")
    assert stocked.desk.claims.holders() == {"table-0": held}


def test_one_tab_may_hold_several_clips(stocked: Stores) -> None:
    for clip in ("table-1", "table-0"):
        stocked.desk.claims.claim(clip, user="maria", tab="tab-1")
    assert list(stocked.desk.claims.holders()) == ["table-0", "table-1"]


def test_other_lengths_are_possible(stocked: Stores, clock: ManualClock) -> None:
    taken = stocked.desk.claims.claim("table-0", user="maria", tab="tab-1", seconds=5)
    assert taken.until == clock.now + timedelta(seconds=5)


def test_there_is_no_claim_on_a_clip_that_is_not_there(stocked: Stores) -> None:
    with pytest.raises(SelectionError, match="table-9"):
        stocked.desk.claims.claim("table-9", user="maria", tab="tab-1")
