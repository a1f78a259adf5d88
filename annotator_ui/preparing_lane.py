"""One background process and the thread that feeds it. Knows how a process starts and dies, nothing of what it does."""

import logging
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Event, Lock, Thread
from typing import Final

from annotator_ui.preparing_process import Failed, Made, Part, serve
from annotator_ui.preparing_wishes import Wish, Wishes
from engine.config import Settings

TRIES: Final = 2
"""How often a wish is tried whose process dies: what killed two will kill a third."""

PAUSE: Final = 5.0
"""Seconds until another process is started after a wish was given up."""

Heard = Callable[[Wish, Part | Made | Failed], None]
_LOG = logging.getLogger(__name__)


class Lane:
    """Works wishes off, one at a time; a process that dies is replaced."""

    def __init__(self, settings: Settings, wishes: Wishes, heard: Heard, *, name: str) -> None:
        """Start the process; ``heard`` is told, in the lane's thread, how each wish goes."""
        self._settings, self._wishes, self._heard, self._name = settings, wishes, heard, name
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._closing, self._starting = Event(), Lock()
        self._thread = Thread(target=self._work, name=f"prepare {name}", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process that is there now, if any."""
        return None if self._process is None else self._process.pid

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
        while (wish := self._wishes.take()) is not None:
            news = self._done(wish)
            if self._closing.is_set():
                return
            self._tell(wish, news)

    def _done(self, wish: Wish) -> Made | Failed:
        """Have the process do one wish; where it dies of it, another one tries."""
        for _ in range(TRIES):
            self._start()
            if self._closing.is_set():
                break
            try:
                return self._asked(wish)
            except (EOFError, OSError):
                self._bury()
        self._closing.wait(PAUSE)
        return Failed(f"clip {wish.clip}: the process that prepares clips died; look at the log")

    def _asked(self, wish: Wish) -> Made | Failed:
        """Hand a wish over and pass on what is said of it until it is done."""
        if self._pipe is None:
            raise EOFError
        self._pipe.send(wish)
        while isinstance(news := self._pipe.recv(), Part):
            self._tell(wish, news)
        answer: Made | Failed = news
        return answer

    def _tell(self, wish: Wish, news: Part | Made | Failed) -> None:
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
