"""A task says how its clip stands: who decided what, and what of somebody's work was not done."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.ports import Delivery, Event
from engine.ports.desk import State
from engine.stages import Move, Stage
from ml_backend.work.acting import mark
from ml_backend.work.telling import state_of, unheeded

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DONE = Delivery(3, 1, 11, "scene", 5, "ann", NOON, {}, "x", State.DONE)
REFUSED = replace(DONE, id=4, state=State.FAILED, note="reopen it first")


def event(move: Move, stage: Stage, *, note: str = "", minutes: int = 1) -> Event:
    """Return a line of a clip's history."""
    return Event("scene", move, stage, "rae", 1, NOON + timedelta(minutes=minutes), note)


@pytest.mark.parametrize(
    ("stage", "note", "said"),
    [
        (Stage.ACCEPTED, "", "accepted by rae, 2026-11-21 12:01 UTC"),
        (Stage.REJECTED, "too dark", "rejected by rae: too dark"),
        (Stage.REJECTED, f"too dark ({mark(DONE)})", "rejected by rae: too dark"),
        (Stage.REJECTED, mark(DONE), "rejected by rae"),
        (Stage.EXCLUDED, "", "excluded by rae"),
        (Stage.SUBMITTED, mark(DONE), "submitted"),
        (Stage.IN_CORRECTION, "", "in correction"),
    ],
)
def test_how_a_clip_stands_is_said_with_who_decided(stage: Stage, note: str, said: str) -> None:
    assert state_of(stage, [event(Move.CORRECT, stage, note=note)]) == said


def test_without_a_history_the_stage_alone_is_said() -> None:
    assert state_of(Stage.PREANNOTATED, []) == "pre-annotated"
    older = event(Move.SUBMIT, Stage.SUBMITTED)
    assert state_of(Stage.ACCEPTED, [older]) == "accepted"


@pytest.mark.parametrize("stage", [Stage.ACCEPTED, Stage.REJECTED])
def test_who_wants_a_clip_first_or_later_did_not_decide_how_it_stands(stage: Stage) -> None:
    decided = event(Move.REJECT, stage, note="too dark")
    wishes = (Move.PRIORITISE, Move.DEFER)
    since = [replace(event(wish, stage, minutes=9), actor="lea", note="Friday") for wish in wishes]
    assert state_of(stage, [decided, *since]) == state_of(stage, [decided])
    assert unheeded([REFUSED], since) == REFUSED


def test_the_newest_work_counts_where_it_was_refused_or_came_with_a_note() -> None:
    assert unheeded([DONE, REFUSED], []) == REFUSED
    assert unheeded([REFUSED, replace(DONE, note="not accepted: bob changed it")], []) is not None
    assert unheeded([REFUSED, DONE], []) is None
    assert unheeded([], []) is None


def test_work_that_waits_or_was_dropped_takes_no_refusal_away() -> None:
    others = [replace(DONE, state=State.ASKED), replace(DONE, state=State.DROPPED, note="skipped")]
    assert unheeded([REFUSED, *others], []) == REFUSED


@pytest.mark.parametrize("move", [Move.ACCEPT, Move.EXCLUDE, Move.REOPEN])
def test_a_refusal_is_no_news_once_somebody_decided_since(move: Move) -> None:
    assert unheeded([REFUSED], [event(move, Stage.ACCEPTED)]) is None
    assert unheeded([REFUSED], [event(move, Stage.ACCEPTED, minutes=-1)]) == REFUSED
    assert unheeded([REFUSED], [event(move, Stage.ACCEPTED, note=mark(REFUSED))]) == REFUSED


def test_a_clip_that_was_taken_back_for_work_that_was_refused_then_hides_no_refusal() -> None:
    own = event(Move.REOPEN, Stage.IN_CORRECTION, note=f"taken back to be changed: {mark(REFUSED)}")
    assert unheeded([REFUSED], [own]) == REFUSED
