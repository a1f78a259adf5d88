"""What the commands do: open the workspace, call one workflow, show its progress. Prints no result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine import wiring
from engine.cli.console import bars, say
from engine.cli.interrupt import stop_on_interrupt
from engine.config import Settings
from engine.ports import ClipStatus
from engine.stages import Move, Stage
from engine.types import Track
from engine.workflows import review
from engine.workflows.ingest import IngestReport
from engine.workflows.ingest import ingest as run_ingest
from engine.workflows.pre_annotate import PreAnnotateReport, pre_annotate
from engine.workflows.provenance import drawn_with
from engine.workflows.status import StatusReport
from engine.workflows.status import status as run_status

REVIEWABLE = (Stage.PREANNOTATED, Stage.SUBMITTED)


@dataclass(frozen=True, slots=True)
class Progressed:
    """The summary of a workspace with its clips."""

    summary: StatusReport
    clips: tuple[ClipStatus, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A clip's facts and the pictures that were drawn of it; ``drawn_with`` names models and their weights."""

    clip: str
    stage: Stage
    revision: int
    kind: str
    author: str
    tracks: tuple[Track, ...]
    sheet: Path
    film: Path | None
    drawn_with: str = ""


def init(settings: Settings) -> dict[str, str]:
    """Make the workspace, or bring it up to date."""
    with wiring.workbench(settings, create=True):
        return {"workspace": str(settings.workspace.absolute())}


def ingest(
    settings: Settings,
    paths: Sequence[Path],
    *,
    split: str | None = None,
    camera: str | None = None,
    licence: str | None = None,
) -> IngestReport:
    """Add recordings, with a bar for each file."""
    with wiring.workbench(settings) as bench, bars("ingest") as progress:
        return run_ingest(
            paths,
            catalog=bench.catalog,
            prober=wiring.prober(),
            workspace=settings.workspace.absolute(),
            clip_seconds=settings.clip_seconds,
            split=split,
            camera=camera,
            licence=licence,
            progress=progress,
        )


def preannotate(
    settings: Settings, clips: Sequence[str], *, retry: bool = False
) -> PreAnnotateReport:
    """Draw masks, with a bar for each clip; Ctrl-C stops after the block in work."""
    with wiring.workbench(settings) as bench, stop_on_interrupt() as stop:
        say(f"loading {settings.model} and {settings.detector}")
        parts = wiring.preannotation(settings)
        with bars("draw") as progress:
            return pre_annotate(
                catalog=bench.catalog,
                queue=bench.queue,
                revisions=bench.revisions,
                source=bench.source,
                findings=bench.desk.findings,
                **parts,
                clips=clips or None,
                retry=retry,
                stop=stop,
                progress=progress,
            )


def status(settings: Settings) -> Progressed:
    """Count clips and seconds, and say when it is enough at this pace."""
    with wiring.workbench(settings) as bench:
        summary = run_status(
            bench.catalog,
            bench.queue,
            target_seconds=settings.target_seconds,
            overview=bench.overview,
            now=datetime.now(UTC),
        )
        return Progressed(summary, bench.catalog.clips())


def show(
    settings: Settings, clip: str, *, out: Path | None, revision: int | None, film: bool
) -> Shown:
    """Draw the contact sheet and, if wanted, the overlay film of a clip."""
    from engine.show.film import write_film  # noqa: PLC0415 - drawing libraries only where they are used
    from engine.show.sheet import write_sheet  # noqa: PLC0415

    with wiring.workbench(settings) as bench:
        item = wiring.open_clip(bench, clip, revision=revision)
        folder = out or settings.workspace / "show" / clip
        tracks, path = item.revision.tracks, None
        if film:
            with bars("film") as progress:
                path = write_film(
                    folder / f"{clip}.mp4",
                    item.clip,
                    pictures=item.pictures(),
                    frames=item.frames(),
                    tracks=tracks,
                    progress=lambda done, total: progress(clip, done, total),
                )
        sheet = write_sheet(
            folder / f"{clip}.png",
            item.clip,
            pictures=item.pictures(),
            frames=item.frames(),
            tracks=tracks,
        )
        made = item.revision
        stage = bench.catalog.clip(clip).stage
        models = drawn_with(made.provenance)
        return Shown(clip, stage, made.id, made.kind, made.author, tracks, sheet, path, models)


def accept(
    settings: Settings, clips: Sequence[str], *, every: bool, move: Move, by: str, note: str
) -> tuple[review.Verdict, ...]:
    """Give a verdict on the clips named, or on all that wait for one."""
    with wiring.workbench(settings) as bench:
        chosen = review.choose(bench.catalog, clips, every=every, stages=REVIEWABLE)
        return review.decide(bench.catalog, chosen, move=move, actor=by, note=note)
