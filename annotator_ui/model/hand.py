"""The one thread in which a model works, step by step. Knows turns and threads; refuses to know what a step does."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Condition, Thread
from types import TracebackType
from typing import Any, Self, TypeVar

from annotator_ui.model.turns import Rank, Ticket, Turns

T = TypeVar("T")


class Hand:
    """Does one step after the other for many threads that wait for theirs.

    All steps run in one thread: a network's own threads then stay the same and warm.
    """

    def __init__(self) -> None:
        """Start the thread."""
        self._turns = Turns()
        self._steps: dict[Ticket, tuple[Callable[[], Any], Future[Any]]] = {}
        self._news = Condition()
        self._open = True
        self._thread = Thread(target=self._work, name="model", daemon=True)
        self._thread.start()

    def do(self, step: Callable[[], T], rank: Rank, *, who: str) -> T:
        """Return what ``step`` returns, when its turn has come; its errors are raised here."""
        future: Future[T] = Future()
        with self._news:
            self._steps[self._turns.ask(rank, who=who)] = (step, future)
            self._news.notify()
        return future.result()

    def close(self) -> None:
        """End after the steps that wait."""
        with self._news:
            self._open = False
            self._news.notify()
        self._thread.join()

    def __enter__(self) -> Self:
        """Return the hand itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End after the steps that wait."""
        self.close()

    def _work(self) -> None:
        """Do step after step until nobody waits and the hand is closed."""
        while (found := self._next()) is not None:
            step, future = found
            try:
                future.set_result(step())
            except BaseException as error:  # noqa: BLE001 - raised again where the step was asked for
                future.set_exception(error)
            del step, future, found  # pictures must not live on while nobody asks for anything

    def _next(self) -> tuple[Callable[[], Any], Future[Any]] | None:
        with self._news:
            while True:
                ticket = self._turns.take()
                if ticket is not None:
                    return self._steps.pop(ticket)
                if not self._open:
                    return None
                self._news.wait()
