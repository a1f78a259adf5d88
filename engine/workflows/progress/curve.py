"""Seconds accepted by the end of each day, out of the histories of all clips. Pure; knows no target and no people.

Seconds are exact fractions: what is reopened is taken off to the last bit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from engine.ports.catalog import ClipStatus, Event
from engine.stages import Stage

DAY = timedelta(days=1)


def day_of(moment: datetime) -> date:
    """Return the day in UTC."""
    return moment.astimezone(UTC).date()


def exact(status: ClipStatus) -> Fraction:
    """Return a clip's seconds without rounding."""
    return status.clip.frames / status.clip.rate


def gains(
    clips: Iterable[ClipStatus], events: Mapping[str, Sequence[Event]], *, today: date
) -> Mapping[date, Fraction]:
    """Return the seconds accepted on each day on which any were, or were reopened, less those reopened.

    What a clock ahead of ours dates later than ``today`` counts as today's.
    """
    found: dict[date, Fraction] = defaultdict(Fraction)
    for status in clips:
        held = False
        for event in events.get(status.clip.id, ()):
            holds = event.stage is Stage.ACCEPTED
            if holds is not held:
                found[min(day_of(event.at), today)] += exact(status) * (1 if holds else -1)
            held = holds
    return dict(found)


def burn_up(gained: Mapping[date, Fraction], *, today: date) -> tuple[tuple[date, Fraction], ...]:
    """Return the seconds accepted by the end of each day, from the first acceptance to ``today``; nothing without any."""
    if not gained:
        return ()
    first, total, curve = min(gained), Fraction(), []
    for number in range((today - first).days + 1):
        day = first + number * DAY
        total += gained.get(day, Fraction())
        curve.append((day, total))
    return tuple(curve)


def days_at_work(events: Mapping[str, Sequence[Event]], *, today: date) -> frozenset[date]:
    """Return the days on which anything happened to any clip, up to ``today``."""
    return frozenset(
        min(day_of(event.at), today) for history in events.values() for event in history
    )
