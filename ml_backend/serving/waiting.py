"""Does blocking work in threads, for whoever can wait only so long. Knows nothing of the work.

Label Studio waits one second for a webhook and never sends it again, and a locked database can take longer. So the
answer comes in time whatever happens, and the work goes on behind it.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from engine.errors import EngineError, StoreError

LOG = logging.getLogger(__name__)

_T = TypeVar("_T")


class Hands:
    """Some threads, and room for ``most`` pieces of work that wait or run."""

    def __init__(self, name: str, *, threads: int, most: int) -> None:
        """Begin with nothing to do."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._room = BoundedSemaphore(most)
        self._most = most

    async def do(self, work: Callable[[], _T], *, patience: float) -> _T:
        """Return what ``work`` returns, or raise what it raises, within ``patience`` seconds.

        Raises:
            StoreError: it takes longer, and goes on; or too much waits already, and it was not begun.
        """
        if not self._room.acquire(blocking=False):
            raise StoreError(
                f"{self._most} requests wait for the database already: nothing was stored, try again"
            )
        future = self._pool.submit(work)
        future.add_done_callback(self._finished)
        waited = asyncio.wrap_future(future)
        done, _ = await asyncio.wait([waited], timeout=patience)
        if not done:
            waited.add_done_callback(_tell)
            raise StoreError(
                f"the database did not answer within {patience:g} s; what was asked goes on: "
                "look again later, or run `engine labelstudio sync`"
            )
        return waited.result()

    def close(self) -> None:
        """Finish what was begun, and end."""
        self._pool.shutdown(wait=True)

    def _finished(self, _future: Future[_T]) -> None:
        self._room.release()


def _tell(future: asyncio.Future[_T]) -> None:
    """Log how work ended that nobody waited for any more."""
    error = future.exception()
    if isinstance(error, EngineError):
        LOG.error("late work failed: %s", error)
    elif error is not None:
        LOG.error("late work failed", exc_info=error)
    else:
        LOG.warning("late work is done")
