"""The same work on many clips in processes of this machine, with their progress. Knows no format.

Processes, not threads: masks are worked on in Python, and Pillow holds its lock. A worker ends with the process that started it, even when
that one was killed. Workers and this process share pipes and no locks: one that is killed would hold a lock for ever.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, TypeAlias, TypeVar

from exports.staging import Unfinished

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
) -> Generator[Done, None, None]:
    """Yield the results as they come; tasks are taken up as workers get free. One worker is this process itself.

    Close it (``contextlib.closing``) where it may not be read to its end: then no worker is left. What ``progress``
    raises ends the work, and is raised here.

    Raises:
        Unfinished: a worker died.
    """
    if workers <= 1:
        yield from (work(task, progress) for task in tasks)
        return
    try:
        with _wired(progress) as wires:
            yield from _pooled(work, tasks, workers, wires)
    except BrokenProcessPool as error:
        raise Unfinished(
            "a worker process died (out of memory?); free some or use fewer --workers: what is done is not done again"
        ) from error
    except _Stopped:
        pass  # by what progress raised
    if wires.raised:
        raise wires.raised[0]


@dataclass(slots=True)
class _Wires:
    """Two pipes: workers tell progress through ``tell``, and see the end of ``over`` when nobody wants their work.

    ``told`` and ``wanted`` are the ends of this process; ``raised`` is what ``progress`` raised.
    """

    told: Connection
    tell: Connection
    over: Connection
    wanted: Connection
    raised: list[BaseException] = field(default_factory=list)

    def listen(self, progress: Progress) -> None:
        """Pass on what workers tell, until nothing more is to come."""
        with suppress(EOFError):
            while line := self.told.recv():
                if not self.raised:
                    self._pass_on(progress, line)

    def _pass_on(self, progress: Progress, line: tuple[str, int, int]) -> None:
        """Pass one line on; after an error nobody wants the work any more."""
        try:
            progress(*line)
        except BaseException as error:  # noqa: BLE001 - raised again by the one who waits
            self.raised.append(error)
            self.wanted.close()


@contextmanager
def _wired(progress: Progress) -> Iterator[_Wires]:
    """Yield the wires between this process and its workers, and pass progress on meanwhile."""
    wires = _Wires(*multiprocessing.Pipe(duplex=False), *multiprocessing.Pipe(duplex=False))
    listener = threading.Thread(target=wires.listen, args=(progress,), daemon=True)
    listener.start()
    try:
        yield wires
    finally:
        wires.tell.send(None)  # its end alone is not enough: somebody may hold it open
        listener.join()
        for end in (wires.wanted, wires.over, wires.tell, wires.told):
            end.close()


def _pooled(
    work: Any, tasks: Iterable[Any], workers: int, wires: _Wires
) -> Generator[Any, None, None]:
    """Yield the results of a pool of processes, all of which have ended when this does."""
    context = _Context()
    try:
        with (
            ProcessPoolExecutor(workers, context, _begin, (wires.tell, wires.over)) as pool,
            closing(_results(pool, work, tasks, workers)) as results,
        ):
            try:
                yield from results
            except BaseException as error:
                wires.wanted.close()
                pool.shutdown(wait=False, cancel_futures=True)
                if isinstance(error, BrokenProcessPool):
                    context.kill()  # the pool waits for ever for one that it started meanwhile
                raise
    finally:
        context.kill()


class _Context(SpawnContext):
    """Knows every process that it made, also one that Ctrl-C kept the pool from hearing of."""

    def __init__(self) -> None:
        """Know none yet."""
        super().__init__()
        self.made: list[SpawnProcess] = []

    def Process(self, *arguments: Any, **named: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802 - a class there
        """Make a process and remember it."""
        self.made.append(SpawnProcess(*arguments, **named))
        return self.made[-1]

    def kill(self) -> None:
        """End those that still run."""
        for process in self.made:
            if process.is_alive():
                process.kill()
                process.join()


def _results(
    pool: ProcessPoolExecutor, work: Any, tasks: Iterable[Any], workers: int
) -> Generator[Any, None, None]:
    """Keep one task waiting beside those in work, so that memory does not grow with their number."""
    running: set[Future[Any]] = set()
    for task in tasks:
        with _deaf():
            running.add(pool.submit(_call, work, task))
        if len(running) > workers:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)


@contextmanager
def _deaf() -> Iterator[None]:
    """Let processes that are started in here never hear Ctrl-C, which this one hears as soon as they have started."""
    heard: list[int] = []
    here = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number)) if here else None
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if before is not None:
            signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


_here: dict[str, Connection] = {}
"""In a worker: its ends of the wires."""


def _begin(tell: Connection, over: Connection) -> None:
    """Set a worker up."""
    _here.update(tell=tell, over=over)
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
    """Tell progress, not too often. Short lines go into a pipe whole, so that nobody has to take turns."""
    if _here["over"].poll():  # its other end is closed
        raise _Stopped
    if done % EVERY == 0 or done == total:
        _here["tell"].send((name, done, total))
