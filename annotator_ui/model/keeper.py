"""Keeps one model process alive. Knows how processes start and die; refuses to know what they draw."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Event, Thread
from typing import Final, Literal

from annotator_ui.model.calls import Call, Calls
from annotator_ui.model.messages import ModelState, Ready, Refused, Request, Stop, Warm
from annotator_ui.model.process import serve
from engine.config import Settings
from engine.errors import ModelError

DEATHS: Final = 3
"""Deaths in a row, each before the process was ready, after which it is not started again by itself."""

PAUSE: Final = 30.0
"""Seconds after which a request has another try made where the process could not be started."""

PATIENCE: Final = 120.0
"""Seconds after which a process that says nothing, though somebody waits, is taken for stuck; to start it may take five times as long."""

_LOOK = 5.0


@dataclass(frozen=True, slots=True)
class _Death:
    """How a process ended: ``ready`` if it had drawn or could have, ``final`` if another one would end the same way."""

    why: str
    ready: bool
    final: bool = False


class Keeper:
    """A model process that is started again when it dies."""

    def __init__(
        self,
        settings: Settings,
        *,
        number: int,
        pictures: int,
        patience: float,
        tell: Callable[[ModelState], None],
    ) -> None:
        """Start the process; ``tell`` hears, in a thread of its own, how it is."""
        self._settings, self._number, self._pictures, self._tell = settings, number, pictures, tell
        self._patience = patience
        self._calls = Calls()
        self._process: SpawnProcess | None = None
        self._broken: tuple[float, str] | None = None
        self._closing, self._again = Event(), Event()
        self._thread = Thread(target=self._keep, name=f"keeper {number}", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process that is there now, if any."""
        return None if self._process is None else self._process.pid

    def begin(self, make: Callable[[int], Request]) -> Call:
        """Hand in a request.

        Raises:
            ModelError: the process could not be started; after a while a request has it tried again.
        """
        if self._closing.is_set():
            raise ModelError("the model process is closed; restart the server")
        broken = self._broken
        if broken is not None and time.monotonic() - broken[0] < PAUSE:
            raise ModelError(broken[1])
        call = self._calls.begin(make)
        self._again.set()
        return call

    def tell(self, message: Warm | Stop) -> None:
        """Say what needs no answer."""
        self._calls.tell(message)

    def close(self) -> None:
        """End the process, in the middle of whatever it does, and let all that waits fail."""
        self._closing.set()
        self._again.set()
        self._kill()
        self._thread.join()
        self._calls.fail(ModelError("the model process was closed; restart the server"))

    def _keep(self) -> None:
        """Start process after process until the keeper is closed."""
        deaths = 0
        while not self._closing.is_set():
            self._say("starting")
            death = self._live()
            if self._closing.is_set():
                return
            self._calls.disconnect(death.why)
            deaths = 0 if death.ready else deaths + 1
            self._say("died", death.why)
            if death.final or deaths >= DEATHS:
                self._give_up(death.why)

    def _give_up(self, why: str) -> None:
        """Wait until somebody asks again."""
        message = (
            f"the model cannot start: {why}; mend that, then click again or restart the server"
        )
        self._again.clear()
        self._broken = time.monotonic(), message
        self._calls.fail(ModelError(message))
        self._again.wait()
        self._broken = None

    def _live(self) -> _Death:
        """Start a process and hand its answers on until it has ended."""
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=serve,
            args=(theirs, self._settings, self._pictures),
            name=f"model {self._number}",
            daemon=True,
        )
        self._process = process
        process.start()
        theirs.close()
        if self._closing.is_set():
            self._kill()
        try:
            return self._listen(process, ours)
        finally:
            ours.close()
            self._kill()
            process.join()

    def _listen(self, process: SpawnProcess, pipe: Connection) -> _Death:
        ready, heard = False, time.monotonic()
        while True:
            if pipe not in wait([pipe, process.sentinel], min(_LOOK, self._patience)):
                if not process.is_alive():
                    return _Death(_ending(process), ready)
                if self._stuck(heard, ready=ready):
                    return _Death("the model process said nothing any more", ready)
                continue
            try:
                message = pipe.recv()
            except (EOFError, OSError):
                process.join()
                return _Death(_ending(process), ready)
            heard = time.monotonic()
            match message:
                case Ready():
                    ready = True
                    self._calls.connect(pipe)
                    self._say("ready")
                case Refused(error):
                    return _Death(str(error), ready, final=True)
                case _:
                    self._calls.answer(message)

    def _stuck(self, heard: float, *, ready: bool) -> bool:
        since = self._calls.waiting_since()
        patience = self._patience if ready else 5 * self._patience
        return since is not None and time.monotonic() - max(since, heard) > patience

    def _kill(self) -> None:
        if self._process is not None and self._process.pid is not None:
            self._process.kill()

    def _say(self, state: Literal["starting", "ready", "died"], why: str = "") -> None:
        self._tell(ModelState(state, why, self._number))


def _ending(process: SpawnProcess) -> str:
    """Say how a process ended, for people."""
    code = process.exitcode or 0
    if code < 0:
        name = signal.Signals(-code).name
        more = ", which is what happens where memory runs out" if name == "SIGKILL" else ""
        return f"the model process was ended by {name}{more}"
    return f"the model process ended by itself with exit code {code}; its log says why"
