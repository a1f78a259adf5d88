"""The threads in which a model works, step by step: one for clicks, one for all else. Knows turns; not what a step does."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Condition, Thread, get_ident
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from annotator_ui.model.turns import Rank, Ticket, Turns

T = TypeVar("T")

_CLICKS: Final = frozenset({Rank.CLICK})
_REST: Final = frozenset(Rank) - _CLICKS


class Hand:
    """Does steps for many threads that wait for theirs: one at a time, but for a click, which interrupts any other.

    The same two threads do all steps, so that a network's own threads stay the same and warm.
    """

    def __init__(self) -> None:
        """Start the threads."""
        self._turns = Turns()
        self._steps: dict[Ticket, tuple[Callable[[], Any], Future[Any]]] = {}
        self._news = Condition()
        self._open = True
        self._clicking = False
        self._threads = tuple(
            Thread(target=self._work, args=(ranks,), name=name, daemon=True)
            for name, ranks in (("clicks", _CLICKS), ("steps", _REST))
        )
        for thread in self._threads:
            thread.start()

    def do(self, step: Callable[[], T], rank: Rank, *, who: str) -> T:
        """Return what ``step`` returns, when its turn has come; its errors are raised here."""
        future: Future[T] = Future()
        with self._news:
            self._steps[self._turns.ask(rank, who=who)] = (step, future)
            self._news.notify_all()
        return future.result()

    def pause(self) -> None:
        """Wait while a click is drawn; called wherever other work, in a step or beside it, can be left off for that long."""
        if self._clicking and get_ident() != self._threads[0].ident:
            with self._news:
                self._news.wait_for(lambda: not self._clicking)

    def close(self) -> None:
        """End after the steps that wait."""
        with self._news:
            self._open = False
            self._news.notify_all()
        for thread in self._threads:
            thread.join()

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

    def _work(self, ranks: frozenset[Rank]) -> None:
        """Do step after step of these ranks until none waits and the hand is closed."""
        while (found := self._next(ranks)) is not None:
            step, future = found
            with self._alone(ranks):
                try:
                    future.set_result(step())
                except BaseException as error:  # noqa: BLE001 - raised again where the step was asked for
                    future.set_exception(error)
            del step, future, found  # pictures must not live on while nobody asks for anything

    @contextmanager
    def _alone(self, ranks: frozenset[Rank]) -> Iterator[None]:
        """Have all others pause while a click is drawn."""
        self._clicking = self._clicking or ranks is _CLICKS
        yield
        if ranks is _CLICKS:
            with self._news:
                self._clicking = False
                self._news.notify_all()

    def _next(self, ranks: frozenset[Rank]) -> tuple[Callable[[], Any], Future[Any]] | None:
        with self._news:
            while True:
                ticket = self._turns.take(ranks)
                if ticket is not None:
                    return self._steps.pop(ticket)
                if not self._open:
                    return None
                self._news.wait()
