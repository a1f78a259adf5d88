"""The job queue in memory, and all stores as one handle. Refuses to know threads: one worker at a time calls it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.errors import InputError, LeaseLost
from engine.fakes.bridge import MemoryBridge
from engine.fakes.desk import memory_desk
from engine.fakes.overview import MemoryOverview
from engine.fakes.store import Clock, MemoryCatalog, MemoryRevisionStore, Shelf, checked, wall_clock
from engine.ports import Checkpoint, Job, JobCounts
from engine.ports.jobs import given_up
from engine.stages import Move
from engine.types import FrameMasks, Revision


@dataclass(slots=True)
class _Work:
    """One job with everything that happens to it."""

    what: str
    clip: str
    settings: str
    state: str = "waiting"
    worker: str = ""
    attempt: int = 0
    deaths: int = 0
    until: datetime | None = None
    checkpoint: Checkpoint | None = None
    drafts: dict[int, FrameMasks] = field(default_factory=dict)
    error: str = ""

    def free(self, now: datetime) -> bool:
        return self.state == "waiting" or (
            self.state == "running" and self.until is not None and self.until <= now
        )

    def died(self) -> int:
        return self.deaths + (self.state == "running")

    def poison(self) -> str:
        done = self.checkpoint.next_frame if self.checkpoint else 0
        return given_up(self.deaths, worker=self.worker, frame=done)

    def close(self, state: str, error: str = "") -> None:
        self.state, self.error = state, error
        self.checkpoint, self.until, self.drafts = None, None, {}


class MemoryJobQueue:
    """``engine.ports.JobQueue`` in memory."""

    def __init__(self, shelf: Shelf, *, max_deaths: int) -> None:
        """Share ``shelf`` with the other stores; give jobs up after ``max_deaths`` leases without progress."""
        self._shelf = shelf
        self._max_deaths = max_deaths
        self._jobs: dict[int, _Work] = {}

    def put(self, what: str, clip: str, *, settings: str = "") -> int:
        """Ask for work on a clip, unless equal work is waiting or running."""
        self._shelf.clip(clip)
        for number, work in self._jobs.items():
            same = (work.what, work.clip, work.settings) == (what, clip, settings)
            if same and work.state in ("waiting", "running"):
                return number
        self._jobs[len(self._jobs) + 1] = _Work(what, clip, settings)
        return len(self._jobs)

    def take(self, what: str, *, worker: str, seconds: float = 60.0) -> Job | None:
        """Lease the free job with the fewest deaths, of those the oldest."""
        now = self._shelf.now()
        free = [(n, work) for n, work in self._jobs.items() if work.what == what and work.free(now)]
        for number, work in sorted(free, key=lambda item: (item[1].died(), item[0])):
            work.deaths = work.died()
            if work.deaths >= self._max_deaths:
                work.close("failed", work.poison())
                continue
            work.state, work.worker, work.attempt = "running", worker, work.attempt + 1
            work.until = now + timedelta(seconds=seconds)
            return Job(number, what, work.clip, worker, work.attempt, work.settings)
        return None

    def renew(self, job: Job, *, seconds: float = 60.0) -> None:
        """Prolong the lease."""
        self._held(job).until = self._shelf.now() + timedelta(seconds=seconds)

    def save(self, job: Job, checkpoint: Checkpoint, settled: Sequence[FrameMasks]) -> None:
        """Keep finished frames and the state after them."""
        work = self._held(job)
        work.drafts |= self._sorted(job, settled)
        work.checkpoint, work.deaths = checkpoint, 0

    def load(self, job: Job) -> Checkpoint | None:
        """Return the newest checkpoint of the job, or None."""
        return self._jobs[job.id].checkpoint if job.id in self._jobs else None

    def finish(
        self, job: Job, revision: Revision, frames: Sequence[FrameMasks], *, move: Move
    ) -> Revision:
        """Turn everything saved, and the last ``frames``, into a revision and move the clip."""
        if revision.clip != job.clip:
            raise InputError(
                f"job {job.id} is about clip {job.clip}, its revision about {revision.clip}"
            )
        work = self._held(job)
        whole = work.drafts | self._sorted(job, frames)
        self._shelf.refuse_stale(revision)
        stage = self._shelf.next_stage(job.clip, move, revision=0)
        stored = self._shelf.store(revision, whole)
        self._shelf.log(job.clip, move, stage, revision.author, stored.id)
        work.close("done")
        return stored

    def done(self, job: Job) -> None:
        """End a job whose results lie elsewhere, dropping what was saved."""
        self._held(job).close("done")

    def fail(self, job: Job, error: str) -> None:
        """Give the job up with the reason, dropping what was saved."""
        self._held(job).close("failed", error)

    def release(self, job: Job) -> None:
        """Put the job back for the next worker, keeping what was saved."""
        work = self._held(job)
        work.state, work.worker, work.until = "waiting", "", None

    def counts(self, what: str) -> JobCounts:
        """Return how many jobs wait, run and failed; a failed clip that was asked for again has not failed."""
        works = [work for work in self._jobs.values() if work.what == what]
        states = [work.state for work in works]
        newest = {work.clip: work for work in works}
        errors = {clip: work.error for clip, work in newest.items() if work.state == "failed"}
        return JobCounts(states.count("waiting"), states.count("running"), len(errors), errors)

    def _held(self, job: Job) -> _Work:
        work = self._jobs.get(job.id)
        if (
            work is None
            or work.state != "running"
            or (work.worker, work.attempt) != (job.worker, job.attempt)
        ):
            raise LeaseLost(f"job {job.id} is not held by {job.worker} any more: take the next one")
        return work

    def _sorted(self, job: Job, frames: Sequence[FrameMasks]) -> dict[int, FrameMasks]:
        ordered = sorted(frames, key=lambda frame: frame.frame)
        return checked(ordered, self._shelf.clips[job.clip])


class MemoryDatabase:
    """All stores over one shelf, with the face of ``db.connect.Database``."""

    def __init__(self, *, now: Clock = wall_clock, max_deaths: int = 12) -> None:
        """Begin empty."""
        shelf = Shelf(now=now)
        self.catalog = MemoryCatalog(shelf)
        self.revisions = MemoryRevisionStore(shelf)
        self.queue = MemoryJobQueue(shelf, max_deaths=max_deaths)
        self.desk = memory_desk(shelf)
        self.bridge = MemoryBridge(shelf)
        self.overview = MemoryOverview(shelf, self.desk)

    def upgrade(self) -> None:
        """Do nothing: there are no tables."""

    def close(self) -> None:
        """Do nothing: there is no connection."""
