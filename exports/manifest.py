"""The manifest of a dataset: every file's hash, and what each clip was made from. Knows no format."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from engine.errors import InputError
from exports.files import Fact
from exports.records import Record

MANIFEST = "manifest.json"
WRITER = "billiards-engine"
SUMS = ("frames", "annotated", "masklets", "masks", "edited")


def marker(name: str, layout: str, records: Iterable[Record], notes: list[str]) -> dict[str, Any]:
    """Return our side file, which also says that the folder is ours."""
    clips = {record.clip: record.facts for record in records}
    return {"writer": WRITER, "format": name, "layout": layout, "clips": clips, "notes": notes}


def manifest(
    name: str,
    layout: str,
    records: Iterable[Record],
    files: Mapping[str, Fact],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the manifest; ``files`` are those of no clip."""
    clips = {record.clip: _clip(record) for record in records}
    return {
        "writer": WRITER,
        "format": name,
        "layout": layout,
        "code": installed("billiards-engine"),
        "version": version_of(clips, files),
        "settings": dict(settings),
        "statistics": totals(clips),
        "clips": clips,
        "files": dict(sorted(files.items())),
    }


def _clip(record: Record) -> dict[str, Any]:
    """Return a clip's entry."""
    said = (
        "revision",
        "recording",
        "start",
        "camera",
        "licence",
        "split",
        "frames",
        "rate",
        "size",
        "step",
        "provenance",
    )
    return {
        **{key: record.facts[key] for key in said if key in record.facts},
        "statistics": record.statistics,
        "notes": list(record.notes),
        "pictures": asdict(record.pictures),
        "annotation": asdict(record.annotation),
    }


def version_of(clips: Mapping[str, Mapping[str, Any]], files: Mapping[str, Fact]) -> str:
    """Return what names the content of a dataset: the SHA-256 over the sorted lines "sha256  path" of every file."""
    every = all_files(clips, files)
    lines = sorted(f"{digest}  {name}\n" for name, (digest, _) in every.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def all_files(clips: Mapping[str, Mapping[str, Any]], files: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return every file of a dataset but its manifest."""
    found = dict(files)
    for clip in clips.values():
        found |= clip["pictures"]["files"] | clip["annotation"]["files"]
    return found


def totals(clips: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Add the statistics of clips up."""
    each = [clip["statistics"] for clip in clips.values()]
    depth = max((len(one["areas"]) for one in each), default=0)
    return {
        "clips": len(clips),
        "seconds": round(sum(_seconds(clip) for clip in clips.values()), 3),
        **{key: sum(one[key] for one in each) for key in SUMS},
        "labels": dict(sorted(_added(one["labels"] for one in each).items())),
        "areas": [
            sum(one["areas"][k] for one in each if k < len(one["areas"])) for k in range(depth)
        ],
        "balls": dict(
            sorted(_added(one["balls"] for one in each).items(), key=lambda pair: int(pair[0]))
        ),
    }


def _added(tables: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add tables up key by key."""
    found: dict[str, int] = {}
    for table in tables:
        for key, count in table.items():
            found[key] = found.get(key, 0) + count
    return found


def _seconds(clip: Mapping[str, Any]) -> float:
    """Return how long a clip lasts."""
    above, below = clip["rate"]
    return float(clip["frames"] * below / above)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a dataset.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    path = folder / MANIFEST
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: not readable ({error}); expected the manifest of a dataset of ours"
        ) from error
    if not isinstance(said, dict) or not isinstance(said.get("clips"), dict):
        raise InputError(f"{path}: is no manifest of ours; export the dataset again")
    return said
