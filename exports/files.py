"""Files below one folder, each remembered with its SHA-256 and size as it is written. Knows no format."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Fact: TypeAlias = tuple[str, int]
"""SHA-256 in hexadecimal digits, and size in bytes."""


@dataclass(slots=True)
class Files:
    """Writes files below ``root`` and knows what it wrote: ``made`` maps the path below ``root`` to its fact.

    ``aside`` is a folder for fragments: pieces that a format's ``finish`` puts together and that are no part of the
    dataset. Several threads may write at once, as long as no two write one file.
    """

    root: Path
    aside: Path
    made: dict[str, Fact] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """Return the place of a file, its folder made; call ``adopt`` when it is written."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, name: str, data: bytes) -> None:
        """Write a file; one that lies there is not written into: an older dataset may share its bytes."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        self.made[name] = hashlib.sha256(data).hexdigest(), len(data)

    def json(self, name: str, value: Any, *, indent: int | None = None) -> None:
        """Write JSON in one fixed form, so that the same value gives the same bytes."""
        self.write(name, as_json(value, indent=indent))

    def adopt(self, name: str) -> None:
        """Remember a file that somebody else has written."""
        self.made[name] = fact_of(self.root / name)

    def forget(self) -> None:
        """Remove everything that was written; empty folders stay, others may be about to write there."""
        for name in self.made:
            (self.root / name).unlink(missing_ok=True)
        self.made.clear()

    def fragment(self, clip: str, value: Any) -> None:
        """Keep a clip's piece of an index until ``finish``."""
        fragment_path(self.aside, clip).write_bytes(as_json(value))

    @property
    def fragments(self) -> Callable[[str], Path]:
        """The place of each clip's fragment."""
        return lambda clip: fragment_path(self.aside, clip)


def fragment_path(aside: Path, clip: str) -> Path:
    """Return where the fragment of a clip lies."""
    return aside / f"{clip}.fragment.json"


def as_json(value: Any, *, indent: int | None = None) -> bytes:
    """Return JSON as bytes: always the same for the same value, the order of keys kept."""
    separators = (",", ":") if indent is None else None
    return (json.dumps(value, separators=separators, indent=indent) + "\n").encode()


def fact_of(path: Path) -> Fact:
    """Return SHA-256 and size of a file, read in pieces."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest, path.stat().st_size


def unchanged(files: Mapping[str, Fact], folder: Path) -> bool:
    """Say whether files below ``folder`` are what they were."""
    return all(
        (folder / name).is_file() and fact_of(folder / name) == fact for name, fact in files.items()
    )
