"""The same work on many clips in processes of this machine, with their progress. Knows no format.

Processes, not threads: encoding JPEGs holds Python's lock. A worker ends with the process that started it, even when
that one was killed.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from typing import Any, TypeAlias, TypeVar

from engine.errors import ExportError

Task = TypeVar("Task")
Done = TypeVar("Done")
Progress: TypeAlias = Callable[[str, int, int], None]
Work: TypeAlias = Callable[[Task, Progress], Done]

EVERY = 8
"""Frames between two words about progress from another process."""


class _Stopped(Exception):  # noqa: N818 - it says what happened, and nobody sees it
    """The one who asked for the work does not want it any more."""


def crew(
    work: Callable[[Task, Progress], Done],
    tasks: Iterable[Task],
    *,
    workers: int,
    progress: Progress,
) -> Iterator[Done]:
    """Yield the results as they come; tasks are taken up as workers get free. One worker is this process itself.

    Raises:
        ExportError: a worker died.
    """
    if workers <= 1:
        yield from (work(task, progress) for task in tasks)
        return
    context = multiprocessing.get_context("spawn")
    told: SimpleQueue[Any] = context.SimpleQueue()
    stop = context.Event()
    listener = threading.Thread(target=_listen, args=(told, progress), daemon=True)
    listener.start()
    try:
        with (
            ProcessPoolExecutor(workers, context, _begin, (told, stop)) as pool,
            closing(_results(pool, work, tasks, workers)) as results,
        ):
            try:
                yield from results
            except BaseException:
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except BrokenProcessPool as error:
        raise ExportError(
            "a worker process died (out of memory?); free some or use fewer --workers: what is done is not done again"
        ) from error
    finally:
        told.put(None)
        listener.join()


def _results(
    pool: ProcessPoolExecutor, work: Any, tasks: Iterable[Any], workers: int
) -> Generator[Any, None, None]:
    """Keep one task waiting beside those in work, so that memory does not grow with their number."""
    running: set[Future[Any]] = set()
    for task in tasks:
        running.add(pool.submit(_call, work, task))
        if len(running) > workers:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)


def _listen(told: "SimpleQueue[Any]", progress: Progress) -> None:
    """Pass on what workers tell until the end is told."""
    while (line := told.get()) is not None:
        progress(*line)


_here: dict[str, Any] = {}
"""In a worker: the queue to tell progress to, and the event that says that nobody wants the work any more."""


def _begin(told: "SimpleQueue[Any]", stop: Event) -> None:
    """Set a worker up. Ctrl-C is the business of the one who started it, who ends it politely."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _here.update(told=told, stop=stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the end of the process that started this one, then end at once."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _call(work: Any, task: Any) -> Any:
    """Do one task in a worker."""
    return work(task, _tell)


def _tell(name: str, done: int, total: int) -> None:
    """Tell progress, not too often."""
    if _here["stop"].is_set():
        raise _Stopped
    if done % EVERY == 0 or done == total:
        _here["told"].put((name, done, total))
