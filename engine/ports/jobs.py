"""What hands out work so that nothing is lost and nothing is done twice; knows no database and no cluster."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.stages import Move
from engine.types import FrameMasks, Revision


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work on one clip, held by ``worker`` until its lease runs out."""

    id: int
    what: str
    clip: str
    worker: str
    attempt: int
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a job has come: ``next_frame`` is where to go on, ``state`` whatever the pipeline needs for it."""

    next_frame: int
    state: bytes


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs wait, run and failed."""

    waiting: int = 0
    running: int = 0
    failed: int = 0
    errors: dict[str, str] = field(default_factory=dict)


def given_up(deaths: int, *, worker: str, frame: int) -> str:
    """Return why a job is given up whose workers died again and again at ``frame``, the last of them ``worker``."""
    return (
        f"its workers died {deaths} times in a row (last: {worker}) without getting past "
        f"frame {frame}: look at the clip there, then ask for it again"
    )


class JobQueue(Protocol):
    """Hands out work under leases, so that several workers and restarts are safe."""

    def put(self, what: str, clip: str, *, settings: str = "") -> int:
        """Ask for work on a clip; an equal job that is waiting or running is returned instead of doubled."""
        ...

    def take(self, what: str, *, worker: str, seconds: float = 60.0) -> Job | None:
        """Lease a job that waits or whose lease ran out: the one least often lost, then the oldest; or None."""
        ...

    def renew(self, job: Job, *, seconds: float = 60.0) -> None:
        """Prolong the lease.

        Raises:
            LeaseLost: another worker holds the job.
        """
        ...

    def save(self, job: Job, checkpoint: Checkpoint, settled: Sequence[FrameMasks]) -> None:
        """Keep finished frames and the state after them, in one transaction, invisible to readers.

        Raises:
            LeaseLost: another worker holds the job.
            DiskFull: no room; the previous checkpoint stands.
        """
        ...

    def load(self, job: Job) -> Checkpoint | None:
        """Return the newest checkpoint of the job, or None when it begins anew."""
        ...

    def finish(
        self, job: Job, revision: Revision, frames: Sequence[FrameMasks], *, move: Move
    ) -> Revision:
        """Turn everything saved, and the last ``frames``, into a revision and move the clip, in one transaction.

        Raises:
            LeaseLost, StaleParent, StageError, DiskFull: nothing was changed.
        """
        ...

    def done(self, job: Job) -> None:
        """End a job whose results lie elsewhere, dropping what was saved.

        Raises:
            LeaseLost: another worker holds the job.
        """
        ...

    def fail(self, job: Job, error: str) -> None:
        """Give the job up with the reason, dropping what was saved."""
        ...

    def release(self, job: Job) -> None:
        """Put the job back for the next worker, keeping what was saved."""
        ...

    def counts(self, what: str) -> JobCounts:
        """Return how many jobs of this kind wait, run and failed, and the reasons by clip."""
        ...
