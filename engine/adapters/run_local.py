"""Runs items in processes of this machine, one fresh process each. Knows nothing of what they do.

A process of its own frees all memory of its item and can die without taking others along. The work and its items must be
picklable. Nothing is remembered between runs: work that is idempotent by item is taken up by running it again.
"""

import multiprocessing
import pickle
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from engine.errors import EngineError, SettingsError

Item = TypeVar("Item")
Result = TypeVar("Result")
GRACE = 5.0


class LocalRunner:
    """Runs at most ``workers`` processes at a time; see ``engine.ports.Runner``."""

    def __init__(self, workers: int = 1) -> None:
        """Choose how many.

        Raises:
            SettingsError: fewer than one.
        """
        if workers < 1:
            raise SettingsError(f"workers={workers}: expected at least 1")
        self._workers = workers
        self._context = multiprocessing.get_context("spawn")

    def map(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[Item, Result | Exception]]:
        """Yield each item with its result, or with the error that it raised, as they finish.

        A process that dies is the error of its own item only. Leaving the loop, or Ctrl-C, ends the processes.
        """
        waiting = list(reversed(items))
        running: dict[Connection, tuple[Item, BaseProcess]] = {}
        try:
            while waiting or running:
                while waiting and len(running) < self._workers:
                    item = waiting.pop()
                    ours, process = self._start(work, item)
                    running[ours] = item, process
                ready = set(wait(list(running)))
                for ours in [connection for connection in running if connection in ready]:
                    item, process = running.pop(ours)
                    yield item, _answer(ours, process)
        finally:
            _stop([process for _, process in running.values()])

    def _start(self, work: Callable[[Any], Any], item: Any) -> tuple[Connection, BaseProcess]:
        """Start a process; its answer comes through the connection, which ends when it dies."""
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_child, args=(theirs, work, item), daemon=False)
        process.start()
        theirs.close()
        return ours, process


def _child(answer: Connection, work: Callable[[Any], Any], item: Any) -> None:
    """Do the work and answer. Ctrl-C is the parent's business, which ends its children politely."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        result = work(item)
    except Exception as error:  # noqa: BLE001 - the port: an item's error is its result
        answer.send_bytes(_packed(error))
    else:
        answer.send_bytes(_packed(result))


def _packed(value: Any) -> bytes:
    """Pickle a result, or an error that says why it cannot travel; errors are tried both ways."""
    try:
        packed = pickle.dumps(value)
        if isinstance(value, Exception):
            pickle.loads(packed)  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - whatever a foreign class does when it is pickled
        lines = traceback.format_exception_only(value) if isinstance(value, Exception) else []
        told = "".join(lines).strip() or f"the result {type(value).__name__} cannot be sent back"
        return pickle.dumps(EngineError(told))
    return packed


def _answer(connection: Connection, process: BaseProcess) -> Any:
    """Return what the process answered, or an error that says how it died."""
    with connection:
        try:
            answer = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own child
        except EOFError:
            process.join()
            answer = EngineError(
                f"its process died ({_death(process.exitcode)}) before it answered; run it again"
            )
    process.join()
    return answer


def _death(code: int | None) -> str:
    """Put an exit code into words."""
    if code is not None and code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit status {code}"


def _stop(processes: Sequence[BaseProcess]) -> None:
    """End processes: politely, then for good."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(GRACE)
        if process.is_alive():
            process.kill()
            process.join()
