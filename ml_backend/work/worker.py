"""Does the jobs that bring clips and their Label Studio tasks in step, and looks for those that nobody asked for. Knows no annotation.

Any number may run on one database. Models load with the first thing that is to be drawn, and once. Where Label Studio does not
answer, everything else goes on, and what it is to be told waits.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Final

from engine.config import Settings
from engine.errors import EngineError, LeaseLost, ServerError
from engine.heartbeat import beating
from engine.ports import Job
from engine.wiring import Workbench, drawing, workbench, worker_name
from engine.workflows.correct import Model
from ml_backend.asking.people import People
from ml_backend.asking.reaching import Reach
from ml_backend.serving.logs import fields
from ml_backend.serving.receiving import WHAT
from ml_backend.work.patience import Patience
from ml_backend.work.publishing import Tool, behind, publish
from ml_backend.work.step import Stepped, step

LOG = logging.getLogger(__name__)

POLL: Final = 0.25
"""Seconds between looks for a job."""

SILENT: Final = 60.0
"""Seconds after which a Label Studio that does not answer is asked again, at the latest."""

_SERVER: Final = "Label Studio"

LOOK: Final = 3.0
"""Seconds between looks for clips that are out of step."""


class Stopped(Exception):  # noqa: N818 - no fault: somebody asked for it
    """The work is to end here."""


@dataclass(slots=True)
class Worked:
    """What a worker did: jobs, deliveries that were acted on, refused and dropped, and jobs that failed."""

    jobs: int = 0
    done: int = 0
    refused: int = 0
    dropped: int = 0
    failed: int = 0

    def add(self, stepped: Stepped) -> None:
        """Count what became of a clip's deliveries."""
        self.done += stepped.done
        self.refused += stepped.failed
        self.dropped += stepped.dropped


def work(
    settings: Settings,
    *,
    stop: Callable[[], bool] = lambda: False,
    once: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Worked:
    """Do jobs until ``stop`` says so; with ``once`` until nothing is left that can be done now.

    Raises:
        SelectionError: there is no workspace.
        SettingsError: what is kept of Label Studio cannot be read.
    """
    with workbench(settings) as bench, Reach(settings) as reach:
        reach()
        model = cache(lambda: drawing(settings, bench.source))
        people = People(lambda: client.connection if (client := reach()) else None)
        worker = Worker(bench, reach=reach, model=model, say=say, name=people)
        return worker.run(stop, once=once)


class Worker:
    """One worker on an open workspace; ``reach`` gives the Label Studio that is known now, None where none is."""

    def __init__(
        self,
        bench: Workbench,
        *,
        reach: Callable[[], Tool | None],
        model: Callable[[], Model],
        say: Callable[[str], None] = lambda _: None,
        name: Callable[[str], str] = str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Do nothing yet. ``name`` says who an author is."""
        self._bench, self._reach, self._model, self._say = bench, reach, model, say
        self._worker, self._named = worker_name(), name
        self._known: set[tuple[int, str]] = set()
        self._server, self._clips = Patience(last=SILENT, now=now), Patience(now=now)
        self._now, self._looked = now, float("-inf")
        self._worked = Worked()

    def run(self, stop: Callable[[], bool], *, once: bool = False) -> Worked:
        """Do jobs until ``stop`` says so, or with ``once`` until none is left; return what was done."""
        elsewhere = False
        while not stop():
            with _patient(once=once):
                job = self._bench.queue.take(WHAT, worker=self._worker, seconds=self._lease)
                if job is not None:
                    self._do(job, stop)
                    elsewhere = False
                    continue
                if self._look(now=once):
                    if elsewhere:  # what was asked for is in the hands of another worker
                        time.sleep(POLL)
                    elsewhere = True
                    continue
            if once:
                break
            time.sleep(POLL)
        return self._worked

    @property
    def _lease(self) -> float:
        return self._bench.settings.lease_seconds

    def _look(self, *, now: bool) -> int:
        """Ask for work on clips that are out of step, every few seconds or ``now``; return on how many."""
        if not now and self._now() - self._looked < LOOK:
            return 0
        self._looked = self._now()
        waiting = {one.clip for one in self._bench.bridge.waiting()}
        tool = self._connected()
        out = waiting.union(behind(self._bench, tool.server if tool else None, known=self._known))
        ready = [clip for clip in sorted(out) if self._clips.over(clip)]
        for clip in ready:
            self._bench.queue.put(WHAT, clip)
        return len(ready)

    def _connected(self) -> Tool | None:
        """Return Label Studio, unless it did not answer a moment ago."""
        return self._reach() if self._server.over(_SERVER) else None

    def _do(self, job: Job, stop: Callable[[], bool]) -> None:
        """Do a job; whatever goes wrong with it is told, and ends no worker."""
        try:
            self._step(job, stop)
        except LeaseLost as lost:
            LOG.warning("another worker took over", extra=fields(clip=job.clip, why=str(lost)))
        except Stopped:
            self._bench.queue.release(job)
        except Exception as error:  # noqa: BLE001 - a worker outlives whatever one clip does to it
            self._failed(job, error)
        except BaseException:  # Ctrl-C pressed twice
            with suppress(EngineError):
                self._bench.queue.release(job)
            raise

    def _step(self, job: Job, stop: Callable[[], bool]) -> None:
        """Act on what waits for a clip, then bring its tasks in step."""
        queue, clip = self._bench.queue, job.clip
        with beating(queue, job, seconds=self._lease) as heart:

            def go_on() -> None:
                heart.check()
                if stop():
                    raise Stopped

            stepped = step(self._bench, clip, model=self._model, go_on=go_on, name=self._named)
            self._worked.add(stepped)
            go_on()
            sent = self._publish(clip)
            heart.check()
        queue.done(job)
        self._worked.jobs += 1
        if self._bench.bridge.waiting(clip=clip):  # came while we worked: its job was this one
            queue.put(WHAT, clip)
        if stepped.any or sent:
            self._say(f"clip {clip}: {stepped}" + (", told Label Studio" if sent else ""))

    def _publish(self, clip: str) -> bool:
        """Keep a clip's predictions and send what its tasks lack; return whether anything was sent."""
        tool = self._connected()
        try:
            sent = publish(self._bench, clip, tool)
        except ServerError as error:
            if tool is not None:
                self._unheard(clip, tool, error)
            return False
        self._clips.good(clip)
        if sent and self._server.good(_SERVER):
            LOG.info("Label Studio answers again")
        return sent

    def _unheard(self, clip: str, tool: Tool, error: ServerError) -> None:
        """Leave a clip alone for a while that Label Studio refuses, or all of Label Studio where it does not answer at all."""
        try:
            tool.whoami()
        except ServerError:
            first = self._server.bad(_SERVER)
        else:
            first = self._clips.bad(clip)
        if first:
            LOG.warning("Label Studio was not told", extra=fields(clip=clip, why=str(error)))
            self._say(f"clip {clip}: {error} (it is tried again)")

    def _failed(self, job: Job, error: Exception) -> None:
        """Give a job up with the reason; the next look asks for it again, ever later."""
        self._worked.failed += 1
        first = self._clips.bad(job.clip)
        foreseen = isinstance(error, EngineError)
        reason = str(error) if foreseen else f"{type(error).__name__}: {error}"
        if first:
            said = fields(clip=job.clip, why=reason)
            LOG.error("a job failed", extra=said, exc_info=None if foreseen else error)
            self._say(f"clip {job.clip}: {reason} (it is tried again)")
        with suppress(EngineError):
            self._bench.queue.fail(job, reason)


@contextmanager
def _patient(*, once: bool) -> Iterator[None]:
    """Wait where the database or the settings cannot be read for a moment, but not where somebody waits for the end."""
    try:
        yield
    except EngineError as error:
        if once:
            raise
        LOG.warning("cannot look for work", extra=fields(why=str(error)))
        time.sleep(LOOK)
