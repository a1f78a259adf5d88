"""How far the dataset is, when it will be done and what to do next. Reads the catalog and the queue; changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.ports import Catalog, ClipStatus, JobCounts, JobQueue
from engine.ports.overview import Overview
from engine.stages import Stage
from engine.workflows.progress.summary import progress

DONE = (Stage.ACCEPTED,)
DRAWN = (Stage.PREANNOTATED, Stage.IN_CORRECTION, Stage.SUBMITTED)


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage: how many clips stand there, and their seconds of video."""

    stage: Stage
    clips: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Seconds accepted a day over the last ``window`` days at work, and when the target is reached at that rate.

    ``early`` and ``late`` are with the better and the worse half of that time; None: never, or nobody can tell. ``short`` is
    how many seconds of footage are missing, were everything that is not excluded accepted.
    """

    rate: float
    window: int
    done_by: date | None
    early: date | None
    late: date | None
    short: float


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Progress toward the target. Seconds accepted and seconds that only wait for a person stand apart.

    ``outlook`` is None where nothing was accepted yet, or nobody asked.
    """

    lines: tuple[StageLine, ...]
    accepted_seconds: float
    preannotated_seconds: float
    target_seconds: float
    jobs: JobCounts
    next_steps: tuple[str, ...]
    outlook: Outlook | None = None

    @property
    def clips(self) -> int:
        """Number of clips in all stages."""
        return sum(line.clips for line in self.lines)


def status(
    catalog: Catalog,
    queue: JobQueue,
    *,
    target_seconds: float,
    overview: Overview | None = None,
    now: datetime | None = None,
) -> StatusReport:
    """Count clips and seconds by stage and say what to do next; with ``overview`` and the time ``now`` also how it goes on."""
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
        outlook=_outlook(clips, overview, now, target=target_seconds) if overview and now else None,
    )


def _line(stage: Stage, clips: Sequence[ClipStatus]) -> StageLine:
    """Sum up the clips of one stage."""
    here = [status.clip.seconds for status in clips if status.stage is stage]
    return StageLine(stage, len(here), sum(here))


def _outlook(
    clips: Sequence[ClipStatus], overview: Overview, now: datetime, *, target: float
) -> Outlook | None:
    """Return at what pace the dataset grows; None before the first acceptance."""
    made = progress(clips, overview.events(), {}, now=now, target=target)
    there = sum(one.clip.seconds for one in clips if one.stage is not Stage.EXCLUDED)
    short = max(0.0, round(target - there, 3))
    if not made.curve:
        return None
    return Outlook(made.rate, made.window, made.done_by, made.early, made.late, short)


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
