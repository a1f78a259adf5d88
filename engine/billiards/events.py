"""What happens on a table, told from masks alone: pots, cushions, collisions. Knows rows of masks, no pictures and no models."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.ports.board import TableEvent
from engine.types import Box, Clip, FrameMasks


@dataclass(slots=True)
class EventWatch:
    """Watches a clip's rows as they pass on to somebody else, and tells afterwards what happened."""

    clip: Clip
    pockets: Sequence[Box] = ()
    _found: list[TableEvent] = field(default_factory=list)

    def passing(self, rows: Iterable[FrameMasks]) -> Iterator[FrameMasks]:
        """Yield the rows, which come in the order of frames, as they are."""
        yield from rows

    def events(self) -> tuple[TableEvent, ...]:
        """Return what happened, in the order of frames."""
        return tuple(sorted(self._found, key=lambda one: (one.start, one.kind, one.tracks)))


def table_events(
    rows: Iterable[FrameMasks], clip: Clip, *, pockets: Sequence[Box] = ()
) -> tuple[TableEvent, ...]:
    """Return what happened in a clip, in the order of frames."""
    watch = EventWatch(clip, pockets)
    deque(watch.passing(rows), maxlen=0)
    return watch.events()
