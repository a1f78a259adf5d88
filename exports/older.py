"""What an older dataset at the same place, or an interrupted run, lends to a new one. Knows no format."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from engine.datasets.marker import MARKER
from engine.errors import InputError
from exports.files import unchanged
from exports.manifest import read_manifest
from exports.records import Record, half_of, read_records
from exports.staging import Stage


def lent(stage: Stage) -> tuple[dict[str, Record], dict[str, Record]]:
    """Return the records of the interrupted run, and those of the older dataset, by clip."""
    return (read_records(stage.aside) if stage.left else {}), _published(stage.old)


def _published(folder: Path | None) -> dict[str, Record]:
    """Return the records of a published dataset; nothing where its manifest cannot be read or its side file changed."""
    if folder is None:
        return {}
    try:
        said = read_manifest(folder)
        if not unchanged({MARKER: tuple(said["files"][MARKER])}, folder):
            return {}
        facts = json.loads((folder / MARKER).read_text())["clips"]
        return {name: _record(name, clip, facts[name]) for name, clip in said["clips"].items()}
    except (OSError, InputError, KeyError, TypeError, ValueError, AttributeError):
        return {}


def _record(name: str, clip: Mapping[str, Any], facts: Mapping[str, Any]) -> Record:
    """Return the record of a clip from its entry in the manifest and in our side file."""
    return Record(
        name,
        dict(facts),
        dict(clip["statistics"]),
        tuple(clip["notes"]),
        half_of(clip["pictures"]),
        half_of(clip["annotation"]),
    )


def prune(root: Path, keep: Collection[str]) -> None:
    """Remove every file below ``root`` but those of ``keep``, then empty folders."""
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(root).as_posix() not in keep:
            path.unlink()
