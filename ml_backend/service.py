"""A program that runs beside ours: started with a log of its own, waited for, ended with all it started. Knows no program."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from engine.errors import InputError, ServerError

LOOK = 0.2
"""Seconds between two looks whether a program answers."""
GOODBYE = 20.0
"""Seconds that a program gets to end when it is asked to."""
TAIL = 12
"""Lines of its log that are told about a program that did not start."""


def free_port() -> int:
    """Return a port of this machine on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refuse_taken(port: int) -> None:
    """Make sure that nobody listens on a port of this machine.

    Raises:
        InputError: somebody does.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise InputError(
                f"port {port} of 127.0.0.1 cannot be had ({error.strerror}): what listens there now? "
                "End that, or choose another port"
            ) from error


class Service:
    """A program: its process, its log and how it is asked whether it is there."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Say what is run; ``environment`` is added to ours, and what it prints goes to the end of ``log``."""
        self.name, self.command, self.log = name, [str(part) for part in command], log
        self.environment = dict(environment or {})
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, in a group of its own: Ctrl-C in our terminal is ours to pass on.

        Raises:
            ServerError: there is no such program.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(  # noqa: S603 - what our caller named
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=os.environ | self.environment,
                    start_new_session=True,
                )
        except OSError as error:
            raise ServerError(
                f"{self.name} cannot be started: {self.command[0]}: {error.strerror}; "
                "install it, or name the program that is to be run"
            ) from error

    @property
    def running(self) -> bool:
        """Say whether its process is there."""
        return self.process is not None and self.process.poll() is None

    def wait(
        self, url: str, *, within: float = 180.0, headers: Mapping[str, str] | None = None
    ) -> None:
        """Wait until ``url`` answers with 200.

        Raises:
            ServerError: the program ended, or did not answer in time; the end of its log is told.
        """
        until = time.monotonic() + within
        while self.running and time.monotonic() < until:
            if answers(url, headers=headers):
                return
            time.sleep(LOOK)
        said = f"does not answer at {url} within {within:.0f} s"
        if self.process is not None and not self.running:
            said = f"ended with exit status {self.process.returncode} before it answered at {url}"
        raise ServerError(f"{self.name} {said}; the end of {self.log}:\n{self.tail()}")

    def tail(self) -> str:
        """Return the last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL:])

    def stop(self) -> None:
        """Ask it to end, and end it with all that it started if it does not."""
        if self.process is None:
            return
        if self.running:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=GOODBYE)
        self.kill()

    def kill(self) -> None:
        """End it and all that it started at once, as a power cut would."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def answers(url: str, *, headers: Mapping[str, str] | None = None) -> bool:
    """Say whether an address answers with 200 at once."""
    try:
        return httpx.get(url, headers=headers, timeout=5.0).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
