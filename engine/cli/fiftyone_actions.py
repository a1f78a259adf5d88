"""What `engine fiftyone` does: opens workspace, board and app, takes the turn to sync, shows progress. Decides nothing."""

import os
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine import wiring
from engine.cli import fiftyone_texts as texts
from engine.cli.console import bars, say
from engine.cli.fiftyone_standing import Standing, standing
from engine.cli.interrupt import stop_on_interrupt
from engine.config import Settings
from engine.errors import InputError, ServerError
from engine.workflows import board_sync
from engine.workflows.board_desk import BoardDesk
from engine.workflows.board_report import SyncReport
from exports.board import app as apps
from exports.board import locks, mongod
from exports.board.app import Starting
from exports.board.database import shown
from exports.board.environment import refuse_missing

LOOK = 0.5
"""Seconds between two looks whether the turn came, or whether the app still runs."""

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
class Place:
    """Where the app listens, and whether its page is opened here."""

    address: str = "127.0.0.1"
    port: int = 5151
    remote: bool = False


def sync(settings: Settings, wishes: Wishes) -> SyncReport:
    """Bring the board in step: once, or until Ctrl-C; return what was done, when watching of the last round."""
    refuse_missing()
    with (
        stop_on_interrupt() as stop,
        _turn(settings, wishes.by, wait=stop if wishes.watch else None) as other,
    ):
        if other and stop():
            return SyncReport(interrupted=True)
        if other:
            raise InputError(_busy(wiring.board_home(settings), other))
        with _desk(settings, rebuild=wishes.rebuild) as desk:
            return (
                _watched(settings, desk, wishes, stop)
                if wishes.watch
                else _once(desk, wishes, stop)
            )


def show(settings: Settings, place: Place, wishes: Wishes) -> None:
    """Open the app with what is known at once, and bring the rest while it runs, until Ctrl-C.

    Raises:
        InputError: the port is taken.
        ServerError: the database or the app failed.
    """
    if place.address not in {"127.0.0.1", "::1", "localhost"}:
        say(texts.OPEN_DOOR.format(address=place.address, port=place.port), style="bold red")
    with stop_on_interrupt() as stop, ExitStack() as ends:
        uri = ends.enter_context(wiring.board_database(settings))
        say("starting FiftyOne ...")
        app = ends.enter_context(
            apps.app(
                uri,
                wiring.board_home(settings),
                dataset=settings.fiftyone_dataset,
                port=place.port,
                address=place.address,
            )
        )
        _serve(settings, uri, app, wishes, stop, remote=place.remote)
        say("FiftyOne is closed; everything that was done is stored")


def status(settings: Settings) -> Standing:
    """Compare what the board holds with the workspace; starts no app, and a database only where there is something in it."""
    home = wiring.board_home(settings)
    with wiring.workbench(settings) as bench:
        clips = bench.catalog.clips()
    app, server = apps.running(home), mongod.running(home)
    database = shown(wiring.given_database(settings)) if wiring.given_database(settings) else ""
    if server:
        database = f"127.0.0.1:{server.port} (process {server.pid}, {home / 'db'})"
    where = {"app": app.url if app else "", "syncing": locks.holder(home / "sync.lock")}
    if not database and not (home / "db").exists():
        return standing(settings.fiftyone_dataset, clips, {}, database="not made yet", **where)
    with wiring.board(settings) as board:
        held = dict(board.held())
    database = database or f"does not run; its files: {home / 'db'}"
    return standing(settings.fiftyone_dataset, clips, held, database=database, **where)


def exit_status(report: SyncReport) -> int:
    """Return the exit status of a sync."""
    if report.interrupted:
        return 130
    unsettled = any(not one.settled for one in report.refused)
    return int(bool(report.failed or report.trouble or unsettled))


def _serve(
    settings: Settings, uri: str, app: Starting, wishes: Wishes, stop: Stop, *, remote: bool
) -> None:
    """Bring cards, say where the app is, bring the rest; return when asked to stop, or when what we need has ended."""

    def over() -> bool:
        return stop() or not app.running or _lost(settings)

    with _turn(settings, wishes.by) as other:
        if not other:
            with _desk(settings, uri=uri) as desk:
                quick = board_sync.sync(desk, by=wishes.by, stop=over, masks=False, costly=False)
                say(texts.synced(quick))
                if app.wait(stop=over):
                    _ready(app.app.url, remote=remote)
                    _rest(settings, desk, wishes, over)
        else:
            say(f"{other} syncs this workspace; here it is only shown")
            if app.wait(stop=over):
                _ready(app.app.url, remote=remote)
    while not over():
        time.sleep(LOOK)
    _refuse_lost(settings, stop)
    if not stop():
        raise ServerError(app.ended())


def _rest(settings: Settings, desk: BoardDesk, wishes: Wishes, over: Stop) -> None:
    """Bring masks and costly things: again and again, or once."""
    if wishes.watch:
        _watched(settings, desk, wishes, over)
    else:
        say(texts.synced(_once(desk, wishes, over)))


def _once(desk: BoardDesk, wishes: Wishes, stop: Stop) -> SyncReport:
    """Sync once, with bars."""
    with bars("sync", unit="") as progress:
        return board_sync.sync(
            desk,
            by=wishes.by,
            stop=stop,
            progress=progress,
            clips=wishes.clips,
            masks=wishes.masks,
            costly=wishes.masks,
        )


def _watched(settings: Settings, desk: BoardDesk, wishes: Wishes, stop: Stop) -> SyncReport:
    """Sync until ``stop``, saying what each round changed; return the last round's report."""
    last = SyncReport()

    def told(report: SyncReport) -> None:
        nonlocal last
        last = report
        if report.changed:
            say(f"{datetime.now().astimezone():%H:%M:%S} {texts.synced(report)}")

    with bars("sync", unit="") as progress:
        board_sync.watch(
            desk,
            by=wishes.by,
            every=wishes.every,
            stop=lambda: stop() or _lost(settings),
            progress=progress,
            told=told,
            masks=wishes.masks,
            costly=wishes.masks,
        )
    _refuse_lost(settings, stop)
    return last


def _lost(settings: Settings) -> bool:
    """Say whether the workspace's own database ended under us."""
    return not wiring.given_database(settings) and not mongod.running(wiring.board_home(settings))


def _refuse_lost(settings: Settings, stop: Stop) -> None:
    """Say that the database ended, where nobody asked for an end.

    Raises:
        ServerError: it did.
    """
    if _lost(settings) and not stop():
        log = wiring.board_home(settings) / "mongod.log"
        raise ServerError(
            f"FiftyOne's database ended by itself; {log} says why. Start again: the next sync goes on with what is missing"
        )


def _ready(url: str, *, remote: bool) -> None:
    """Say where the app is, and open it if wanted."""
    say(f"ready: {url}   (Ctrl-C ends it)", style="bold")
    if not remote:
        webbrowser.open(url)


@contextmanager
def _desk(settings: Settings, *, uri: str = "", rebuild: bool = False) -> Iterator[BoardDesk]:
    """Open the workspace and its board."""
    with (
        wiring.workbench(settings) as bench,
        wiring.board(settings, uri=uri, rebuild=rebuild) as board,
    ):
        yield wiring.board_desk(bench, board)


@contextmanager
def _turn(settings: Settings, by: str, *, wait: Stop | None = None) -> Iterator[str]:
    """Take the turn to sync this workspace: yield "" with it, or who has it; with ``wait`` only once that says stop."""
    path, told = wiring.board_home(settings) / "sync.lock", False
    while True:
        with locks.turn(path, _who(by)) as other:
            if not other or wait is None or wait():
                yield other
                return
        if not told:
            say(f"waiting: {other} syncs this workspace")
            told = True
        time.sleep(LOOK)


def _busy(home: Path, other: str) -> str:
    """Say that somebody else syncs."""
    return (
        f"{other} syncs this workspace now ({home}); wait for its end, or use --watch, which does"
    )


def _who(by: str) -> str:
    """Say who we are, to those who wait for us."""
    return f"{by}, process {os.getpid()}, since {datetime.now().astimezone():%H:%M}"
