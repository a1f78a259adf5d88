"""Writes chosen clips as a dataset: which clips, which revision of each, how much of it a person edited. Knows no format."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from engine.errors import SelectionError
from engine.ports import (
    Catalog,
    ClipStatus,
    Exporter,
    ExportItem,
    ExportReport,
    FrameSource,
    RevisionStore,
)
from engine.stages import Stage
from engine.types import Kind, Revision


def export(
    catalog: Catalog,
    revisions: RevisionStore,
    source: FrameSource,
    exporter: Exporter,
    *,
    out: Path,
    stages: Sequence[Stage],
    clips: Sequence[str] | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> ExportReport:
    """Write the clips that are in one of ``stages`` (of those named, when any are) to ``out``.

    An accepted clip is written as it was accepted, any other in its newest revision.

    Raises:
        SelectionError: nothing is left to write, or a clip that was named does not exist.
        ExportError, VerificationError, DiskFull: see ``engine.ports.Exporter``.
    """
    chosen = _choose(catalog, stages, clips)
    items = [_item(status, revisions, source) for status in chosen]
    return exporter([item for item in items if item], out, progress=progress)


def _choose(
    catalog: Catalog, stages: Sequence[Stage], clips: Sequence[str] | None
) -> tuple[ClipStatus, ...]:
    """Return the clips to write, each with a revision."""
    found = (
        tuple(catalog.clip(name) for name in dict.fromkeys(clips))
        if clips
        else catalog.clips(stages=stages)
    )
    fitting = tuple(status for status in found if status.stage in stages and status.head)
    if not fitting:
        wanted = " or ".join(stages)
        raise SelectionError(
            f"no clip with masks is {wanted}; look at some with `engine show CLIP` and run `engine accept CLIP`, "
            "or export drafts with --stage pre-annotated"
        )
    return fitting


def _item(status: ClipStatus, revisions: RevisionStore, source: FrameSource) -> ExportItem:
    """Bind a clip to the revision that is written."""
    chosen = (status.accepted if status.stage is Stage.ACCEPTED else None) or status.head or 0
    revision = revisions.revision(chosen)
    return ExportItem(
        status.clip,
        revision,
        partial(revisions.frames, chosen),
        partial(source.batches, status.clip),
        partial(_edited, revision, status, revisions),
        reviewed=status.stage is Stage.ACCEPTED,
    )


def _edited(revision: Revision, status: ClipStatus, revisions: RevisionStore) -> dict[int, int]:
    """Return by track on how many frames a person's revision changed its mask."""
    before = {made.id: made for made in revisions.history(status.clip.id)}
    edited: dict[int, set[int]] = {}
    step: Revision | None = revision
    while step is not None:
        parent = before.get(step.parent) if step.parent is not None else None
        if step.kind is Kind.MANUAL and parent is not None:
            pairs = zip(revisions.frames(step.id), revisions.frames(parent.id), strict=True)
            for new, old in pairs:
                masks, was = new.by_track(), old.by_track()
                for track in masks.keys() | was.keys():
                    if masks.get(track) != was.get(track):
                        edited.setdefault(track, set()).add(new.frame)
        step = parent
    return {track: len(frames) for track, frames in sorted(edited.items())}
