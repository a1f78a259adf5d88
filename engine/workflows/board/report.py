"""What a sync did, counted while it goes on and told when it ends. Knows numbers and words, does nothing."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.errors import DiskFull, EngineError, ServerError
from engine.ports.board import Card, Tag

Told: TypeAlias = Callable[[str, int, int], None]
"""Hears of progress: the phase ("tags", "cards", "masks", or all that is costly), what is done of it, and of how much."""


def silent(_phase: str, _done: int, _of: int) -> None:
    """Hear of progress and tell nobody."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a clip's tags: ``said`` in words; ``done`` where the engine now has it so.

    Tags that are not ``settled`` stay, because something failed: the next sync tries again.
    """

    clip: str
    tags: tuple[Tag, ...]
    by: str
    said: str
    done: bool
    settled: bool = True


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: of how many clips cards, masks and costly things were made; how tags were answered.

    ``failed`` says by clip what went wrong and is tried again next time. ``left`` counts the clips at whose costly things nobody
    has looked; ``trouble`` is what ended a round of a watch; ``seconds`` are by phase.
    """

    clips: int = 0
    cards: int = 0
    dropped: int = 0
    masks: int = 0
    films: int = 0
    measured: int = 0
    compared: int = 0
    stills: int = 0
    decided: tuple[Answer, ...] = ()
    refused: tuple[Answer, ...] = ()
    failed: dict[str, str] = field(default_factory=dict)
    left: int = 0
    interrupted: bool = False
    trouble: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Say whether there is anything to tell."""
        counts = self.cards, self.dropped, self.masks, self.films, self.measured, self.compared
        told = self.decided, self.refused, self.failed, self.trouble
        return any(counts) or self.stills > 0 or any(map(bool, told))


@dataclass(slots=True)
class Tally:
    """Counts while a sync goes on."""

    progress: Told = silent
    counts: dict[str, int] = field(default_factory=dict)
    cards: set[str] = field(default_factory=set)
    answers: list[Answer] = field(default_factory=list)
    failed: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    interrupted: bool = False

    def count(self, what: str, more: int = 1) -> None:
        """Count what was made; ``what`` is a field of the report."""
        self.counts[what] = self.counts.get(what, 0) + more

    def carded(self, cards: Iterable[Card]) -> None:
        """Count the clips whose cards were put, each once however often that was."""
        self.cards |= {card.clip.id for card in cards}
        self.counts["cards"] = len(self.cards)

    def learned(self) -> bool:
        """Say whether something was made from which all cards, or the sum of all, may come out otherwise."""
        return any(self.counts.get(what) for what in ("measured", "compared", "stills"))

    def efforts(self) -> int:
        """Return how many costly things were made or tried, about: it grows with each."""
        made = ("films", "measured", "compared", "stills")
        return sum(self.counts.get(what, 0) for what in made) + len(self.failed)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - begun

    @contextmanager
    def trying(self, clip: str) -> Iterator[None]:
        """Do something for one clip, whose failure stops no other.

        Raises:
            ServerError, DiskFull: that of the board, or of the disk, would hit every other clip too.
        """
        try:
            yield
        except (ServerError, DiskFull):
            raise
        except EngineError as error:
            told = self.failed.setdefault(clip, [])
            if str(error) not in told:
                told.append(str(error))

    def report(self, *, trouble: str = "") -> SyncReport:
        """Return what was counted."""
        return SyncReport(
            **self.counts,
            decided=tuple(one for one in self.answers if one.done),
            refused=tuple(one for one in self.answers if not one.done),
            failed={clip: "; ".join(told) for clip, told in sorted(self.failed.items())},
            interrupted=self.interrupted,
            trouble=trouble,
            seconds={name: round(spent, 3) for name, spent in self.seconds.items()},
        )
