"""What the core asks of the outside: one Protocol per outside thing. Knows no implementation.

Every port has a tiny exact fake in ``engine.fakes`` and a contract suite in ``tests/contracts`` that each
implementation passes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from engine.stages import Move, Stage
from engine.types import (
    Clip,
    Detection,
    FrameBatch,
    FrameMasks,
    Image,
    Prompt,
    Revision,
    Video,
)

Item = TypeVar("Item")
Result = TypeVar("Result")


class FrameSource(Protocol):
    """Turns a clip into pictures."""

    def batches(
        self, clip: Clip, *, size: int = 8, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameBatch]:
        """Yield frames ``start`` up to ``stop`` (default: the end) in order, ``size`` at a time.

        The last batch may be shorter. The generator owns the decoder and closes it when it is closed.

        Raises:
            VideoError: the media is gone, does not decode, or holds fewer frames than the clip says.
        """
        ...


class Detector(Protocol):
    """Finds balls on single frames; remembers nothing."""

    def detect(self, batch: FrameBatch) -> list[tuple[Detection, ...]]:
        """Return the detections of every frame of the batch, best score first, boxes inside the picture."""
        ...


class Session(Protocol):
    """One pass through a clip, forward or backward, with a memory whose size does not grow."""

    def step(self, frame: int, rgb: Image, prompts: Sequence[Prompt] = ()) -> FrameMasks:
        """Take the next frame: tracks with a prompt are conditioned by it, all others are propagated.

        Frames come in the session's direction, each once. ``rgb`` is uint8 (H, W, 3). A track
        begins with its first prompt. Tracks that are not visible are left out of the result.

        Raises:
            InputError: the frame is out of order, or a prompt is of another frame or outside the picture.
        """
        ...

    def forget(self, track: int) -> None:
        """End a track: drop its memory. Unknown tracks are ignored."""
        ...

    def snapshot(self) -> bytes:
        """Return everything that ``Segmenter.open(snapshot=...)`` needs to go on exactly from here."""
        ...

    def close(self) -> None:
        """Free the memory; the session cannot step any more. Closing twice is fine."""
        ...

    def __enter__(self) -> Self:
        """Return the session itself."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the session."""
        ...


class Segmenter(Protocol):
    """Draws masks from prompts and carries them through time."""

    def open(self, clip: Clip, *, backward: bool = False, snapshot: bytes | None = None) -> Session:
        """Begin a pass through ``clip``, or go on from a ``snapshot`` of an earlier session.

        Raises:
            WeightsError: the snapshot was made by another model.
        """
        ...


class RevisionStore(Protocol):
    """Keeps annotations as an append-only tree of revisions per clip."""

    def append(self, revision: Revision, frames: Iterable[FrameMasks]) -> Revision:
        """Store the revision with its changed frames, atomically; return it with ``id`` and ``created``.

        A child stores only what it is given: frames that are absent from ``frames`` are read
        through from the parent. A frame given with no masks means that nothing is visible there.

        Raises:
            StaleParent: ``revision.parent`` is not the clip's newest revision.
            SelectionError: there is no such clip.
            DiskFull: no room; nothing was stored.
        """
        ...

    def head(self, clip: str) -> Revision | None:
        """Return the clip's newest revision, or None."""
        ...

    def revision(self, revision: int) -> Revision:
        """Return one revision.

        Raises:
            SelectionError: there is none of this id.
        """
        ...

    def history(self, clip: str) -> tuple[Revision, ...]:
        """Return all revisions of a clip, oldest first."""
        ...

    def frames(
        self, revision: int, *, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameMasks]:
        """Yield every frame from ``start`` to ``stop`` (default: the clip's end) once, in order.

        Frames where nothing is visible come without masks.

        Raises:
            DamagedChunk: stored masks do not decode.
        """
        ...


@dataclass(frozen=True, slots=True)
class ClipStatus:
    """A clip with its stage, its newest revision and the accepted one (ids, None where there is none)."""

    clip: Clip
    stage: Stage
    head: int | None = None
    accepted: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a clip's history: who moved it, when, to which stage, from which revision."""

    clip: str
    move: Move
    stage: Stage
    actor: str
    revision: int | None
    at: datetime
    note: str = ""


class Catalog(Protocol):
    """Knows the videos, their clips and how far each has come."""

    def add_video(self, video: Video, clips: Sequence[Clip]) -> bool:
        """Store a video with its clips in one transaction; return False when its content is known already."""
        ...

    def video(self, sha256: str) -> Video | None:
        """Return the video of this content, or None."""
        ...

    def clip(self, clip: str) -> ClipStatus:
        """Return one clip.

        Raises:
            SelectionError: there is none of this id; the message names the nearest.
        """
        ...

    def clips(self, *, stages: Sequence[Stage] = ()) -> tuple[ClipStatus, ...]:
        """Return the clips in one of ``stages`` (default: all), in the order they were added."""
        ...

    def move(
        self, clip: str, move: Move, *, actor: str, revision: int | None = None, note: str = ""
    ) -> Stage:
        """Take a clip one step on, write the event, return the new stage.

        Raises:
            StageError: not possible from the present stage.
            StaleParent: ``revision`` is given and is not the clip's newest one.
        """
        ...

    def events(self, clip: str) -> tuple[Event, ...]:
        """Return the clip's history, oldest first."""
        ...


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

    def fail(self, job: Job, error: str) -> None:
        """Give the job up with the reason, dropping what was saved."""
        ...

    def release(self, job: Job) -> None:
        """Put the job back for the next worker, keeping what was saved."""
        ...

    def counts(self, what: str) -> JobCounts:
        """Return how many jobs of this kind wait, run and failed, and the reasons by clip."""
        ...


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One clip as an exporter needs it: ``frames`` and ``pictures`` start a fresh pass each time they are called."""

    clip: Clip
    revision: Revision
    frames: Callable[[], Iterator[FrameMasks]]
    pictures: Callable[[], Iterator[FrameBatch]]
    edited: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written: clips and frames, and everything that a format could not hold, in words."""

    out: Path
    clips: int
    frames: int
    notes: tuple[str, ...] = ()


class Exporter(Protocol):
    """Writes a dataset in one format."""

    def __call__(
        self, items: Sequence[ExportItem], out: Path, *, progress: Callable[[str, int, int], None]
    ) -> ExportReport:
        """Write the dataset beside ``out``, verify it, then rename: nothing half-written is ever visible.

        ``progress(clip, frames_done, frames_total)`` is called as frames are written. An existing
        dataset at ``out`` is replaced in the last step.

        Raises:
            ExportError: a clip cannot be held by the format, or ``out`` is no dataset of ours.
            VerificationError: what was written breaks a guarantee; ``out`` is untouched.
            DiskFull: no room; ``out`` is untouched.
        """
        ...


class Runner(Protocol):
    """Runs the same work on many items, here or on a cluster."""

    def map(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[Item, Result | Exception]]:
        """Yield each item with its result, or with the error that it raised, as they finish."""
        ...
