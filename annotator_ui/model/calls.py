"""Requests on their way to a model process, and what becomes of them when it dies. Knows a pipe's end, no processes."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Final

from annotator_ui.model.messages import Answer, Draw, Failed, Progress, Request, Stop, Warm
from engine.errors import EngineError, ModelError

TRIES: Final = 2
"""How often a click is drawn, at most, by processes that die meanwhile."""

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Call:
    """A request that was handed in at ``since`` on the monotonic clock, and what comes back for it."""

    request: Request
    since: float
    tries: int = 0
    answers: SimpleQueue[Answer] = field(default_factory=SimpleQueue)

    def next(self, seconds: float | None = None) -> Answer | None:
        """Return the next answer; None where none comes in time."""
        try:
            return self.answers.get(timeout=seconds)
        except Empty:
            return None


class Calls:
    """What was asked for and is not answered; sent while a process listens, and else when the next one does."""

    def __init__(self) -> None:
        """Begin with no request and nobody who listens."""
        self._lock = Lock()
        self._numbers = count(1)
        self._open: dict[int, Call] = {}
        self._warm: dict[str, Warm] = {}
        self._pipe: Connection | None = None

    def begin(self, make: Callable[[int], Request]) -> Call:
        """Send the request that ``make`` returns for a new id."""
        with self._lock:
            call = Call(make(next(self._numbers)), time.monotonic())
            self._open[call.request.id] = call
            if self._pipe is not None:
                self._send(call)
        return call

    def tell(self, message: Warm | Stop) -> None:
        """Send what gets no answer. The newest playhead of each clip is also told to a process that begins later."""
        with self._lock:
            if isinstance(message, Warm):
                self._warm.pop(message.clip.id, None)
                self._warm[message.clip.id] = message
            self._write(message)

    def connect(self, pipe: Connection) -> None:
        """Take the pipe to a process that listens now, and send it all that waits."""
        with self._lock:
            self._pipe = pipe
            for call in self._open.values():
                self._send(call)
            for warm in self._warm.values():
                self._write(warm)

    def disconnect(self, why: str) -> None:
        """Take note that the process died: clicks wait for the next one, once; all else has failed."""
        with self._lock:
            self._pipe = None
            again = {n: c for n, c in self._open.items() if _repeats(c)}
            lost = [call for number, call in self._open.items() if number not in again]
            self._open = again
        for call in lost:
            _fail(call, ModelError(f"{why} while it drew; nothing was stored: ask for it again"))

    def answer(self, answer: Answer) -> None:
        """Hand an answer to whoever waits for it."""
        with self._lock:
            last = not isinstance(answer, Progress)
            call = self._open.pop(answer.id, None) if last else self._open.get(answer.id)
        if call is not None:
            call.answers.put(answer)

    def fail(self, error: EngineError) -> None:
        """Let all that waits fail."""
        with self._lock:
            lost, self._open = list(self._open.values()), {}
        for call in lost:
            _fail(call, error)

    def waiting_since(self) -> float | None:
        """Return when the oldest request that waits was handed in; None where none waits."""
        with self._lock:
            return min((call.since for call in self._open.values()), default=None)

    def _send(self, call: Call) -> None:
        call.tries += 1
        self._write(call.request)

    def _write(self, message: Request | Warm | Stop) -> None:
        """Send a message; a process that is just dying is noticed by who watches it."""
        if self._pipe is None:
            return
        try:
            self._pipe.send(message)
        except OSError as error:
            _LOG.debug("the model process takes no message: %s", error)


def _repeats(call: Call) -> bool:
    return call.tries == 0 or (isinstance(call.request, Draw) and call.tries < TRIES)


def _fail(call: Call, error: EngineError) -> None:
    call.answers.put(Failed(call.request.id, error))
