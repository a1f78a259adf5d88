"""What `engine labelstudio` does: opens workspace and connection, shows progress, calls the backend's own. Decides nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine import wiring
from engine.cli.console import Bars, bars, say
from engine.cli.interrupt import stop_on_interrupt
from engine.config import Settings
from ml_backend.asking import credentials, standings
from ml_backend.asking.client import Client
from ml_backend.asking.setup import Ready, Wishes, set_up
from ml_backend.asking.standings import Standings
from ml_backend.asking.sync import SyncReport
from ml_backend.asking.sync import sync as run_sync
from ml_backend.work.worker import Worked
from ml_backend.work.worker import work as run_work


@dataclass(frozen=True, slots=True)
class SetUp:
    """The projects that are set up, and what was sent to them."""

    projects: tuple[Ready, ...]
    sync: SyncReport

    @property
    def status(self) -> int:
        """The exit status: what is wrong with a project fails the command too."""
        return exit_status(self.sync) or int(any(one.wrong for one in self.projects))


def setup(settings: Settings, wishes: Wishes, *, given: bool, work: bool) -> SetUp:
    """Make or mend the projects, then send what is there; keep a token that was ``given`` here once it works."""
    with _connected(settings) as (bench, client):
        client.whoami()
        if given:
            credentials.remember(settings.workspace, credentials.required(settings))
        projects = set_up(bench, client, wishes)
        return SetUp(projects, _sync(settings, bench, client, work=work))


def sync(settings: Settings, *, work: bool) -> SyncReport:
    """Send and fetch."""
    with _connected(settings) as (bench, client):
        return _sync(settings, bench, client, work=work)


def status(settings: Settings) -> Standings:
    """Count what there is and what waits."""
    with wiring.workbench(settings) as bench:
        return standings.standings(bench)


def exit_status(report: SyncReport) -> int:
    """Return the exit status of what was sent and fetched."""
    if report.interrupted:
        return 130
    worked = report.worked
    return int(bool(report.failed or (worked and (worked.failed or worked.refused))))


def _sync(settings: Settings, bench: wiring.Workbench, client: Client, *, work: bool) -> SyncReport:
    """Send and fetch, with bars for tasks, annotations and predictions; Ctrl-C stops at a safe place."""
    with stop_on_interrupt() as stop, bars("sync", unit="") as progress:

        def worked(clips: int) -> Worked | None:
            told = _Told(progress, clips)
            return run_work(settings, stop=stop, once=True, say=told) if work else None

        return run_sync(bench, client, work=worked, stop=stop, progress=progress)


class _Told:
    """Hears what becomes of each clip: moves a bar on, and says what somebody should know."""

    def __init__(self, progress: Bars, clips: int) -> None:
        """Begin with none of ``clips`` done."""
        self._progress, self._clips, self._done = progress, clips, 0

    def __call__(self, line: str) -> None:
        """Hear a line about a clip."""
        self._done = min(self._done + 1, self._clips)
        if self._clips:
            self._progress("clips", self._done, self._clips)
        if "nothing new" not in line:
            say(line)


@contextmanager
def _connected(settings: Settings) -> Iterator[tuple[wiring.Workbench, Client]]:
    """Open the workspace and the connection."""
    with wiring.workbench(settings) as bench, Client(credentials.required(settings)) as client:
        yield bench, client
