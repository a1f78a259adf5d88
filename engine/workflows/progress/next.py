"""Which clips a lead should look at now, and why in words. Pure; every reason has its own list, and the lists take turns.

Clips that are not begun are looked at for what saves work: a copy that nobody need annotate, masks that are drawn too badly.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import Final

from engine.ports.board import Agreement, Measures, Next
from engine.ports.catalog import ClipStatus, Event
from engine.stages import Move, Stage
from engine.workflows.histories import BY_HAND, last_of, rejections, since

OFTEN: Final = 2
"""Rejections from which on people do not get on without the lead."""

LONG: Final = timedelta(days=1)
"""Time from which on a correction has been lying."""

FINE: Final = 0.9
"""J from which on models and people agree."""

_FAR: Final = (
    Stage.INGESTED,
    Stage.REJECTED,
    Stage.PREANNOTATED,
    Stage.IN_CORRECTION,
    Stage.SUBMITTED,
    Stage.ACCEPTED,
)
"""Stages in the order of the work of people that is lost with a clip."""


@dataclass(frozen=True, slots=True)
class _Known:
    """All that is known of one clip."""

    status: ClipStatus
    history: Sequence[Event]
    waits: timedelta
    measures: Measures | None
    agreement: Agreement | None
    alike: Sequence[str] = ()

    def next(self, why: str) -> Next:
        """Return the clip with why, to begin where models and people agree least."""
        frames = self.agreement.frames if self.agreement else {}
        return Next(self.status.clip.id, why, min(frames, key=lambda f: (frames[f], f), default=0))


def next_clips(
    statuses: Sequence[ClipStatus],
    events: Mapping[str, Sequence[Event]],
    *,
    now: datetime,
    measures: Mapping[str, Measures],
    agreements: Mapping[str, Agreement],
    alike: Mapping[str, Sequence[str]] | None = None,
    most: int,
) -> tuple[Next, ...]:
    """Return at most ``most`` clips, each once: the first of each list, then the second of each, and so on.

    ``alike`` names the clips that show almost the same, those not excluded.
    """
    known = [
        _Known(
            one,
            history := events.get(one.clip.id, ()),
            max(timedelta(), now - (since(history) or now)),
            measures.get(one.clip.id),
            agreements.get(one.clip.id),
            (alike or {}).get(one.clip.id, ()),
        )
        for one in statuses
        if one.stage is not Stage.EXCLUDED
    ]
    turns = chain.from_iterable(zip_longest(*(list_(known) for list_ in _LISTS)))
    first: dict[str, Next] = {}
    for one in turns:
        if one is not None:
            first.setdefault(one.clip, one)
    return tuple(first.values())[:most]


def _wanted(known: Sequence[_Known]) -> Iterator[Next]:
    """Yield clips that somebody wants first and that are not accepted yet, the longest first where they stand."""
    wanted = (one for one in known if one.status.priority)
    for one in sorted(wanted, key=lambda one: -one.waits):
        if one.status.stage is not Stage.ACCEPTED:
            yield one.next(f"has priority and is {one.status.stage}")


def _disputed(known: Sequence[_Known]) -> Iterator[Next]:
    """Yield clips that were rejected again and again and are not accepted yet."""
    open_ = (one for one in known if one.status.stage is not Stage.ACCEPTED)
    found = ((rejections(one.history), one) for one in open_)
    often = sorted(((n, one) for n, one in found if n >= OFTEN), key=lambda pair: -pair[0])
    for times, one in often:
        last = last_of(one.history, (Move.REJECT,))
        said = f", last by {last.actor}" + (f": {last.note}" if last.note else "") if last else ""
        yield one.next(f"rejected {times} times{said}")


def _waiting(known: Sequence[_Known]) -> Iterator[Next]:
    """Yield clips that wait for a verdict, the longest first."""
    for one in _longest(known, Stage.SUBMITTED):
        yield one.next(f"has waited {_span(one.waits)} for a verdict")


def _lying(known: Sequence[_Known]) -> Iterator[Next]:
    """Yield clips whose correction has been lying, the longest first."""
    for one in _longest(known, Stage.IN_CORRECTION):
        if one.waits >= LONG:
            last = last_of(one.history, BY_HAND)
            who = f", last touched by {last.actor}" if last else ""
            yield one.next(f"in correction for {_span(one.waits)}{who}")


def _doubtful(known: Sequence[_Known]) -> Iterator[Next]:
    """Yield accepted clips that still hold doubts, the gravest first."""
    yield from _in_doubt(known, Stage.ACCEPTED, "accepted with")


def _disagreed(known: Sequence[_Known]) -> Iterator[Next]:
    """Yield accepted clips where models drew something else, the worst first."""
    compared = [
        (agreement.j, one) for one in _accepted(known) if (agreement := _standing(one)) is not None
    ]
    for j, one in sorted(compared, key=lambda pair: pair[0]):
        if j < FINE:
            yield one.next(f"people changed much of what models drew: J {j:.2f}")


def _badly_drawn(known: Sequence[_Known]) -> Iterator[Next]:
    """Yield clips that models drew and nobody touched, those with the gravest doubts first."""
    yield from _in_doubt(known, Stage.PREANNOTATED, "drawn with")


def _twice(known: Sequence[_Known]) -> Iterator[Next]:
    """Yield clips that show almost what another does, of each pair the one that has come less far, as long as nobody works on it."""
    places = {one.status.clip.id: (_far(one), -n) for n, one in enumerate(known)}
    for one in known:
        own = places[one.status.clip.id]
        ahead = [clip for clip in one.alike if clip in places and places[clip] > own]
        if ahead and own[0] < _FAR.index(Stage.IN_CORRECTION):
            yield one.next(f"shows almost the same as {ahead[0]}: exclude one of them")


_LISTS: tuple[Callable[[Sequence[_Known]], Iterator[Next]], ...] = (
    _wanted,
    _disputed,
    _waiting,
    _lying,
    _doubtful,
    _disagreed,
    _twice,
    _badly_drawn,
)
"""What keeps people waiting comes before what may be wrong in clips that are done, and that before what is not begun."""


def _far(one: _Known) -> int:
    return _FAR.index(one.status.stage)


def _in_doubt(known: Sequence[_Known], stage: Stage, how: str) -> Iterator[Next]:
    """Yield the clips of a stage that hold doubts, the gravest first, and say how many of which kinds."""
    here = [one for one in known if one.status.stage is stage]
    for one in sorted(here, key=lambda one: -_severity(one)):
        if one.measures and one.measures.doubts:
            many = "1 doubt" if one.measures.doubts == 1 else f"{one.measures.doubts} doubts"
            signs = ", ".join(one.measures.signs[:3])
            yield one.next(f"{how} {many}" + (f": {signs}" if signs else ""))


def _accepted(known: Sequence[_Known]) -> Iterator[_Known]:
    return (one for one in known if one.status.stage is Stage.ACCEPTED)


def _standing(one: _Known) -> Agreement | None:
    """Return how models agree with the revision that is accepted, None where that is not known."""
    current = one.agreement is not None and one.agreement.true == one.status.accepted
    return one.agreement if current else None


def _severity(one: _Known) -> float:
    return one.measures.severity if one.measures else 0.0


def _longest(known: Sequence[_Known], stage: Stage) -> list[_Known]:
    """Return the clips of a stage, those that have stood there longest first."""
    return sorted((one for one in known if one.status.stage is stage), key=lambda one: -one.waits)


def _span(time: timedelta) -> str:
    """Return a time in words, in its greatest whole unit."""
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        many = int(time.total_seconds() // seconds)
        if many:
            return f"{many} {unit}" + ("s" if many > 1 else "")
    return "less than a minute"
