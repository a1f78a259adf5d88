"""Progress is what the histories of clips add up to: curve, stages, people, first verdicts, agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports import ClipStatus, Event
from engine.ports.board import Agreement, Measures, Progress
from engine.ports.overview import Work
from engine.stages import Move, Stage, after, allowed
from engine.types import Clip
from engine.workflows.progress.curve import burn_up, day_of, days_at_work, gains
from engine.workflows.progress.summary import progress

START = datetime(2030, 1, 7, 12, tzinfo=UTC)
NTSC = Fraction(30000, 1001)
GOOD = ((Move.PREANNOTATE, "det-sam2"), (Move.CORRECT, "ada"), (Move.SUBMIT, "ada"), (Move.ACCEPT, "lead"))  # fmt: skip
BAD = (*GOOD[:-1], (Move.REJECT, "lead"))
AS_DRAWN = (GOOD[0], GOOD[-1])


@dataclass(frozen=True)
class Story:
    """Clips with what happened to them, and a moment after all of it."""

    statuses: tuple[ClipStatus, ...]
    events: dict[str, tuple[Event, ...]]
    now: datetime

    def progress(self, *, target: float = 2000, **more: object) -> Progress:
        return progress(self.statuses, self.events, {}, now=self.now, target=target, **more)


def story(*clips: Sequence[tuple[Move, str]], rate: Fraction = Fraction(30), hours: float = 1) -> Story:  # fmt: skip
    """Return clips of 90 frames to which these people did this, one thing after the other."""
    statuses, events, now = [], {}, START
    for number, steps in enumerate(clips):
        clip = Clip(f"game-{number}", "f00d", "a.mp4", 90 * number, 90, 8, 8, rate)
        stage, history = Stage.INGESTED, []
        for move, actor in steps:
            now += timedelta(hours=hours)
            stage = after(stage, move)
            history.append(Event(clip.id, move, stage, actor, 7, now))
        accepted = 7 if stage is Stage.ACCEPTED else None
        statuses.append(ClipStatus(clip, stage, head=7, accepted=accepted))
        events[clip.id] = tuple(history)
    return Story(tuple(statuses), events, now)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Draw any stories that the table of moves allows."""
    clips = []
    for _ in range(draw(st.integers(1, 4))):
        steps, stage = [], Stage.INGESTED
        for _ in range(draw(st.integers(0, 9))):
            move = draw(st.sampled_from(allowed(stage)))
            stage = after(stage, move)
            steps.append((move, draw(st.sampled_from(["ada", "ben", "lead"]))))
        clips.append(steps)
    return story(*clips, rate=NTSC, hours=draw(st.sampled_from([1, 7, 40])))


def test_a_workspace_without_clips_has_nothing_to_say() -> None:
    empty = Story((), {}, START).progress()
    assert (empty.accepted, empty.curve, empty.rate, empty.done_by) == (0.0, (), 0.0, None)
    assert (empty.first_time, empty.j, empty.people, empty.next) == (None, None, (), ())
    assert {stage for stage, _, _ in empty.stages} == set(Stage)


def test_the_curve_rises_with_acceptances_and_falls_with_reopenings_day_by_day() -> None:
    told = story(GOOD, AS_DRAWN, [*GOOD, (Move.REOPEN, "lead")], hours=12)
    days = [(day.day, seconds) for day, seconds in told.progress().curve]
    assert days == [(9, 3.0), (10, 6.0), (11, 6.0), (12, 9.0), (13, 6.0)]


def test_days_are_those_of_utc_wherever_people_are() -> None:
    east = datetime(2030, 1, 8, 3, tzinfo=timezone(timedelta(hours=9)))
    assert day_of(east) == datetime(2030, 1, 7, tzinfo=UTC).date()


def test_what_a_clock_ahead_of_ours_says_counts_as_todays() -> None:
    told = story(GOOD)
    yesterday = Story(told.statuses, told.events, told.now - timedelta(days=3))
    assert yesterday.progress().curve == ((day_of(yesterday.now), 3.0),)


@given(stories())
def test_the_curve_is_what_replaying_the_events_gives_at_the_end_of_every_day(told: Story) -> None:
    for day, seconds in told.progress().curve:
        held = 0
        for history in told.events.values():
            until = [event for event in history if day_of(event.at) <= day]
            held += bool(until) and until[-1].stage is Stage.ACCEPTED
        assert seconds == pytest.approx(float(held * 90 / NTSC))


@given(stories(), st.integers(0, 60))
def test_at_every_prefix_the_curve_of_then_is_the_beginning_of_the_curve_of_now(
    told: Story, hours: int
) -> None:
    today = day_of(told.now)
    then = min(today, day_of(START + timedelta(hours=hours)))
    past = {c: tuple(e for e in h if day_of(e.at) <= then) for c, h in told.events.items()}
    before = burn_up(gains(told.statuses, past, today=then), today=then)
    after_ = burn_up(gains(told.statuses, told.events, today=today), today=today)
    assert before == after_[: len(before)]


@given(stories())
def test_the_curve_ends_today_with_what_is_accepted(told: Story) -> None:
    made = told.progress()
    if made.curve:
        assert made.curve[-1] == (day_of(told.now), pytest.approx(made.accepted))
    else:
        assert made.accepted == 0.0


@given(stories())
def test_stages_share_out_all_clips_and_seconds(told: Story) -> None:
    made = told.progress()
    assert sum(clips for _, clips, _ in made.stages) == len(told.statuses)
    total = sum(one.clip.seconds for one in told.statuses)
    assert sum(seconds for _, _, seconds in made.stages) == pytest.approx(total)


@given(stories())
def test_people_together_have_at_most_what_is_accepted(told: Story) -> None:
    made = told.progress()
    assert sum(one.seconds for one in made.people) <= made.accepted + 1e-9
    assert all(0 <= one.first_time <= one.clips for one in made.people)
    assert made.first_time is None or 0 <= made.first_time <= 1


def test_days_at_work_are_those_on_which_anything_happened() -> None:
    told = story(AS_DRAWN, hours=24)
    assert [day.day for day in sorted(days_at_work(told.events, today=day_of(told.now)))] == [8, 9]


def test_somebody_is_credited_with_what_they_corrected_last_and_with_minutes_wherever_spent() -> (
    None
):
    told = story(GOOD, [*BAD, *GOOD[1:]], AS_DRAWN, BAD)
    work = {
        "game-0": [Work("ada", 9, 90.0, START, START), Work("ben", 2, 30.0, START, START)],
        "gone": [Work("ada", 1, 30.0, START, START)],
    }
    made = progress(told.statuses, told.events, work, now=told.now, target=2000)
    assert [(x.name, x.clips, x.seconds, x.first_time, x.minutes) for x in made.people] == [
        ("ada", 2, 6.0, 1, 2.0),
        ("ben", 0, 0.0, 0, 0.5),
    ]


def test_the_share_accepted_at_once_is_of_clips_that_had_a_verdict() -> None:
    told = story(GOOD, BAD, AS_DRAWN, [*BAD, *GOOD[1:]], GOOD[:2])
    assert told.progress().first_time == pytest.approx(2 / 4)


def agreement(j: float, true: int = 7) -> Agreement:
    return Agreement(1, true, j, {1: j}, {1: 1}, (), {0: j})


def test_agreement_is_the_mean_over_clips_whose_accepted_revision_was_compared() -> None:
    told = story(GOOD, AS_DRAWN, GOOD, BAD)
    agreements = {
        "game-0": agreement(0.5),
        "game-1": agreement(1.0),
        "game-2": agreement(0.1, true=6),
        "game-3": agreement(0.1),
    }
    assert told.progress(agreements=agreements).j == pytest.approx(0.75)


def test_how_many_clips_nobody_has_measured_is_told_of_those_with_masks() -> None:
    told = story(GOOD, BAD, AS_DRAWN, ((Move.EXCLUDE, "lead"),))
    measures = {"game-0": Measures(0.9, 16, 16, 1.0, 0, 0.0, (), ())}
    assert told.progress().unmeasured == 3
    assert told.progress(measures=measures).unmeasured == 2


def test_a_clip_that_is_gone_does_not_count() -> None:
    told = story(GOOD, GOOD)
    left = Story(told.statuses[:1], told.events, told.now)
    assert left.progress().curve[-1][1] == left.progress().accepted == 3.0


def test_a_target_that_is_reached_says_since_when() -> None:
    made = story(GOOD, GOOD).progress(target=3.0)
    assert made.done_by == made.early == made.late == made.curve[0][0]
