"""Keeps worker processes running beside a server, and ends them with it. Knows how they are started; nothing of their work.

They read the workspace's settings when they begin. Where those change, as `engine models use` does, they are asked to end,
which puts their work back, and begin anew.
"""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Final

from engine.config import SETTINGS_FILE, Settings
from ml_backend.serving.logs import fields

LOG = logging.getLogger(__name__)

LOOK: Final = 0.2
"""Seconds between looks whether all are alive."""

FIRST, LAST = 1.0, 60.0
"""Seconds before one that died is started again, the first time and at most; they double."""

SETTLED: Final = 60.0
"""Seconds after which one that lives counts as well."""

GOODBYE: Final = 8.0
"""Seconds that they get to put their work back."""


@dataclass(slots=True)
class _Place:
    """One worker: its process, since when, and when and after how long it may be started again; at once where it is ``renewed``."""

    process: "subprocess.Popen[bytes] | None" = None
    since: float = 0.0
    again: float = 0.0
    renewed: bool = False
    pause: float = field(default_factory=lambda: FIRST)


class Workers:
    """Worker processes, each started again when it dies, ever later if it dies at once."""

    def __init__(
        self,
        settings: Settings,
        *,
        count: int,
        log_json: bool = False,
        command: Sequence[str] | None = None,
    ) -> None:
        """Start ``count`` of them; ``command`` replaces what they run."""
        self._command = list(command or command_of(settings))
        self._environment = environment_of(settings, log_json=log_json)
        self._settings = settings.workspace / SETTINGS_FILE
        self._places = [_Place() for _ in range(count)]
        self._ending = Event()
        self._keeper = Thread(target=self._keep, name="workers", daemon=True)
        self._keeper.start()

    def alive(self) -> tuple[int, ...]:
        """Return the process ids of those that run."""
        running = (place.process for place in self._places)
        return tuple(one.pid for one in running if one is not None and one.poll() is None)

    def close(self) -> None:
        """Ask all to end, and end those that do not."""
        self._ending.set()
        self._keeper.join()
        running = [place.process for place in self._places if place.process is not None]
        try:
            for process in running:
                process.terminate()
            _wait(running, time.monotonic() + GOODBYE)
        finally:  # also where a second Ctrl-C does not want to wait
            for process in running:
                process.kill()
                process.wait()

    def _keep(self) -> None:
        """Look after them until the end."""
        before = _stamp(self._settings)
        while not self._ending.is_set():
            if (present := _stamp(self._settings)) != before:
                before = present
                self._renew()
            for place in self._places:
                self._tend(place, time.monotonic())
            self._ending.wait(LOOK)

    def _renew(self) -> None:
        """Let all that run begin anew."""
        LOG.info("settings have changed: the workers begin anew")
        for place in self._places:
            place.again, place.renewed = 0.0, place.process is not None
            if place.process is not None:
                place.process.terminate()

    def _tend(self, place: _Place, now: float) -> None:
        """Start one that does not run, when it may."""
        if place.process is not None and place.process.poll() is None:
            if now - place.since > SETTLED:
                place.pause = FIRST
            return
        if place.process is not None:
            status, place.process = place.process.returncode, None
            if not place.renewed:
                _put_off(place, now, f"a worker ended with status {status}")
            place.renewed = False
        elif now >= place.again:
            try:
                place.process, place.since = self._started(), now
            except OSError as error:
                _put_off(place, now, f"a worker cannot be started: {error}")

    def _started(self) -> "subprocess.Popen[bytes]":
        """Start one; Ctrl-C in the terminal does not reach it, we tell it ourselves."""
        return subprocess.Popen(  # noqa: S603 - our own program
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def _stamp(file: Path) -> tuple[int, int] | None:
    """Return what tells one state of a file from another."""
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_ino


def _put_off(place: _Place, now: float, why: str) -> None:
    """Say when it is tried again, later each time."""
    LOG.warning("%s", why, extra=fields(again_in_s=place.pause))
    place.again, place.pause = now + place.pause, min(2 * place.pause, LAST)


def command_of(settings: Settings) -> tuple[str, ...]:
    """Return the command of a worker of this workspace."""
    workspace = str(settings.workspace.absolute())
    return (sys.executable, "-m", "engine.cli", "--workspace", workspace, "labelstudio", "work")


def environment_of(settings: Settings, *, log_json: bool = False) -> Mapping[str, str]:
    """Return its environment, by which it also ends when this process is killed.

    An address of a database may hold a password, which does not belong on a command line.
    """
    address = {"ENGINE_DATABASE_URL": settings.database_url} if settings.database_url else {}
    logs = {"ENGINE_LOG_JSON": "1"} if log_json else {}
    return dict(os.environ) | address | logs | {"ENGINE_PARENT": str(os.getpid())}


def _wait(processes: Sequence["subprocess.Popen[bytes]"], until: float) -> None:
    """Wait until all have ended, or for so long."""
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            LOG.warning("a worker does not end: killed", extra=fields(pid=process.pid))
