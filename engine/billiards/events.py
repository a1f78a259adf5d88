"""What happens on a table, told from masks alone: pots, cushions, collisions. Knows rows of masks, no pictures and no models."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.billiards.meetings import Meetings
from engine.billiards.pots import Pots
from engine.billiards.spots import Survey
from engine.billiards.surface import Surface
from engine.ports.board import TableEvent
from engine.types import Box, Clip, FrameMasks


@dataclass(slots=True)
class EventWatch:
    """Watches a clip's rows as they pass on to somebody else, and tells afterwards what happened.

    Memory holds half a second of places of each ball, the outline of where balls were, and what was found.
    """

    clip: Clip
    pockets: Sequence[Box] = ()
    _found: list[TableEvent] = field(default_factory=list)

    def passing(self, rows: Iterable[FrameMasks]) -> Iterator[FrameMasks]:
        """Yield the rows, which come in the order of frames, as they are."""
        rate, survey = float(self.clip.rate), Survey()
        surface = Surface(tuple(self.pockets))
        meetings, pots = Meetings(rate, surface), Pots(rate, surface)
        for row in rows:
            spots = survey.look(row)
            surface.learn(spots.values())
            meetings.look(row.frame, spots)
            pots.look(row.frame, spots)
            yield row
        self._found = [*meetings.close(), *pots.close(self.clip.frames)]

    def events(self) -> tuple[TableEvent, ...]:
        """Return what happened, in the order of frames."""
        return tuple(sorted(self._found, key=lambda one: (one.start, one.kind, one.tracks)))


def table_events(
    rows: Iterable[FrameMasks], clip: Clip, *, pockets: Sequence[Box] = ()
) -> tuple[TableEvent, ...]:
    """Return what happened in a clip, in the order of frames.

    Args:
        rows: masks of every frame, in the order of frames.
        clip: the clip.
        pockets: openings of the pockets, xyxy in pixels, where the camera stands still; empty where nobody knows them.
    """
    watch = EventWatch(clip, pockets)
    deque(watch.passing(rows), maxlen=0)
    return watch.events()
