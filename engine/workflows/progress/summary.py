"""How far the dataset is, at what pace, by whom, and what a lead should look at. Pure: reads no store and no clock."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from statistics import fmean

from engine.ports.board import Agreement, Measures, Progress
from engine.ports.catalog import ClipStatus, Event
from engine.ports.overview import Work
from engine.stages import Move, Stage
from engine.workflows.histories import first_verdict
from engine.workflows.progress.curve import burn_up, day_of, days_at_work, exact, gains
from engine.workflows.progress.forecast import forecast, pace_of
from engine.workflows.progress.next import next_clips
from engine.workflows.progress.people import people

MOST = 20
"""Clips to look at next: what a person looks through in one sitting."""


def progress(
    statuses: Sequence[ClipStatus],
    events: Mapping[str, Sequence[Event]],
    work: Mapping[str, Sequence[Work]],
    *,
    now: datetime,
    target: float,
    measures: Mapping[str, Measures] | None = None,
    agreements: Mapping[str, Agreement] | None = None,
    alike: Mapping[str, Sequence[str]] | None = None,
) -> Progress:
    """Return what is said of the dataset as a whole.

    ``events``, ``work``, ``measures``, ``agreements`` and ``alike`` are by clip; those of clips that are not among ``statuses`` do not
    count, but for the minutes that people worked. ``now`` bears its zone.
    """
    today = day_of(now)
    known = {one.clip.id: events.get(one.clip.id, ()) for one in statuses}
    curve = burn_up(gains(statuses, known, today=today), today=today)
    pace = pace_of(curve, days_at_work(known, today=today), today=today)
    early, done_by, late = forecast(pace, curve, target=target, today=today)
    measures = measures or {}
    return Progress(
        at=now,
        target=target,
        accepted=float(_sum(one for one in statuses if one.stage is Stage.ACCEPTED)),
        stages=tuple(_stage(stage, statuses) for stage in Stage),
        curve=tuple((day, float(seconds)) for day, seconds in curve),
        window=pace.window,
        rate=float(pace.rate),
        done_by=done_by,
        early=early,
        late=late,
        first_time=_first_time(known),
        j=_mean_j(statuses, agreements or {}),
        unmeasured=sum(_unmeasured(one, measures) for one in statuses),
        people=people(statuses, known, work),
        next=next_clips(
            statuses,
            known,
            now=now,
            measures=measures,
            agreements=agreements or {},
            alike=alike,
            most=MOST,
        ),
    )


def _unmeasured(status: ClipStatus, measures: Mapping[str, Measures]) -> bool:
    """Say whether nobody knows yet what a clip's masks come to."""
    drawn = status.head is not None and status.stage is not Stage.EXCLUDED
    return drawn and status.clip.id not in measures


def _sum(statuses: Iterable[ClipStatus]) -> Fraction:
    """Return the seconds of clips."""
    return sum(map(exact, statuses), Fraction())


def _stage(stage: Stage, statuses: Sequence[ClipStatus]) -> tuple[Stage, int, float]:
    """Return how many clips stand in a stage, and their seconds."""
    here = [one for one in statuses if one.stage is stage]
    return stage, len(here), float(_sum(here))


def _first_time(events: Mapping[str, Sequence[Event]]) -> float | None:
    """Return the share of first verdicts that accepted."""
    verdicts = [verdict for history in events.values() if (verdict := first_verdict(history))]
    return fmean(one.move is Move.ACCEPT for one in verdicts) if verdicts else None


def _mean_j(statuses: Sequence[ClipStatus], agreements: Mapping[str, Agreement]) -> float | None:
    """Return the mean over accepted clips of how well the models' masks agree with what was accepted."""
    found = [
        agreement.j
        for one in statuses
        if (agreement := agreements.get(one.clip.id)) and agreement.true == one.accepted
    ]
    return fmean(found) if found else None
