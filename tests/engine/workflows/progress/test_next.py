"""What a lead should look at: what keeps people waiting, and what may be wrong in clips that are done, each with its reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports import ClipStatus, Event
from engine.ports.board import Agreement, Measures, Next
from engine.stages import Move, Stage
from engine.types import Clip
from engine.workflows.progress.next import next_clips

NOW = datetime(2030, 1, 7, 12, tzinfo=UTC)


def status(clip: str, stage: Stage) -> ClipStatus:
    accepted = 7 if stage is Stage.ACCEPTED else None
    found = Clip(clip, "f00d", "a.mp4", 0, 90, 8, 8, Fraction(30))
    return ClipStatus(found, stage, head=7, accepted=accepted)


def came(clip: str, stage: Stage, *, before: timedelta, actor: str = "ada") -> tuple[Event, ...]:
    """Return a history that brought a clip into a stage so long ago."""
    move = {Stage.SUBMITTED: Move.SUBMIT, Stage.IN_CORRECTION: Move.CORRECT}[stage]
    return (Event(clip, move, stage, actor, 7, NOW - before),)


def refused(clip: str, times: int, *, note: str = "") -> tuple[Event, ...]:
    one = Event(clip, Move.REJECT, Stage.REJECTED, "lead", 7, NOW, note)
    return tuple(one for _ in range(times))


def doubtful(doubts: int, severity: float, *signs: str) -> Measures:
    return Measures(0.9, 16, 16, 1.0, doubts, severity, signs, ())


def agreeing(j: float, **frames: float) -> Agreement:
    told = {int(name[1:]): value for name, value in frames.items()}
    return Agreement(1, 7, j, {1: j}, {1: 1}, (), told)


def looked_at(*statuses: ClipStatus, most: int = 20, **known: object) -> tuple[Next, ...]:
    nothing = {"events": {}, "measures": {}, "agreements": {}}
    return next_clips(statuses, **(nothing | known), now=NOW, most=most)


def test_a_clip_that_is_refused_again_and_again_says_how_often_by_whom_and_why() -> None:
    clips = [status(name, Stage.REJECTED) for name in "abc"]
    events = {"a": refused("a", 1), "b": refused("b", 2, note="cue lost"), "c": refused("c", 3)}
    assert looked_at(*clips, events=events) == (
        Next("c", "rejected 3 times, last by lead"),
        Next("b", "rejected 2 times, last by lead: cue lost"),
    )


def test_clips_wait_for_a_verdict_longest_first() -> None:
    clips = [status(name, Stage.SUBMITTED) for name in "abc"]
    waited = {"a": timedelta(hours=5), "b": timedelta(days=2), "c": timedelta(seconds=7)}
    events = {c: came(c, Stage.SUBMITTED, before=time) for c, time in waited.items()}
    assert looked_at(*clips, events=events) == (
        Next("b", "has waited 2 days for a verdict"),
        Next("a", "has waited 5 hours for a verdict"),
        Next("c", "has waited less than a minute for a verdict"),
    )


def test_a_correction_that_has_been_lying_says_who_touched_it_last() -> None:
    clips = [status(name, Stage.IN_CORRECTION) for name in "ab"]
    events = {
        "a": came("a", Stage.IN_CORRECTION, before=timedelta(hours=3)),
        "b": came("b", Stage.IN_CORRECTION, before=timedelta(days=1)),
    }
    assert looked_at(*clips, events=events) == (Next("b", "in correction for 1 day, last touched by ada"),)  # fmt: skip


def test_accepted_clips_with_doubts_come_gravest_first_and_those_without_not_at_all() -> None:
    clips = [status(name, Stage.ACCEPTED) for name in "abc"]
    measures = {"a": doubtful(1, 0.4, "jump"), "b": doubtful(3, 2.0, "jump", "gap"), "c": doubtful(0, 0)}  # fmt: skip
    assert looked_at(*clips, measures=measures) == (
        Next("b", "accepted with 3 doubts: jump, gap"),
        Next("a", "accepted with 1 doubt: jump"),
    )


def test_accepted_clips_where_models_drew_otherwise_begin_at_the_worst_frame() -> None:
    clips = [status(name, Stage.ACCEPTED) for name in "abc"]
    agreements = {
        "a": agreeing(0.8, f4=0.9, f9=0.3, f12=0.3),
        "b": agreeing(0.5, f2=0.5),
        "c": agreeing(0.95, f0=0.1),
    }
    assert looked_at(*clips, agreements=agreements) == (
        Next("b", "people changed much of what models drew: J 0.50", 2),
        Next("a", "people changed much of what models drew: J 0.80", 9),
    )


def test_agreement_with_another_revision_than_the_accepted_one_says_nothing() -> None:
    clip = status("a", Stage.ACCEPTED)
    old = Agreement(1, 6, 0.2, {1: 0.2}, {1: 1}, (), {5: 0.2})
    assert looked_at(clip, agreements={"a": old}) == ()


def test_clips_that_models_drew_badly_come_gravest_first() -> None:
    clips = [status(name, Stage.PREANNOTATED) for name in "abc"]
    measures = {"a": doubtful(1, 0.4), "b": doubtful(3, 2.0, "jump", "gap"), "c": doubtful(0, 0)}
    assert looked_at(*clips, measures=measures) == (
        Next("b", "drawn with 3 doubts: jump, gap"),
        Next("a", "drawn with 1 doubt"),
    )


@pytest.mark.parametrize("ahead", [Stage.ACCEPTED, Stage.SUBMITTED, Stage.IN_CORRECTION])
@pytest.mark.parametrize("behind", [Stage.INGESTED, Stage.REJECTED, Stage.PREANNOTATED])
def test_of_two_clips_that_are_alike_the_one_that_nobody_works_on_may_go(
    ahead: Stage, behind: Stage
) -> None:
    alike = {"a": ("b",), "b": ("a",)}
    found = looked_at(status("a", behind), status("b", ahead), alike=alike)
    why = {one.clip: one.why for one in found}
    assert why["a"] == "shows almost the same as b: exclude one of them"
    assert "same" not in why.get("b", "")


def test_of_two_clips_that_are_alike_and_as_far_only_the_later_is_named() -> None:
    clips = [status(name, Stage.PREANNOTATED) for name in "ab"]
    found = looked_at(*clips, alike={"a": ("b",), "b": ("a",)})
    assert [one.clip for one in found] == ["b"]


def test_a_clip_on_which_people_work_does_not_go_because_of_another() -> None:
    clips = [status("a", Stage.SUBMITTED), status("b", Stage.ACCEPTED)]
    found = looked_at(*clips, alike={"a": ("b",), "b": ("a",)})
    assert [one.why for one in found] == ["has waited less than a minute for a verdict"]


def test_what_is_wanted_first_says_so_until_it_is_accepted() -> None:
    clips = [replace(status(name, stage), priority=True) for name, stage in (("a", Stage.PREANNOTATED), ("b", Stage.ACCEPTED))]  # fmt: skip
    assert looked_at(*clips) == (Next("a", "has priority and is pre-annotated"),)


def test_what_is_not_begun_gets_its_turn_among_what_is_done() -> None:
    done = [status(f"d{n}", Stage.ACCEPTED) for n in range(30)]
    drawn = status("bad", Stage.PREANNOTATED)
    measures = dict.fromkeys([*(one.clip.id for one in done), "bad"], doubtful(2, 2.0))
    found = looked_at(*done, drawn, measures=measures, most=4)
    assert "bad" in [one.clip for one in found]


def test_the_lists_take_turns() -> None:
    waiting = [status(f"w{n}", Stage.SUBMITTED) for n in range(3)]
    done = [status(f"d{n}", Stage.ACCEPTED) for n in range(2)]
    events = {one.clip.id: came(one.clip.id, Stage.SUBMITTED, before=timedelta(hours=9 - n)) for n, one in enumerate(waiting)}  # fmt: skip
    measures = {"d0": doubtful(2, 2.0), "d1": doubtful(1, 1.0)}
    found = looked_at(*waiting, *done, events=events, measures=measures)
    assert [one.clip for one in found] == ["w0", "d0", "w1", "d1", "w2"]


def test_what_is_left_out_of_the_dataset_needs_no_look() -> None:
    clip = status("a", Stage.EXCLUDED)
    assert looked_at(clip, events={"a": refused("a", 5)}) == ()


@given(
    stages=st.lists(st.sampled_from(Stage), max_size=12),
    doubts=st.integers(0, 3),
    j=st.floats(0, 1),
    most=st.integers(0, 8),
)
def test_no_clip_comes_twice_and_no_more_come_than_are_wanted(
    stages: list[Stage], doubts: int, j: float, most: int
) -> None:
    clips = [status(f"c{n}", stage) for n, stage in enumerate(stages)]
    every = [one.clip.id for one in clips]
    found = looked_at(
        *clips,
        most=most,
        events={clip: refused(clip, 2) for clip in every},
        measures=dict.fromkeys(every, doubtful(doubts, 1.0)),
        agreements=dict.fromkeys(every, agreeing(j, f3=j)),
    )
    names = [one.clip for one in found]
    assert len(names) == len(set(names)) <= most
    assert set(names) <= set(every)
