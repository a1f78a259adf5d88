"""What is known of a clip in a dataset: the manifest's entry, and what lets a later run leave it as it is. Knows no format.

A clip has two halves, its pictures and its annotation. Each carries a signature of everything that it was made from; a
half whose signature is still the same need not be written again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC
from math import log2
from pathlib import Path
from typing import Any

from engine.ports import ExportItem
from engine.types import Clip, Revision
from exports.files import Fact, as_json
from exports.format import Pictures
from exports.masks import ClipMasks

WRITER = 1
"""Counts changes in how files are written: raise it, and no half of an older dataset is taken over."""

CONTENT = ("labels", "max_objects")
"""Settings of a selection that decide what is written of a clip, not only whether it is."""


@dataclass(frozen=True, slots=True)
class Half:
    """Pictures or annotation of one clip: the files, and the signature of what they were made from."""

    signature: str
    files: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One clip of a dataset. ``facts`` go to our side file, ``statistics`` and ``notes`` to the manifest."""

    clip: str
    facts: Mapping[str, Any]
    statistics: Mapping[str, Any]
    notes: tuple[str, ...]
    pictures: Half
    annotation: Half

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return asdict(self)


def record_of(said: Mapping[str, Any]) -> Record:
    """Read a record back.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    return Record(
        str(said["clip"]),
        dict(said["facts"]),
        dict(said["statistics"]),
        tuple(said["notes"]),
        half_of(said["pictures"]),
        half_of(said["annotation"]),
    )


def half_of(said: Mapping[str, Any]) -> Half:
    """Read a half back; errors as for ``record_of``."""
    files = {str(name): (str(digest), int(size)) for name, (digest, size) in said["files"].items()}
    if outside := [name for name in files if ".." in name.split("/") or name.startswith("/")]:
        raise ValueError(f"{outside[0]}: outside of the dataset")
    return Half(str(said["signature"]), files)


def read_records(aside: Path) -> dict[str, Record]:
    """Return what an interrupted run has finished; a record that cannot be read counts for nothing."""
    found = {}
    for path in sorted(aside.glob("*.record.json")):
        try:
            record = record_of(json.loads(path.read_text()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        found[record.clip] = record
    return found


def write_record(aside: Path, record: Record) -> None:
    """Write a record whole or not at all."""
    path = aside / f"{record.clip}.record.json"
    part = path.with_suffix(".part")
    part.write_bytes(as_json(record.as_json()))
    part.replace(path)


def picture_signature(clip: Clip, thin: int, places: Pictures) -> str:
    """Return what the pictures of a clip are made from, as 64 hexadecimal digits."""
    return _digest([WRITER, _clip(clip), thin, asdict(places)])


def annotation_signature(
    item: ExportItem, clip: Clip, made_by: object, settings: Mapping[str, Any]
) -> str:
    """Return what the annotation of a clip is made from, as 64 hexadecimal digits; ``made_by`` shows its settings."""
    chosen = {key: settings[key] for key in CONTENT if key in settings}
    said = [item.camera, item.licence, list(item.notes), item.whole]
    about = [item.step, item.reviewed, item.auto is not None, *said]
    return _digest([WRITER, _clip(clip), _revision(item.revision), about, repr(made_by), chosen])


def _clip(clip: Clip) -> list[Any]:
    """Return what tells clips apart; not where the recording lies, which may move."""
    size = [clip.height, clip.width]
    return [clip.id, clip.video, clip.start, clip.frames, str(clip.rate), size, clip.split]


def _revision(revision: Revision) -> list[Any]:
    """Return what tells revisions apart, also those of two workspaces."""
    made = revision.created.astimezone(UTC).isoformat() if revision.created else ""
    tracks = [[track.id, track.label] for track in revision.tracks]
    return [revision.id, made, revision.author, revision.kind, tracks, dict(revision.provenance)]


def _digest(value: Any) -> str:
    """Return the SHA-256 of a value as JSON."""
    return hashlib.sha256(as_json(value)).hexdigest()


def statistics_of(masks: ClipMasks) -> dict[str, Any]:
    """Count what a clip holds; ``areas`` counts masks by the whole part of the binary logarithm of their pixels."""
    areas = masks.areas()
    bins: dict[int, int] = {}
    for area in (area for column in areas.values() for area in column if area):
        bins[int(log2(area))] = bins.get(int(log2(area)), 0) + 1
    labels: dict[str, int] = {}
    for track in masks.tracks:
        seen = sum(area > 0 for area in areas[track.id])
        labels[track.label] = labels.get(track.label, 0) + seen
    balls: dict[int, int] = {}
    for row in masks.rows:
        balls[len(row.masks)] = balls.get(len(row.masks), 0) + 1
    return {
        "frames": masks.clip.frames,
        "annotated": len(masks.rows),
        "masklets": len(masks.tracks),
        "masks": sum(bins.values()),
        "labels": dict(sorted(labels.items())),
        "areas": [bins.get(k, 0) for k in range(max(bins, default=-1) + 1)],
        "balls": {str(n): count for n, count in sorted(balls.items())},
        "edited": sum(masks.edited.values()),
    }
