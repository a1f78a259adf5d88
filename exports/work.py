"""One clip from its masks and its footage to files: what a worker does. Knows no format by name."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.errors import VideoError
from exports.crew import Progress
from exports.files import Fact, Files, unchanged
from exports.format import Format, Pictures
from exports.masks import ClipMasks
from exports.notes import Notes
from exports.pictures import Footage, Tell, write_pictures
from exports.records import Half, Record, statistics_of


@dataclass(frozen=True, slots=True)
class Task:
    """One clip to write below ``root``, with fragments in ``aside``.

    A half (``pictures``, ``annotation``) comes with its signature; where it has files already, they are taken over: they
    lie below ``source``, or below ``root`` itself where that is None. ``masks`` are None where the annotation is taken
    over; then ``known`` is the record that it comes with. ``fault`` says why they could not be read.
    """

    format: Format
    footage: Footage
    places: Pictures
    pictures: Half
    annotation: Half
    root: Path
    aside: Path
    masks: ClipMasks | None = None
    known: Record | None = None
    source: Path | None = None
    notes: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a clip: its record, or why it is left out.

    ``fresh`` says whether any file is new, ``proven`` that all come from a dataset that was verified as a whole.
    """

    clip: str
    record: Record | None = None
    refused: tuple[str, ...] = ()
    fresh: bool = True
    proven: bool = False


@dataclass(slots=True)
class _Written:
    """What is known of an annotation: from its masks, or from an earlier run."""

    facts: Mapping[str, Any]
    statistics: Mapping[str, Any]
    notes: tuple[str, ...]
    files: Mapping[str, Fact] = field(default_factory=dict)


def write_clip(task: Task, progress: Progress) -> Outcome:
    """Write one clip; one that the format cannot hold, or whose video does not decode, leaves no file."""
    clip = task.footage.clip
    total = clip.frames
    made: list[Files] = []
    try:
        annotation = _annotation(task, made)
        if isinstance(annotation, str):
            return Outcome(clip.id, refused=(*task.notes, f"{clip.id}: {annotation}: left out"))
        pictures = _pictures(task, made, lambda done: progress(clip.id, done, total))
    except VideoError as error:
        for files in made:
            files.forget()
        return Outcome(clip.id, refused=(f"{clip.id}: {error}: left out",))
    record = Record(
        clip.id,
        annotation.facts,
        annotation.statistics,
        annotation.notes,
        replace(task.pictures, files=dict(sorted(pictures.items()))),
        replace(task.annotation, files=dict(sorted(annotation.files.items()))),
    )
    return Outcome(clip.id, record, fresh=bool(made), proven=not made and task.source is not None)


def _annotation(task: Task, made: list[Files]) -> _Written | str:
    """Take the annotation over or write it; return why the format refuses the clip where it does."""
    known, old = task.known, task.annotation.files
    if task.fault:
        return task.fault
    if task.masks is None and known is not None and taken_over(old, task.source, task.root):
        return _Written(known.facts, known.statistics, known.notes, old)
    if task.masks is None:
        raise VideoError(
            "the files of an older export changed meanwhile; export again with --fresh"
        )
    notes = Notes(list(task.notes))
    masks = task.format.prepare(task.masks, notes)
    if reason := task.format.refuse(masks):
        return reason
    files = Files(task.root, task.aside)
    made.append(files)
    facts = task.format.annotate(masks, files, notes)
    return _Written({**masks.about, **facts}, statistics_of(masks), tuple(notes.lines), files.made)


def _pictures(task: Task, made: list[Files], tell: Tell) -> Mapping[str, Fact]:
    """Take the pictures over or write them."""
    old = task.pictures.files
    if old and taken_over(old, task.source, task.root):
        tell(task.footage.clip.frames)
        return old
    files = Files(task.root, task.aside)
    made.append(files)
    write_pictures(task.footage, task.places, files, tell=tell)
    return files.made


def taken_over(files: Mapping[str, Fact], source: Path | None, root: Path) -> bool:
    """Bring files of an older dataset below ``root``; return False where one of them is not what it was."""
    if not unchanged(files, source or root):
        return False
    if source is not None:
        for name in files:
            _link(source / name, root / name)
    return True


def _link(old: Path, new: Path) -> None:
    """Give a file a second name, or copy it where the file system cannot."""
    new.parent.mkdir(parents=True, exist_ok=True)
    new.unlink(missing_ok=True)
    with suppress(OSError):
        os.link(old, new)
        return
    shutil.copy2(old, new)
