"""What every ActionLog promises: stored before it is acted on, in order, only by who holds the clip, settled once."""

from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.connect import Database
from engine.errors import ClaimLost, InputError, SelectionError, StoreError
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import Action, State
from engine.types import Kind, Revision

Stores: TypeAlias = Database | MemoryDatabase

CLICK = {"kind": "prompt", "frame": 3, "track": 5, "point": [12.5, 7.0, True], "label": "red"}


def put(stores: Stores, body: dict[str, Any] | None = None, *, tab: str = "tab-1") -> Action:
    return stores.desk.actions.put("table-0", "maria", body or CLICK, before=None, tab=tab)


@pytest.fixture
def held(stocked: Stores) -> Stores:
    """Return stores in which tab-1 of maria holds table-0."""
    stocked.desk.claims.claim("table-0", user="maria", tab="tab-1")
    return stocked


def test_an_action_is_there_as_it_was_asked_for(held: Stores, clock: ManualClock) -> None:
    action = put(held)
    assert held.desk.actions.of("table-0") == (action,)
    assert action == Action(action.seq, "table-0", "maria", CLICK, None, clock.now)
    assert (action.state, action.after, action.note) == (State.ASKED, None, "")


def test_actions_come_in_the_order_they_were_asked_for_and_seq_grows_over_all_clips(
    held: Stores,
) -> None:
    held.desk.claims.claim("table-1", user="bo", tab="tab-2")
    first = put(held)
    between = held.desk.actions.put("table-1", "bo", {"kind": "undo"}, before=None, tab="tab-2")
    last = put(held, {"kind": "redo"})
    assert first.seq < between.seq < last.seq
    assert held.desk.actions.of("table-0") == (first, last)
    assert held.desk.actions.of("table-1") == (between,)


def test_the_body_belongs_to_the_log_once_it_is_stored(held: Stores) -> None:
    body: dict[str, Any] = {"kind": "spread", "tracks": [1, 2]}
    put(held, body)
    body["tracks"].append(3)
    assert held.desk.actions.of("table-0")[0].body == {"kind": "spread", "tracks": [1, 2]}


@pytest.mark.parametrize("tab", ["tab-2", ""])
def test_a_tab_that_does_not_hold_the_clip_stores_nothing(held: Stores, tab: str) -> None:
    with pytest.raises(ClaimLost, match="maria"):
        put(held, tab=tab)
    assert held.desk.actions.of("table-0") == ()


def test_without_any_claim_nothing_is_stored(stocked: Stores) -> None:
    with pytest.raises(ClaimLost, match="open it again"):
        put(stocked)
    assert stocked.desk.actions.of("table-0") == ()


def test_who_lost_the_clip_to_another_stores_nothing_more(held: Stores, clock: ManualClock) -> None:
    put(held)
    clock.advance(31)
    held.desk.claims.claim("table-0", user="bo", tab="tab-2")
    with pytest.raises(ClaimLost, match="bo"):
        put(held)
    assert len(held.desk.actions.of("table-0")) == 1


def test_a_claim_that_ran_out_and_nobody_took_over_still_lets_its_tab_go_on(
    held: Stores, clock: ManualClock
) -> None:
    clock.advance(3600)
    assert put(held).at == clock.now


def test_after_giving_the_clip_back_nothing_is_stored(held: Stores) -> None:
    held.desk.claims.release("table-0", tab="tab-1")
    with pytest.raises(ClaimLost):
        put(held)


def test_there_is_no_log_of_a_clip_that_is_not_there(held: Stores) -> None:
    with pytest.raises(SelectionError, match="table-9"):
        held.desk.actions.put("table-9", "maria", CLICK, before=None, tab="tab-1")
    assert held.desk.actions.of("table-9") == ()


def test_an_action_remembers_the_revisions_before_and_after(held: Stores) -> None:
    stored = [
        held.revisions.append(Revision("table-0", parent, Kind.MANUAL, "maria", ()), ()).id
        for parent in (None, 1)
    ]
    asked = held.desk.actions.put("table-0", "maria", CLICK, before=stored[0], tab="tab-1")
    done = held.desk.actions.settle(asked.seq, State.DONE, after=stored[1], note="12 px")
    assert (done.before, done.after, done.state, done.note) == (*stored, State.DONE, "12 px")
    assert held.desk.actions.of("table-0") == (done,)


def test_a_revision_that_is_not_there_is_refused_before_and_after(held: Stores) -> None:
    with pytest.raises(StoreError):
        held.desk.actions.put("table-0", "maria", CLICK, before=99, tab="tab-1")
    asked = put(held)
    with pytest.raises(StoreError):
        held.desk.actions.settle(asked.seq, State.DONE, after=99)
    assert held.desk.actions.of("table-0") == (asked,)


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.DROPPED])
def test_saying_the_same_outcome_twice_is_fine_and_the_first_note_stands(
    held: Stores, state: State
) -> None:
    seq = put(held).seq
    first = held.desk.actions.settle(seq, state, note="first")
    assert held.desk.actions.settle(seq, state, note="second") == first
    assert held.desk.actions.of("table-0") == (first,)


def test_another_outcome_is_refused_once_there_is_one(held: Stores) -> None:
    settled = held.desk.actions.settle(put(held).seq, State.DONE)
    with pytest.raises(StoreError, match=r"done.*cannot become.*failed"):
        held.desk.actions.settle(settled.seq, State.FAILED)
    with pytest.raises(InputError, match="settles nothing"):
        held.desk.actions.settle(settled.seq, State.ASKED)
    assert held.desk.actions.of("table-0") == (settled,)


def test_settling_needs_no_claim_for_the_work_was_asked_for_by_who_held_it(held: Stores) -> None:
    asked = put(held)
    held.desk.claims.claim("table-0", user="bo", tab="tab-2", force=True)
    assert held.desk.actions.settle(asked.seq, State.DONE).state is State.DONE


def test_an_action_that_is_not_there_cannot_be_settled(held: Stores) -> None:
    with pytest.raises(SelectionError, match="no action 77"):
        held.desk.actions.settle(77, State.DONE)


plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
bodies = st.dictionaries(
    st.text(max_size=10),
    st.recursive(plain | numbers, lambda inner: st.lists(inner, max_size=3), max_leaves=8),
    max_size=5,
)


@given(body=bodies)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_json_comes_back_as_it_went_in(held: Stores, body: dict[str, Any]) -> None:
    seq = held.desk.actions.put("table-0", "maria", body, before=None, tab="tab-1").seq
    (found,) = [action for action in held.desk.actions.of("table-0") if action.seq == seq]
    assert found.body == body
