"""What leads ask of all clips at once: histories, revisions summed up, work done. Reads; knows no database and no masks.

The other ports answer about one clip. Asked a thousand times over they take seconds; each answer here is one query.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from engine.ports.catalog import Event
from engine.types import Video

PAUSE: Final = 120.0
"""Seconds between two actions from which on somebody was doing something else."""


@dataclass(frozen=True, slots=True)
class Line:
    """The revisions of one clip, summed up.

    ``head`` is the newest one and ``author`` who made it; ``drawn`` is the newest that models made alone (None: none did) and
    ``provenance`` says which models; ``by_hand`` counts the revisions with a person's hand in them.
    """

    head: int
    author: str
    drawn: int | None
    provenance: Mapping[str, str]
    by_hand: int


@dataclass(frozen=True, slots=True)
class Work:
    """What one person did on one clip: how many actions, between when, and how many seconds they were busy.

    Busy is the time from one action to the next where that is at most ``PAUSE``; a longer pause, and the first action, count
    as nothing.
    """

    author: str
    actions: int
    seconds: float
    first: datetime
    last: datetime


class Overview(Protocol):
    """Answers about all clips; a clip of which there is nothing to say is absent."""

    def videos(self) -> Mapping[str, Video]:
        """Return every video by its content."""
        ...

    def events(self) -> Mapping[str, tuple[Event, ...]]:
        """Return every clip's history, oldest first."""
        ...

    def lines(self) -> Mapping[str, Line]:
        """Return the revisions of every clip that has any."""
        ...

    def work(self) -> Mapping[str, tuple[Work, ...]]:
        """Return what people did on each clip on the page, in the order of their names."""
        ...

    def findings(self, kind: str) -> Mapping[int, str]:
        """Return what is kept of this kind about revisions that are the newest of their clips, or the newest models made."""
        ...
