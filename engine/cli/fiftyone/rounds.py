"""Rounds of a sync as a command runs them: with bars, told line by line, over when the database ends. Knows no app."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from engine import wiring
from engine.cli.console import bars, say
from engine.cli.fiftyone import texts
from engine.config import Settings
from engine.errors import ServerError
from engine.workflows.board import sync as board_sync
from engine.workflows.board.desk import BoardDesk
from engine.workflows.board.report import SyncReport, Told
from exports.board import mongod
from exports.board.furnishing import furnish
from exports.fiftyone import FiftyOneBoard

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to sync: in whose name, again and again or once, how often, with masks, and which clips (none: all)."""

    by: str
    watch: bool = False
    every: float = 30.0
    masks: bool = True
    clips: Sequence[str] = ()
    rebuild: bool = False


@dataclass(frozen=True, slots=True)
class Rounds:
    """What rounds are run on: the settings, what a sync works with, and its board."""

    settings: Settings
    desk: BoardDesk
    board: FiftyOneBoard
    wishes: Wishes

    def quick(self, *, stop: Stop) -> SyncReport:
        """Bring what is there at once: decisions, stages, people, figures."""
        report = board_sync.sync(self.desk, by=self.wishes.by, stop=stop, masks=False, costly=False)
        furnish(self.board.dataset)
        return report

    def run(self, *, stop: Stop) -> SyncReport:
        """Bring everything: once, or again and again until ``stop``; return what the last round did.

        Raises:
            ServerError: the database ended under us, besides what ``sync`` raises.
        """
        with bars("sync", unit="") as shown:

            def progress(phase: str, done: int, of: int) -> None:
                if of:  # a bar for nothing to do tells nothing
                    shown(phase, done, of)

            last = self._watch(progress, stop) if self.wishes.watch else self._once(progress, stop)
        if lost(self.settings) and not stop():
            refuse_lost(self.settings)
        return last

    def _once(self, progress: Told, stop: Stop) -> SyncReport:
        """Sync once."""
        report = board_sync.sync(
            self.desk,
            by=self.wishes.by,
            stop=stop,
            progress=progress,
            clips=self.wishes.clips,
            masks=self.wishes.masks,
            costly=self.wishes.masks,
        )
        if not report.interrupted:  # views can wait for the next sync
            furnish(self.board.dataset)
        return report

    def _watch(self, progress: Told, stop: Stop) -> SyncReport:
        """Sync until ``stop``, saying what each round changed."""
        last = SyncReport()

        def told(report: SyncReport) -> None:
            nonlocal last
            last = report
            if report.changed:
                say(f"{datetime.now().astimezone():%H:%M:%S} {texts.synced(report)}")
                self._furnish()

        board_sync.watch(
            self.desk,
            by=self.wishes.by,
            every=self.wishes.every,
            stop=lambda: stop() or lost(self.settings),
            progress=progress,
            told=told,
            masks=self.wishes.masks,
            costly=self.wishes.masks,
        )
        return last

    def _furnish(self) -> None:
        """Put views right; what is in the way will be in the way of the next round too, which tells of it."""
        try:
            furnish(self.board.dataset)
        except ServerError as error:
            say(f"trouble: {error}")


@contextmanager
def rounds(settings: Settings, wishes: Wishes, *, uri: str = "") -> Iterator[Rounds]:
    """Open the workspace and its board, in the database at ``uri`` where it is known; answer tags before it is made anew."""
    with ExitStack() as ends:
        bench = ends.enter_context(wiring.workbench(settings))
        place = uri or ends.enter_context(wiring.board_database(settings))
        if wishes.rebuild:
            _answer(settings, bench, wishes, place)
        board = ends.enter_context(wiring.board(settings, uri=place, rebuild=wishes.rebuild))
        try:
            yield Rounds(settings, wiring.board_desk(bench, board), board, wishes)
        except ServerError as error:
            if not lost(settings):
                raise
            raise _ended(settings) from error


def _answer(settings: Settings, bench: wiring.Workbench, wishes: Wishes, uri: str) -> None:
    """Act on tags while the board still knows which masks their lead saw; what does not answer is to be made anew anyway."""
    try:
        with wiring.board(settings, uri=uri) as old:
            desk = wiring.board_desk(bench, old)
            report = board_sync.sync(desk, by=wishes.by, masks=False, costly=False)
    except ServerError as error:
        say(f"trouble: {error}")
    else:
        say(texts.synced(report))


def lost(settings: Settings) -> bool:
    """Say whether the workspace's own database has ended; one that somebody named is not watched."""
    return not wiring.given_database(settings) and not mongod.running(wiring.board_home(settings))


def refuse_lost(settings: Settings) -> None:
    """Say that the database ended.

    Raises:
        ServerError: always.
    """
    raise _ended(settings)


def _ended(settings: Settings) -> ServerError:
    """Return what is to be said where the database ended."""
    home = wiring.board_home(settings)
    why = mongod.last_words(home) or "its log has no word of why, as where something killed it"
    return ServerError(
        f"FiftyOne's database ended while it was used: {why} ({home / 'mongod.log'}). "
        "next: the same command again; it starts the database and goes on with what is missing"
    )
