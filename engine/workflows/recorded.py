"""The clips of a dataset as a workspace has them, in the revisions that the dataset names. Compares nothing."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.errors import SelectionError
from engine.ports import Catalog, ClipStatus, ExportItem, FrameSource, RevisionStore
from engine.stages import Move
from engine.workflows.candidates import (
    Candidate,
    candidate,
    classed,
    item_of,
    limited,
    parted,
    stepped,
    written,
)
from engine.workflows.choosing import Choice
from engine.workflows.selection import Selection, content_of

PART = re.compile(r"(?P<clip>.+)-f(?P<start>\d{5,})-(?P<stop>\d{5,})")
"""How a part of a clip is called."""


def recorded(
    catalog: Catalog,
    revisions: RevisionStore,
    source: FrameSource,
    clips: Mapping[str, Mapping[str, Any]],
    *,
    settings: Mapping[str, Any],
) -> Choice:
    """Return the clips that a dataset holds, each as an exporter would have got it when the dataset was written.

    ``clips`` are what the dataset says of each, ``settings`` what its manifest says of how they were chosen. The notes name
    clips that the workspace does not have in that revision, and those that it would write in another one today.

    Raises:
        SettingsError: the settings are none that an export writes.
    """
    selection = content_of(settings)
    items, notes = [], []
    for name, facts in clips.items():
        try:
            one = _found(name, facts, catalog, revisions)
            items.append(_item(one, selection, catalog, revisions, source))
        except SelectionError as error:
            notes.append(f"{name}: {error}")
            continue
        now = written(one.status)
        if now != one.line[-1].id:
            notes.append(
                f"{name}: is in revision {one.line[-1].id}, the workspace would write {now} today"
            )
    return Choice(tuple(items), tuple(notes))


def _found(
    name: str, facts: Mapping[str, Any], catalog: Catalog, revisions: RevisionStore
) -> Candidate:
    """Return a clip of the dataset, or a part of one, in the revision that the dataset names.

    Raises:
        SelectionError: the workspace has no such clip, or not in this revision.
    """
    status, frames = _place(name, catalog)
    number = facts.get("revision")
    made = revisions.revision(number if isinstance(number, int) else 0)
    if made.clip != status.clip.id:
        raise SelectionError(
            f"revision {number} is of clip {made.clip}: another workspace wrote it"
        )
    video = catalog.video(status.clip.video)
    return parted(candidate(status, made.id, revisions, video=video), frames)


def _place(name: str, catalog: Catalog) -> tuple[ClipStatus, str]:
    """Return the clip that a name stands for, and START:STOP where it names a part."""
    try:
        return catalog.clip(name), ""
    except SelectionError:
        part = PART.fullmatch(name)
        if part is None:
            raise
    return catalog.clip(part["clip"]), f"{int(part['start'])}:{int(part['stop'])}"


def _item(
    one: Candidate,
    selection: Selection,
    catalog: Catalog,
    revisions: RevisionStore,
    source: FrameSource,
) -> ExportItem:
    """Leave out what the selection left out, and say whether a person had accepted what was written."""
    chosen: Candidate | str = one
    if selection.fps and isinstance(chosen, Candidate):
        chosen = stepped(chosen, selection.fps)
    if selection.labels and isinstance(chosen, Candidate):
        chosen = classed(chosen, selection.labels)
    if isinstance(chosen, str):
        raise SelectionError(f"is not what the dataset's settings chose: {chosen}")
    if selection.max_objects:
        chosen = limited(chosen, selection.max_objects, revisions)
    reviewed = any(
        event.move is Move.ACCEPT and event.revision == one.line[-1].id
        for event in catalog.events(one.status.clip.id)
    )
    return replace(item_of(chosen, revisions, source, auto=selection.auto), reviewed=reviewed)
