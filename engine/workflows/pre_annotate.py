"""Draws the masks of clips through the job queue, so that nothing is lost. Knows ports, refuses to know models and servers."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version

from engine.errors import DamagedChunk, DiskFull, EngineError, LeaseLost, WeightsError
from engine.heartbeat import Heartbeat, beating
from engine.pipeline import Block, DetSam2, Filter, Parts, annotate
from engine.pipeline_state import PipelineState, from_bytes
from engine.ports import (
    Catalog,
    Checkpoint,
    Detector,
    Findings,
    FrameSource,
    Job,
    JobQueue,
    RevisionStore,
    Segmenter,
)
from engine.stages import Move, Stage, after
from engine.types import Clip, Kind, Revision
from engine.workflows.provenance import before
from engine.workflows.witnessing import Witnessing, detector_name, testify

WHAT = "preannotate"
AUTHOR = "det-sam2"
SAVE_AFTER = 30.0
POLL = 0.25
LEASE = 20.0

log = logging.getLogger(__name__)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A clip that is finished: how many tracks and frames its revision has.

    ``replaced`` names the models of the masks that it had before, "" where there were none or by the same models.
    """

    clip: str
    tracks: int
    frames: int
    revision: int
    replaced: str = ""


@dataclass(frozen=True, slots=True)
class PreAnnotateReport:
    """What became of every clip: drawn, failed with its reason, or left to another worker."""

    done: tuple[Drawn, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a worker takes its jobs and leaves its results. ``lease`` is in seconds."""

    catalog: Catalog
    queue: JobQueue
    revisions: RevisionStore
    worker: str
    lease: float
    findings: Findings | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """With what masks are drawn. ``models`` names detector and segmenter for the record."""

    parts: Parts
    settings: DetSam2 = field(default_factory=DetSam2)
    models: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return what jobs are told apart by: every setting and model, as JSON."""
        return json.dumps({"det_sam2": asdict(self.settings), **self.models}, sort_keys=True)

    def provenance(self) -> dict[str, str]:
        """Return what a revision remembers of how it was made."""
        settings = json.dumps(asdict(self.settings), sort_keys=True)
        return {**self.models, "det_sam2": settings, "version": version("billiards-engine")}


def pre_annotate(  # noqa: PLR0913 - the composition root hands in every part by name
    *,
    catalog: Catalog,
    queue: JobQueue,
    revisions: RevisionStore,
    source: FrameSource,
    detector: Detector,
    segmenter: Segmenter,
    worker: str,
    findings: Findings | None = None,
    keep_only: Filter | None = None,
    settings: DetSam2 | None = None,
    models: Mapping[str, str] | None = None,
    lease: float = LEASE,
    clips: Sequence[str] | None = None,
    retry: bool = False,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = lambda *_: None,
) -> PreAnnotateReport:
    """Draw the masks of the clips named, or of all that were ingested, until no job is left.

    A job that was interrupted is taken up where it was; one whose worker died, as soon as its lease of
    ``lease`` seconds has run out. ``stop`` ends the work after the frame in hand; a second call
    goes on from there. Without ``retry``, clips that failed before are left alone unless they are named.
    ``models`` names detector and segmenter for the record. What the detector saw is kept in ``findings``.

    Raises:
        SelectionError: no such clip.
        DiskFull: no room; what was saved stays.
    """
    desk = Desk(catalog, queue, revisions, worker, lease, findings)
    parts = Parts(source, detector, segmenter, keep_only)
    recipe = Recipe(parts, settings or DetSam2(), models or {})
    failed = dict(_ask(desk, recipe, clips, retry=retry))
    return _work_off(desk, recipe, failed, stop, progress)


def _work_off(
    desk: Desk,
    recipe: Recipe,
    failed: dict[str, str],
    stop: Callable[[], bool],
    progress: Progress,
) -> PreAnnotateReport:
    """Do jobs until none is left."""
    done: list[Drawn] = []
    elsewhere: list[str] = []
    interrupted = False
    for job in _jobs(desk, stop):
        try:
            drawn = _work(job, desk, recipe, stop, progress)
        except LeaseLost:
            elsewhere.append(job.clip)
        except _Given as given:
            failed[job.clip] = str(given)
        except KeyboardInterrupt:
            interrupted = True
            break
        else:
            done += [drawn] if drawn else []
    return PreAnnotateReport(tuple(done), failed, tuple(elsewhere), interrupted or stop())


class _Given(Exception):  # noqa: N818 - not an error of ours: the job was given up and the reason is kept
    """A job was given up."""


def _ask(
    desk: Desk, recipe: Recipe, clips: Sequence[str] | None, *, retry: bool
) -> Iterator[tuple[str, str]]:
    """Put the jobs; yield the clips that cannot have one, with the reason."""
    if clips is None:
        known = desk.queue.counts(WHAT).errors
        fresh = desk.catalog.clips(stages=(Stage.INGESTED,))
        clips = [
            status.clip.id
            for status in sorted(fresh, key=lambda status: not status.priority)
            if retry or status.clip.id not in known
        ]
    stages = {clip: desk.catalog.clip(clip).stage for clip in clips}
    for clip, stage in stages.items():
        try:
            after(stage, Move.PREANNOTATE)
        except EngineError as error:
            yield clip, str(error)
        else:
            desk.queue.put(WHAT, clip, settings=recipe.text())


def _jobs(desk: Desk, stop: Callable[[], bool]) -> Iterator[Job]:
    """Yield jobs under lease; wait one lease for those of workers that may be dead."""
    waited_until = time.monotonic() + desk.lease + 2 * POLL
    while not stop():
        job = desk.queue.take(WHAT, worker=desk.worker, seconds=desk.lease)
        if job is not None:
            yield job
            waited_until = time.monotonic() + desk.lease + 2 * POLL
        elif desk.queue.counts(WHAT).running and time.monotonic() < waited_until:
            time.sleep(POLL)
        else:
            return


def _work(
    job: Job, desk: Desk, recipe: Recipe, stop: Callable[[], bool], progress: Progress
) -> Drawn | None:
    """Do one job; None where it was stopped and put back."""
    with _settled(job, desk), beating(desk.queue, job, seconds=desk.lease) as heart:
        if job.settings != recipe.text():
            desk.queue.fail(job, "asked for again with other settings")
            desk.queue.put(WHAT, job.clip, settings=recipe.text())
            return None
        clip = desk.catalog.clip(job.clip).clip
        try:
            return _draw(job, clip, desk, recipe, heart, stop, progress)
        except (DamagedChunk, WeightsError) as error:
            if desk.queue.load(job) is None:
                raise
            log.warning("%s: %s; beginning the clip anew", job.clip, error)
            desk.queue.fail(job, str(error))
            desk.queue.put(WHAT, job.clip, settings=recipe.text())
            return None


@contextmanager
def _settled(job: Job, desk: Desk) -> Iterator[None]:
    """See to it that the job is put back or given up, whatever happens."""
    try:
        yield
    except LeaseLost:
        raise
    except (DiskFull, KeyboardInterrupt, SystemExit, GeneratorExit):
        with suppress(EngineError):
            desk.queue.release(job)
        raise
    except Exception as error:
        reason = (
            str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
        )
        if not isinstance(error, EngineError):
            log.exception("clip %s failed in a way that nobody foresaw", job.clip)
        desk.queue.fail(job, reason)
        raise _Given(reason) from error


def _draw(
    job: Job,
    clip: Clip,
    desk: Desk,
    recipe: Recipe,
    heart: Heartbeat,
    stop: Callable[[], bool],
    progress: Progress,
) -> Drawn | None:
    """Draw a clip from its newest checkpoint on, saving after every block."""
    saved, witness = time.monotonic(), Witnessing(recipe.parts.detector)

    def heard(drawn: int) -> None:
        heart.check()
        progress(clip.id, drawn, clip.frames)

    blocks = annotate(
        clip,
        replace(recipe.parts, detector=witness),
        settings=recipe.settings,
        resume=_resumed(job, desk),
        pause=lambda: stop() or time.monotonic() - saved > SAVE_AFTER,
        progress=heard,
    )
    for block in blocks:
        if block.state.next_frame == clip.frames:
            drawn = _finish(job, clip, desk, recipe, block)
            seen = witness.seen(name=detector_name(recipe.models), every=recipe.settings.every)
            testify(seen, clip.id, desk.revisions, desk.findings)
            return drawn
        checkpoint = Checkpoint(block.state.next_frame, block.state.to_bytes())
        desk.queue.save(job, checkpoint, block.settled)
        saved = time.monotonic()
        if stop():
            desk.queue.release(job)
            return None
    raise AssertionError(f"clip {clip.id}: the last block did not come")


def _resumed(job: Job, desk: Desk) -> PipelineState | None:
    """Return the state of the newest checkpoint, or None when the job begins anew."""
    checkpoint = desk.queue.load(job)
    return None if checkpoint is None else from_bytes(checkpoint.state)


def _finish(job: Job, clip: Clip, desk: Desk, recipe: Recipe, block: Block) -> Drawn:
    """Turn everything saved into a revision."""
    head = desk.revisions.head(clip.id)
    revision = Revision(
        clip=clip.id,
        parent=None if head is None else head.id,
        kind=Kind.AUTO,
        author=AUTHOR,
        tracks=block.tracks,
        provenance=recipe.provenance(),
    )
    stored = desk.queue.finish(job, revision, block.settled, move=Move.PREANNOTATE)
    replaced = before(head.provenance, recipe.models) if head else ""
    return Drawn(clip.id, len(block.tracks), clip.frames, stored.id, replaced)
