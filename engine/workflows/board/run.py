"""One sync while it goes on: what it was asked for, what it works with, what it has counted. Knows no phase of it."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.workflows.board.desk import BoardDesk
from engine.workflows.board.report import Tally


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sync is asked for: which clips (none: all), what of them, when to end and when to make way for what is quick."""

    by: str
    clips: frozenset[str]
    masks: bool
    costly: bool
    stop: Callable[[], bool]
    pause: Callable[[], bool]

    def takes(self, clip: str) -> bool:
        """Say whether a clip is wished for."""
        return not self.clips or clip in self.clips


@dataclass(frozen=True, slots=True)
class Run:
    """One sync while it goes on."""

    desk: BoardDesk
    wish: Wish
    tally: Tally

    def ended(self) -> bool:
        """Ask whether the work is to end here, and remember that it was."""
        self.tally.interrupted = self.tally.interrupted or self.wish.stop()
        return self.tally.interrupted
