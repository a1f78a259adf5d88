"""What `engine fiftyone` does: syncs, opens the app, says how things stand. Decides nothing."""

import time
import webbrowser
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from engine import wiring
from engine.cli.console import say
from engine.cli.fiftyone import texts
from engine.cli.fiftyone.rounds import Stop, Wishes, lost, refuse_lost, rounds
from engine.cli.fiftyone.standing import Standing, standing
from engine.cli.fiftyone.turn import LOOK, refuse, turn, whose
from engine.cli.interrupt import stop_on_interrupt
from engine.cli.serve import LOCAL
from engine.config import Settings
from engine.errors import ServerError
from engine.workflows.board.lacking import lacking
from engine.workflows.board.report import SyncReport
from exports.board import app as apps
from exports.board import mongod
from exports.board.app import Starting
from exports.board.database import shown
from exports.board.environment import refuse_missing
from exports.board.keeping import usable


@dataclass(frozen=True, slots=True)
class Place:
    """Where the app listens, and whether its page is opened here."""

    address: str = "127.0.0.1"
    port: int = 5151
    remote: bool = False


def sync(settings: Settings, wishes: Wishes) -> SyncReport:
    """Bring FiftyOne in step: once, or until Ctrl-C; return what was done, when watching of the last round.

    Raises:
        InputError: somebody else syncs.
        SettingsError: FiftyOne is not installed, or the dataset is not ours.
        ServerError: its database failed.
    """
    refuse_missing()
    with wiring.workbench(settings):  # a workspace that is not there gets no folder for locks
        home = wiring.board_home(settings)
    with stop_on_interrupt() as stop, turn(home, wishes.by, wait=stop if wishes.watch else None) as other:  # fmt: skip
        if other and stop():
            return SyncReport(interrupted=True)
        refuse(home, other)
        with rounds(settings, wishes) as ours:
            return ours.run(stop=stop)


def show(settings: Settings, place: Place, wishes: Wishes) -> None:
    """Open the app with what is known at once, and bring the rest while it runs, until Ctrl-C.

    Raises:
        InputError: the port is taken.
        SettingsError, ServerError: as in ``sync``, or the app failed.
    """
    refuse_missing()
    if place.address not in LOCAL:
        say(texts.OPEN_DOOR.format(address=place.address, port=place.port), style="bold red")
    with stop_on_interrupt() as stop, wiring.workbench(settings), ExitStack() as ends:
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
        _serve(settings, uri, app, place, wishes, stop)
        say("FiftyOne is closed; everything that was done is stored")


def status(settings: Settings) -> Standing:
    """Compare what FiftyOne holds with the workspace; a database that does not run is started for the moment, if it holds anything."""
    refuse_missing()
    home, given = wiring.board_home(settings), wiring.given_database(settings)
    with wiring.workbench(settings) as bench:
        clips = bench.catalog.clips()
        usable(home)
        opened = ", ".join(one.url for one in apps.running(home))
        where = {"app": opened, "syncing": whose(home), "database": _place(home, given)}
        if not given and not (home / "db").exists():
            return standing(settings.fiftyone_dataset, clips, {}, lacking=0, **where)
        with wiring.board(settings) as board:
            held = dict(board.held())
            desk = wiring.board_desk(bench, board)
            waits = len(set(lacking(desk, held)) & held.keys())
            return standing(settings.fiftyone_dataset, clips, held, lacking=waits, **where)


def exit_status(report: SyncReport, *, watch: bool = False) -> int:
    """Return the exit status of a sync; to be interrupted is how a watch ends."""
    if report.interrupted and not watch:
        return 130
    unsettled = any(not one.settled for one in report.refused)
    return int(bool(report.failed or report.trouble or unsettled))


def _place(home: Path, given: str) -> str:
    """Say where the database is, and whether it runs."""
    if given:
        return f"{shown(given)} (given)"
    if not (home / "db").exists():
        return "not made yet"
    server = mongod.running(home)
    if server is None:
        return f"does not run; its files: {home / 'db'}"
    return f"127.0.0.1:{server.port} (process {server.pid}; {home / 'db'})"


def _serve(
    settings: Settings, uri: str, app: Starting, place: Place, wishes: Wishes, stop: Stop
) -> None:
    """Bring what is there at once, say where the app is, bring the rest; until asked to stop, or what we need has ended.

    Raises:
        ServerError: it has.
    """

    def over() -> bool:
        return stop() or not app.running or lost(settings)

    with turn(wiring.board_home(settings), wishes.by) as other:
        if other:
            say(f"{other} syncs this workspace; here it is only shown")
            _ready(app, place, over)
        else:
            with rounds(settings, wishes, uri=uri) as ours:
                say(texts.synced(ours.quick(stop=over)))
                if _ready(app, place, over):
                    last = ours.run(stop=over)
                    if not wishes.watch:
                        say(texts.synced(last))
    while not over():
        time.sleep(LOOK)
    if not stop() and app.running:
        refuse_lost(settings)
    if not stop():
        raise ServerError(app.ended())


def _ready(app: Starting, place: Place, over: Stop) -> bool:
    """Wait until the app's page answers, say where it is and open it if wanted; say whether it does."""
    ready = app.wait(stop=over)
    if ready:
        say(f"ready: {app.app.url}   (Ctrl-C ends it)", style="bold")
        if not place.remote:
            webbrowser.open(app.app.url)
    return ready
