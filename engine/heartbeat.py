"""Keeps a lease alive while one frame may take minutes. Knows the queue's clock, nothing of the work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import EngineError, LeaseLost
from engine.ports import Job, JobQueue


class Heartbeat:
    """Whether the lease still holds; asked between frames."""

    def __init__(self) -> None:
        """Begin with a lease that holds."""
        self.trouble: LeaseLost | None = None

    def check(self) -> None:
        """Do nothing while the lease holds.

        Raises:
            LeaseLost: another worker holds the job.
        """
        if self.trouble is not None:
            raise self.trouble


@contextmanager
def beating(queue: JobQueue, job: Job, *, seconds: float) -> Iterator[Heartbeat]:
    """Renew the lease from a thread, three times in its length, until the block is left.

    A database that does not answer for a moment costs nothing: the next beat tries again, and the
    lease itself decides whether it came in time.
    """
    heart, done = Heartbeat(), threading.Event()

    def beat() -> None:
        while not done.wait(seconds / 3):
            try:
                queue.renew(job, seconds=seconds)
            except LeaseLost as lost:
                heart.trouble = lost
                return
            except EngineError:
                continue

    thread = threading.Thread(target=beat, name=f"lease of job {job.id}", daemon=True)
    thread.start()
    try:
        yield heart
    finally:
        done.set()
        thread.join()
