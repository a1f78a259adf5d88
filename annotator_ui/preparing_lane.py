"""One background process and the thread that feeds it. Knows how a process starts and dies, nothing of what it does."""

import logging
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Event, Lock, Thread
from typing import Final

from annotator_ui.preparing_process import Dropped, Failed, Hurry, Made, News, Part, serve
from annotator_ui.preparing_wishes import Turn, Wish, Wishes
from engine.config import Settings

TRIES: Final = 2
"""How often a wish is tried whose process dies: what killed two will kill a third."""

PAUSE: Final = 5.0
"""Seconds until another process is started after a wish was given up."""

Heard = Callable[[Wish, News], None]
_LOG = logging.getLogger(__name__)


class Lane:
    """Works wishes off, one at a time; a process that dies is replaced."""

    def __init__(self, settings: Settings, heard: Heard, *, name: str) -> None:
        """Start the process; ``heard`` is told, in the lane's thread, how each wish goes."""
        self._settings, self._heard, self._name = settings, heard, name
        self._wishes = Wishes()
        self._turn: Turn | None = None
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._closing, self._starting, self._sending = Event(), Lock(), Lock()
        self._thread = Thread(target=self._work, name=f"prepare {name}", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process that is there now, if any."""
        return None if self._process is None else self._process.pid

    def put(self, wish: Wish, *, after: float = 0.0, urgent: bool = True) -> None:
        """Wish for something in ``after`` seconds; what is not urgent is put back for what is."""
        self._wishes.put(wish, after=after, urgent=urgent)
        with self._sending:
            turn, pipe = self._turn, self._pipe
            if urgent and turn and pipe and not turn.urgent and turn.wish != wish:
                with suppress(OSError):  # it has died: the lane's thread will see
                    pipe.send(Hurry())

    def close(self) -> None:
        """End the process, in the middle of whatever it does, and wait until it is gone."""
        self._closing.set()
        self._wishes.close()
        with self._starting:
            self._end()
        self._thread.join()

    def _work(self) -> None:
        """Do wish after wish until the lane is closed."""
        self._start()
        while (turn := self._wishes.take()) is not None:
            news = self._done(turn)
            if self._closing.is_set():
                return
            self._tell(turn.wish, news)

    def _done(self, turn: Turn) -> Made | Failed | Dropped:
        """Have the process do one wish; where it dies of it, another one tries."""
        for _ in range(TRIES):
            self._start()
            if self._closing.is_set():
                break
            try:
                return self._asked(turn)
            except (EOFError, OSError):
                self._bury()
        self._closing.wait(PAUSE)
        return Failed(
            f"clip {turn.wish.clip}: the process that prepares clips died; look at the log"
        )

    def _asked(self, turn: Turn) -> Made | Failed | Dropped:
        """Hand a wish over and pass on what is said of it until it is done."""
        with self._sending:  # whoever is in a hurry means the wish that was sent last
            if self._pipe is None:
                raise EOFError
            pipe, self._turn = self._pipe, turn
            pipe.send(turn.wish)
        try:
            while isinstance(news := pipe.recv(), Part):
                self._tell(turn.wish, news)
        finally:
            with self._sending:
                self._turn = None
        answer: Made | Failed | Dropped = news
        return answer

    def _tell(self, wish: Wish, news: News) -> None:
        """Tell who wants to know; what goes wrong there must not end the lane."""
        try:
            self._heard(wish, news)
        except Exception:  # noqa: BLE001 - whatever it is, the next wish must be worked off
            _LOG.exception("nobody could be told of %s", wish)

    def _start(self) -> None:
        """See to it that there is a process, unless the lane is being closed."""
        with self._starting:
            if self._process is not None or self._closing.is_set():
                return
            context = get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=serve, args=(theirs, self._settings), name=f"prepare {self._name}", daemon=True
            )  # fmt: skip
            self._process.start()
            theirs.close()

    def _bury(self) -> None:
        """Say that the process died, and forget it."""
        with self._starting:
            if self._process is not None and not self._closing.is_set():
                self._end()
                _LOG.warning("%s ended (status %s)", self._process.name, self._process.exitcode)
                self._process, self._pipe = None, None

    def _end(self) -> None:
        """End the process and wait for it."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            with suppress(OSError):
                self._pipe.close()
