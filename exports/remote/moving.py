"""Many small pieces of work side by side in threads, because transfers wait more than they reckon. Knows no store."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Final, TypeAlias, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with the name of a file, the bytes that are done, and the bytes in all."""

WORKERS: Final = 16
_AHEAD: Final = 4  # pieces that wait for each worker: more would only fill memory


def side_by_side(
    work: Callable[[Item], Result], items: Iterable[Item], *, workers: int = WORKERS
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with its result as it is done, in any order.

    The first error is raised, when what was begun has ended; what was not begun is not done then.
    """
    left = iter(items)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="transfer")
    try:
        running = {pool.submit(work, item): item for item in islice(left, workers * _AHEAD)}
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            yield from [(running.pop(one), one.result()) for one in _failed_first(done)]
            fresh = islice(left, workers * _AHEAD - len(running))
            running |= {pool.submit(work, item): item for item in fresh}
    finally:
        pool.shutdown(cancel_futures=True)


def silent(_name: str, _done: int, _total: int) -> None:
    """Take progress and show nothing."""


def _failed_first(done: Iterable[Future[Result]]) -> list[Future[Result]]:
    """Return work that has ended, that which failed first."""
    return sorted(done, key=lambda one: one.exception() is None)
