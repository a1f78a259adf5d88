"""Who did how much of what is accepted, how well at once, in how many minutes. Pure; ranks nobody but by seconds.

A clip counts for whoever corrected or submitted it last before it was accepted; what was accepted as models drew it is nobody's.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from engine.ports.board import Person
from engine.ports.catalog import ClipStatus, Event
from engine.ports.overview import Work
from engine.stages import Move, Stage
from engine.workflows.histories import first_verdict, worker


def people(
    statuses: Sequence[ClipStatus],
    events: Mapping[str, Sequence[Event]],
    work: Mapping[str, Sequence[Work]],
) -> tuple[Person, ...]:
    """Return what everybody did, those with most seconds accepted first; minutes are those on all clips, accepted or not."""
    theirs: dict[str, list[ClipStatus]] = defaultdict(list)
    minutes: dict[str, float] = defaultdict(float)
    for one in statuses:
        name = worker(events.get(one.clip.id, ()))
        if one.stage is Stage.ACCEPTED and name:
            theirs[name].append(one)
    for done in work.values():
        for part in done:
            minutes[part.author] += part.seconds / 60
    found = [_person(name, theirs[name], events, minutes[name]) for name in {*theirs, *minutes}]
    return tuple(sorted(found, key=lambda one: (-one.seconds, -one.minutes, one.name)))


def _person(
    name: str, clips: Sequence[ClipStatus], events: Mapping[str, Sequence[Event]], minutes: float
) -> Person:
    """Return what somebody did."""
    verdicts = [first_verdict(events[one.clip.id]) for one in clips]
    return Person(
        name=name,
        clips=len(clips),
        seconds=float(sum(one.clip.frames / one.clip.rate for one in clips)),
        first_time=sum(one is not None and one.move is Move.ACCEPT for one in verdicts),
        minutes=minutes,
    )
