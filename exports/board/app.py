"""FiftyOne's app as a process of ours: started, waited for, ended. Knows no dataset but by name."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from engine.errors import InputError, ServerError
from exports.board import environment
from exports.board.keeping import keeping
from exports.board.workspace import NAME as WORKSPACE

START: Final = 180.0
"""Seconds in which the app must answer; a busy machine takes half a minute to load it."""
GOODBYE: Final = 10.0
LOOK: Final = 0.2
TAIL: Final = 12
"""Lines of its log that are told about an app that does not start."""


@dataclass(frozen=True, slots=True)
class App:
    """An app that runs, or starts: its process, where it listens, and what people open."""

    pid: int
    address: str
    port: int
    url: str


class Starting:
    """The app's process: its log, and whether it is there."""

    def __init__(self, process: subprocess.Popen[bytes], app: App, log: Path) -> None:
        """Hold what was started."""
        self.app, self._process, self._log = app, process, log

    @property
    def running(self) -> bool:
        """Say whether the process is there."""
        return self._process.poll() is None

    def wait(self, *, stop: Callable[[], bool] = lambda: False) -> bool:
        """Wait until the page answers, or ``stop``; say whether it does.

        Raises:
            ServerError: the process ended, or does not answer in time; the end of its log is told.
        """
        until = time.monotonic() + START
        while self.running and time.monotonic() < until and not stop():
            if answers(self.app):
                return True
            time.sleep(LOOK)
        if self.running and stop():
            return False
        raise ServerError(self.ended())

    def ended(self) -> str:
        """Say that it does not answer, with the end of its log."""
        said = "does not answer" if self.running else f"ended ({self._process.returncode})"
        end = "\n".join(self._log.read_text(errors="replace").splitlines()[-TAIL:])
        return f"FiftyOne's app {said}; the end of {self._log}:\n{end}"

    def stop(self) -> None:
        """End it; its own children end with it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(GOODBYE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def app(
    uri: str, home: Path, *, dataset: str, port: int = 5151, address: str = "127.0.0.1"
) -> Iterator[Starting]:
    """Start the app on a database; it ends with the block, and when we are killed. ``port`` 0 takes a free one.

    Raises:
        InputError: something listens on the port, or it is none of this machine.
    """
    port = wanted_port(address, port)
    log, note = home / "apps" / f"{port}.log", home / "apps" / f"{port}.json"
    command = [sys.executable, "-m", "exports.board.serving", str(port), address]
    with keeping(home), _opened(log) as file:
        process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | environment.variables(uri, home),
            start_new_session=True,  # Ctrl-C in our terminal is ours to pass on
        )
    started = Starting(process, App(process.pid, address, port, page(address, port, dataset)), log)
    try:
        with keeping(home):
            note.write_text(json.dumps(asdict(started.app)), encoding="utf-8")
        yield started
    finally:
        note.unlink(missing_ok=True)
        started.stop()


def _opened(log: Path) -> IO[bytes]:
    """Open a log, empty, made with its folder."""
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("wb")


def running(home: Path) -> tuple[App, ...]:
    """Return the apps that run for a workspace."""
    found = (_read(note) for note in sorted((home / "apps").glob("*.json")))
    return tuple(one for one in found if one and answers(one))


def _read(note: Path) -> App | None:
    """Return the app that a note is about; None where it is none."""
    try:
        return App(**json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def answers(one: App) -> bool:
    """Say whether FiftyOne answers there at once."""
    return _version(one.address, one.port) is not None


def _version(address: str, port: int) -> str | None:
    """Return the version of the FiftyOne that listens there, None where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        where = f"http://{_reached(address)}:{port}/fiftyone"
        with urllib.request.urlopen(where, timeout=5) as answer:
            return str(json.loads(answer.read())["version"])
    return None


def wanted_port(address: str, port: int) -> int:
    """Return the port, made sure that nothing listens there.

    Raises:
        InputError: as in ``app``.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            other = _version(address, port)
            who = f"FiftyOne {other} runs there already" if other else error.strerror
            raise InputError(
                f"cannot listen on {address}:{port} ({who}); choose another port with --port {port + 1}"
            ) from error
        return int(probe.getsockname()[1])


def page(address: str, port: int, dataset: str) -> str:
    """Return what people open: the dataset, with the panel beside the clips."""
    return f"http://{_reached(address)}:{port}/datasets/{quote(dataset, safe='')}?workspace={WORKSPACE}"


def _reached(address: str) -> str:
    """Return how a browser on this machine writes an address."""
    if address in {"0.0.0.0", "::"}:  # noqa: S104 - named, not listened on
        return "127.0.0.1"
    return f"[{address}]" if ":" in address else address
