"""A MongoDB server of the workspace's own: found, started, shared, ended with the last that uses it. Knows nothing of FiftyOne's data.

FiftyOne's own way would attach to any database that FiftyOne runs for the same user, whatever its folder.
"""

import importlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import DiskFull, ServerError
from exports.board import environment, locks
from exports.board.keeping import full, keeping

CACHE: Final = "0.5"
"""GiB of memory in which the server keeps what was read last; a workspace of 1,000 clips is asked for a few of them."""
START: Final = 60.0
"""Seconds in which a server must answer; a damaged database is repaired within them."""
GOODBYE: Final = 30.0
"""Seconds in which it ends by itself when it is asked to."""
LOOK: Final = 0.05
TAIL: Final = 6
"""Lines of its log that are told about a server that does not start."""
LONGEST: Final = 300
"""Characters of a line that are told about one that ended."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs: its process and its port on this machine."""

    pid: int
    port: int

    @property
    def uri(self) -> str:
        """Return its address; whoever asks gives up after five seconds without an answer."""
        return f"mongodb://127.0.0.1:{self.port}/?serverSelectionTimeoutMS=5000"


@contextmanager
def own_mongod(home: Path) -> Iterator[Running]:
    """Yield the server whose data lie in ``home``/db, started where none runs there.

    One that a killed process left behind is taken over. Whoever uses it holds a shared lock, which no crash leaves behind; the
    last to let go ends the server.

    Raises:
        ServerError: there is no mongod, or it does not start; the end of its log is told.
        DiskFull: there is no room for it.
    """
    gate = home / "mongod.lock"
    with keeping(home), locks.alone(gate):
        users = locks.Together(home / "users.lock")
        server = running(home) or _start(home)
    try:
        yield server
    finally:
        with locks.alone(gate):
            if users.leave():
                stop(home)


def running(home: Path) -> Running | None:
    """Return the server that has ``home``/db open now, or None.

    The database's lock names a process; that process itself says whether it is a server of this folder, and on which port.
    """
    psutil = _psutil()
    try:
        process = psutil.Process(int((home / "db" / "mongod.lock").read_text()))
        if str((home / "db").absolute()) not in process.cmdline():
            return None
        ports = [at.laddr.port for at in process.net_connections("tcp") if at.status == "LISTEN"]
    except (OSError, ValueError, psutil.Error):
        return None
    return Running(process.pid, ports[0]) if ports else None


def stop(home: Path) -> None:
    """End the server of ``home``, in order; one that does not end by itself is killed. None running is fine."""
    server = running(home)
    if server is None:
        return
    _signal(server.pid, signal.SIGTERM)
    until = time.monotonic() + GOODBYE
    while _there(server.pid):
        if time.monotonic() > until:
            _signal(server.pid, signal.SIGKILL)
            return
        time.sleep(LOOK)
    with suppress(ChildProcessError):  # another process may have started it
        os.waitpid(server.pid, os.WNOHANG)


def _signal(pid: int, number: int) -> None:
    """Send a signal to a process, which may have ended meanwhile."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _there(pid: int) -> bool:
    """Say whether a process is there, and not only waits for its parent to hear of its end."""
    psutil = _psutil()
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _psutil() -> Any:
    """Return the library that tells of processes, which comes with FiftyOne and without types."""
    return importlib.import_module("psutil")


def program(home: Path) -> Path:
    """Return the mongod to run: the one that came with FiftyOne, else one of the machine's.

    Raises:
        SettingsError: there is none because FiftyOne is broken.
        ServerError: there is none.
    """
    package = importlib.util.find_spec("fiftyone")
    folders = list(package.submodule_search_locations or ()) if package else []
    bundled = [Path(folder) / "db" / "bin" / "mongod" for folder in folders]
    installed = shutil.which("mongod")
    for found in [*bundled, *([Path(installed)] if installed else [])]:
        if os.access(found, os.X_OK):
            return found
    environment.refuse_broken(home)
    raise ServerError(
        "mongod is missing: the installed FiftyOne brought none for this machine. Install MongoDB 6 or newer, so that `mongod` is "
        "found on the PATH, or name a server that runs: ENGINE_FIFTYONE_DATABASE_URI=mongodb://HOST:27017"
    )


def _start(home: Path) -> Running:
    """Start a server on a free port of this machine only, and wait until it takes connections."""
    data, log = (home / "db").absolute(), home / "mongod.log"
    data.mkdir(parents=True, exist_ok=True)
    command = [str(program(home)), "--dbpath", str(data), "--port", "0", "--bind_ip", "127.0.0.1"]
    command += ["--nounixsocket", "--wiredTigerCacheSizeGB", CACHE, "--quiet"]
    command += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - the program found above
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in our terminal is ours to pass on
        )
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        if server := running(home):
            return server
        time.sleep(LOOK)
    process.kill()
    raise _failed(log, process.wait())


def last_words(home: Path) -> str:
    """Return what the server of ``home`` wrote last of something that failed, "" where it wrote of nothing, as one that is killed."""
    try:
        lines = (home / "mongod.log").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return next((told for line in reversed(lines) if (told := _complaint(line))), "")


def _complaint(line: str) -> str:
    """Return what a line of the log says, where it is about something that failed."""
    try:
        told = json.loads(line)
        grave = told["s"] in ("E", "F")
        why = told.get("attr", {}).get("error", "")
        return " ".join(filter(None, (told["msg"], str(why))))[:LONGEST] if grave else ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _failed(log: Path, status: int) -> ServerError | DiskFull:
    """Return what is to be said of a server that did not start."""
    end = "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:])
    if "No space left" in end or "ENOSPC" in end:
        return full(log.parent)
    return ServerError(
        f"mongod, FiftyOne's database, does not start (exit status {status}). The end of {log}:\n{end}\n"
        "Nothing there is a truth of its own: with the folder moved away, `engine fiftyone sync` fills a new one"
    )
