"""Work one thread ahead of whoever uses its results. Knows threads, and nothing of pictures."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _End:
    """The source has no more items, or failed with ``error``."""

    error: BaseException | None = None


class _Filler(Generic[T]):
    """Takes items from a source while there is room, in a thread of its own."""

    def __init__(self, make: Callable[[], Generator[T, None, None]], *, depth: int) -> None:
        """Start at once."""
        self.items: SimpleQueue[T | _End] = SimpleQueue()
        self.room = Semaphore(depth)
        self._stop = Event()
        self._make = make
        self._thread = Thread(target=self._fill, name="ahead", daemon=True)
        self._thread.start()

    def _fill(self) -> None:
        """Begin an item only when there is room for it, so that ``depth`` bounds the memory."""
        try:
            with closing(self._make()) as source:
                while self.room.acquire() and not self._stop.is_set():
                    self.items.put(next(source))
        except StopIteration:
            self.items.put(_End())
        except BaseException as error:  # noqa: BLE001 - it is raised again where the items are used
            self.items.put(_End(error))

    def close(self) -> None:
        """Stop after the item in hand and wait until the source is closed."""
        self._stop.set()
        self.room.release()
        self._thread.join()


def ahead(make: Callable[[], Generator[T, None, None]], *, depth: int) -> Iterator[T]:
    """Yield the items of ``make()``, which runs in a background thread at most ``depth`` items ahead.

    The source is made, used and closed in that thread; closing this generator closes it. Its errors
    are raised here, after the items that came before them.
    """
    filler = _Filler(make, depth=depth)
    try:
        while not isinstance(item := filler.items.get(), _End):
            filler.room.release()
            yield item
        if item.error is not None:
            raise item.error
    finally:
        filler.close()
