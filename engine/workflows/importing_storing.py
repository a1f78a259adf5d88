"""Stores the masks of one clip as one revision, and moves the clip on to a person's verdict. Checks nothing any more."""

import json
from collections.abc import Iterator

from engine.errors import StageError
from engine.ports import Catalog, RevisionStore
from engine.stages import Move, Stage
from engine.types import FrameMasks, Kind, Revision
from engine.workflows.edits import EDITED
from engine.workflows.importing_checks import IMPORT, ORIGIN, SHA256, Plan, current, moves
from engine.workflows.importing_masks import beside, rows_of
from engine.workflows.importing_values import Wishes

_LEFT_BEHIND = {
    Kind.MANUAL: (Stage.INGESTED, Stage.PREANNOTATED, Stage.IN_CORRECTION),
    Kind.AUTO: (Stage.INGESTED,),
}
"""Where a clip stands whose import was killed after its masks were stored."""


def store(
    plan: Plan, catalog: Catalog, revisions: RevisionStore, wishes: Wishes
) -> tuple[int | None, tuple[str, ...]]:
    """Return the clip's newest revision, which is a new one where the plan changes anything, and notes.

    Raises:
        StaleParent: somebody else's revision came in between; nothing was stored.
        StageError: the clip's stage allows no import any more.
    """
    if plan.same:
        return _unchanged(plan, catalog)
    clip = plan.place.status.clip.id
    steps = moves(wishes.kind, plan.place)
    revision = Revision(
        clip,
        plan.head.id if plan.head else None,
        wishes.kind,
        wishes.author,
        plan.tracks,
        provenance_of(plan, wishes),
    )
    stored = revisions.append(revision, _changes(plan, revisions))
    return stored.id, _move(plan, catalog, steps, author=wishes.author, note=_note(wishes))


def provenance_of(plan: Plan, wishes: Wishes) -> dict[str, str]:
    """Return where the masks come from, in words that mean the same on any machine."""
    source = plan.source
    edited = {
        str(plan.numbers.get(track, track)): count
        for track, count in sorted((source.edited or {}).items())
    }
    said = {
        ORIGIN: IMPORT,
        "format": wishes.format,
        "source": wishes.source,
        "source_clip": source.name,
        "source_recording": source.recording,
        SHA256: source.sha256,
        "author": wishes.author,
        EDITED: "" if source.edited is None else json.dumps(edited),
    }
    return {key: value for key, value in said.items() if value}


def _changes(plan: Plan, revisions: RevisionStore) -> Iterator[FrameMasks]:
    """Yield the frames that differ from the clip's newest revision, read once more."""
    rows = rows_of(plan.source.labelled, plan.place, plan.numbers)
    for _, new in beside(rows, current(revisions, plan.place, plan.head)):
        if new is not None:
            yield new


def _unchanged(plan: Plan, catalog: Catalog) -> tuple[int | None, tuple[str, ...]]:
    """Move a clip on whose import was interrupted before that; any other stays as it is."""
    head, stage = plan.head, plan.place.status.stage
    if head is None:
        return None, ()
    if head.provenance.get(ORIGIN) == IMPORT and stage in _LEFT_BEHIND[head.kind]:
        steps = moves(head.kind, plan.place)
        return head.id, _move(plan, catalog, steps, author=head.author, note="imported")
    return head.id, ()


def _move(
    plan: Plan, catalog: Catalog, steps: tuple[Move, ...], *, author: str, note: str
) -> tuple[str, ...]:
    """Move the clip; return what went wrong where somebody moved it meanwhile: the masks are stored."""
    try:
        for step in steps:
            catalog.move(plan.place.status.clip.id, step, actor=author, note=note)
    except StageError as error:
        return (f"masks are stored, the stage is as somebody else left it: {error}",)
    return ()


def _note(wishes: Wishes) -> str:
    """Return the remark in the clip's history."""
    return f"imported from {wishes.source or 'outside'}"
