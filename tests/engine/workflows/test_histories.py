"""A clip's history tells since when it stands where it is, who worked on it, and how verdicts went."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports import Event
from engine.stages import Move, Stage, after, allowed
from engine.workflows.histories import (
    BY_HAND,
    arrivals,
    first_verdict,
    judged,
    last_of,
    reason,
    rejections,
    since,
    worker,
)

START = datetime(2030, 1, 1, tzinfo=UTC)
DRAWN = (Move.PREANNOTATE, "det-sam2")


def told(*steps: tuple[Move, str]) -> tuple[Event, ...]:
    """Return the history of a clip to which these people did this, an hour apart."""
    stage, history = Stage.INGESTED, []
    for hour, (move, actor) in enumerate(steps):
        stage = after(stage, move)
        history.append(Event("a", move, stage, actor, 1, START + timedelta(hours=hour)))
    return tuple(history)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Event, ...]:
    """Draw any story that the table of moves allows."""
    steps, stage = [], Stage.INGESTED
    for _ in range(draw(st.integers(0, 12))):
        move = draw(st.sampled_from(allowed(stage)))
        stage = after(stage, move)
        steps.append((move, draw(st.sampled_from(["ada", "ben"]))))
    return told(*steps)


def test_a_clip_stands_where_it_is_since_it_came_there_whatever_happened_since() -> None:
    history = told(DRAWN, (Move.CORRECT, "ada"), (Move.CORRECT, "ada"), (Move.CORRECT, "ben"))
    assert since(history) == START + timedelta(hours=1)


def test_a_clip_to_which_nothing_happened_stands_there_since_nobody_knows_when() -> None:
    assert since(()) is None


@given(histories())
def test_the_last_arrival_is_in_the_stage_of_the_last_event(history: tuple[Event, ...]) -> None:
    came = list(arrivals(history))
    stages = [Stage.INGESTED, *(event.stage for event in came)]
    assert stages[-1] is (history[-1].stage if history else Stage.INGESTED)
    assert all(one is not other for one, other in pairwise(stages))
    assert since(history) == (came[-1].at if came else None)


@given(histories())
def test_the_last_event_of_a_kind_has_none_of_its_kind_behind_it(
    history: tuple[Event, ...],
) -> None:
    last = last_of(history, BY_HAND)
    behind = history if last is None else history[history.index(last) + 1 :]
    assert not [event for event in behind if event.move in BY_HAND]


def test_every_rejection_counts() -> None:
    once = ((Move.CORRECT, "ada"), (Move.SUBMIT, "ada"), (Move.REJECT, "ben"))
    assert rejections(told(DRAWN)) == 0
    assert rejections(told(DRAWN, *once, *once)) == 2


def test_who_worked_on_a_clip_is_who_touched_it_last_before_it_was_accepted() -> None:
    reopened = ((Move.REOPEN, "lead"), (Move.CORRECT, "ben"))
    steps = (DRAWN, (Move.CORRECT, "ada"), (Move.SUBMIT, "ada"), (Move.ACCEPT, "lead"))
    assert worker(told(*steps)) == "ada"
    assert worker(told(*steps, *reopened)) == "ada"
    assert worker(told(*steps, *reopened, (Move.SUBMIT, "ben"), (Move.ACCEPT, "lead"))) == "ben"


def test_nobody_worked_on_what_was_accepted_as_models_drew_it() -> None:
    assert worker(told(DRAWN, (Move.ACCEPT, "lead"))) == ""


VERDICTS: Sequence[tuple[str, Sequence[tuple[Move, str]], Move | None]] = [
    ("nobody judged", (DRAWN, (Move.CORRECT, "ada")), None),
    ("as models drew it", (DRAWN, (Move.ACCEPT, "lead")), Move.ACCEPT),
    ("models' masks refused", (DRAWN, (Move.REJECT, "lead")), Move.REJECT),
    (
        "models' masks refused, a person's accepted",
        (DRAWN, (Move.REJECT, "lead"), (Move.CORRECT, "ada"), (Move.SUBMIT, "ada"), (Move.ACCEPT, "lead")),
        Move.ACCEPT,
    ),
    (
        "a person's refused, then accepted",
        (DRAWN, (Move.SUBMIT, "ada"), (Move.REJECT, "lead"), (Move.CORRECT, "ada"), (Move.SUBMIT, "ada"), (Move.ACCEPT, "lead")),
        Move.REJECT,
    ),
    (
        "accepted as drawn, then corrected and not judged yet",
        (DRAWN, (Move.ACCEPT, "lead"), (Move.REOPEN, "lead"), (Move.CORRECT, "ada")),
        Move.ACCEPT,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "wanted"), [one[1:] for one in VERDICTS], ids=[one[0] for one in VERDICTS]
)
def test_the_first_verdict_is_on_a_persons_work_where_there_is_one(
    steps: Sequence[tuple[Move, str]], wanted: Move | None
) -> None:
    verdict = first_verdict(told(*steps))
    assert (verdict and verdict.move) == wanted


@given(histories())
def test_there_is_a_first_verdict_exactly_where_there_is_any(history: tuple[Event, ...]) -> None:
    judged = [event for event in history if event.move in (Move.ACCEPT, Move.REJECT)]
    verdict = first_verdict(history)
    assert (verdict in judged) if judged else verdict is None


@given(histories())
def test_whoever_accepts_rejects_excludes_or_reopens_last_judged_unless_it_was_an_own_submission(
    history: tuple[Event, ...],
) -> None:
    verdicts = (Move.ACCEPT, Move.REJECT, Move.EXCLUDE)
    last = judged(history)
    sure = [event for event in history if event.move in verdicts]
    assert last is None or last.move in (*verdicts, Move.REOPEN)
    assert not sure or (last is not None and last.at >= sure[-1].at)


@pytest.mark.parametrize(("who", "judge"), [("ada", None), ("ben", "ben")])
def test_a_submission_that_is_reopened_was_judged_where_another_did_it(
    who: str, judge: str | None
) -> None:
    last = judged(told(DRAWN, (Move.SUBMIT, "ada"), (Move.REOPEN, who)))
    assert (last and last.actor) == judge


@given(histories())
def test_a_reason_is_that_of_the_move_that_brought_a_clip_where_it_stands(
    history: tuple[Event, ...],
) -> None:
    noted = [replace(event, note=event.move) for event in history]
    stage = history[-1].stage if history else Stage.INGESTED
    expected = {Stage.REJECTED: {"reject"}, Stage.EXCLUDED: {"exclude"}}
    back = {Stage.INGESTED: {"", "reopen"}, Stage.IN_CORRECTION: {"", "reopen"}}
    assert reason(noted) in (expected | back).get(stage, {""})
