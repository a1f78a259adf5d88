"""How far the dataset is and what to do next. Reads the catalog and the queue; changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.ports import Catalog, ClipStatus, JobCounts, JobQueue
from engine.stages import Stage

DONE = (Stage.ACCEPTED,)
DRAWN = (Stage.PREANNOTATED, Stage.IN_CORRECTION, Stage.SUBMITTED)


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage: how many clips stand there, and their seconds of video."""

    stage: Stage
    clips: int
    seconds: float


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Progress toward the target. Seconds accepted and seconds that only wait for a person stand apart."""

    lines: tuple[StageLine, ...]
    accepted_seconds: float
    preannotated_seconds: float
    target_seconds: float
    jobs: JobCounts
    next_steps: tuple[str, ...]

    @property
    def clips(self) -> int:
        """Number of clips in all stages."""
        return sum(line.clips for line in self.lines)


def status(catalog: Catalog, queue: JobQueue, *, target_seconds: float) -> StatusReport:
    """Count clips and seconds by stage and say what to do next."""
    clips = catalog.clips()
    lines = tuple(_line(stage, clips) for stage in Stage)
    jobs = queue.counts("preannotate")
    return StatusReport(
        lines=lines,
        accepted_seconds=sum(line.seconds for line in lines if line.stage in DONE),
        preannotated_seconds=sum(line.seconds for line in lines if line.stage in DRAWN),
        target_seconds=target_seconds,
        jobs=jobs,
        next_steps=_next_steps({line.stage: line.clips for line in lines}, jobs),
    )


def _line(stage: Stage, clips: Sequence[ClipStatus]) -> StageLine:
    """Sum up the clips of one stage."""
    here = [status.clip.seconds for status in clips if status.stage is stage]
    return StageLine(stage, len(here), sum(here))


def _next_steps(clips: dict[Stage, int], jobs: JobCounts) -> tuple[str, ...]:
    """Return the commands that bring the dataset on, most useful first."""
    if not any(clips.values()):
        return ("engine ingest VIDEO...   add the first recordings (files or folders)",)
    steps = []
    if clips[Stage.INGESTED] or jobs.waiting:
        steps.append("engine preannotate       draw masks for the clips that have none")
    if jobs.failed:
        steps.append("engine preannotate --retry   try the failed clips once more")
    if clips[Stage.PREANNOTATED] or clips[Stage.SUBMITTED]:
        steps.append("engine show CLIP         look at a clip's masks, then: engine accept CLIP")
    if clips[Stage.ACCEPTED]:
        steps.append("engine export --format sav OUT   write what is accepted as a dataset")
    return tuple(steps)
