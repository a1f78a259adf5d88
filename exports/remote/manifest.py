"""The manifest of a dataset, wherever it lies, checked before anybody trusts it. Knows no format.

A manifest names every file but itself with SHA-256 and size, and its version follows from them: two datasets of one
version are the same bytes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from engine.errors import InputError
from exports.files import Fact
from exports.manifest import MANIFEST, WRITER, version_of
from exports.remote.place import Place, place_of

LATEST: Final = "latest.json"
_HEX: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says: ``said`` as it was read, ``files`` every file but itself with SHA-256 and size."""

    said: Mapping[str, Any]
    files: Mapping[str, Fact]
    raw: bytes

    @property
    def version(self) -> str:
        """The 64 hexadecimal digits by which the dataset is known."""
        return str(self.said["version"])

    @property
    def clips(self) -> Mapping[str, Mapping[str, Any]]:
        """What is said of each clip."""
        clips: Mapping[str, Mapping[str, Any]] = self.said["clips"]
        return clips

    @property
    def bytes(self) -> int:
        """Size of all files, the manifest's own left out."""
        return sum(size for _, size in self.files.values())


def manifest_at(where: str | Path) -> Manifest:
    """Return the manifest of a dataset in a folder or at an address; an address that holds versions means its latest.

    Raises:
        InputError: there is none, or it is damaged.
        ExportError: the address cannot be reached.
    """
    place = place_of(where)
    found = manifest_in(place)
    if found is None:
        place = latest_of(place) or place
        found = manifest_in(place)
    if found is None:
        raise InputError(
            f"{where}: holds no {MANIFEST}; expected a dataset that `engine export` has written whole"
        )
    return found


def manifest_in(place: Place) -> Manifest | None:
    """Return the manifest in a place, None where there is none; raises InputError where it is damaged."""
    raw = place.read(MANIFEST)
    return None if raw is None else parsed(raw, f"{place.url}/{MANIFEST}")


def latest_of(place: Place) -> Place | None:
    """Return the place of the newest version below an address, None where nothing was uploaded yet.

    Raises:
        InputError: what says so is damaged.
    """
    raw = place.read(LATEST)
    if raw is None:
        return None
    said = _object(raw, f"{place.url}/{LATEST}")
    path = said.get("path")
    if not isinstance(path, str) or not _safe(path):
        raise _damaged(f"{place.url}/{LATEST}", f"{path=} is no folder below it")
    return place.below(path)


def parsed(raw: bytes, name: str) -> Manifest:
    """Return a manifest from its bytes; ``name`` says where they are from.

    Raises:
        InputError: it is no manifest, or it contradicts itself.
    """
    said = _object(raw, name)
    if said.get("writer") != WRITER:
        raise InputError(
            f"{name}: writer {said.get('writer')!r}, expected {WRITER!r}: not a dataset of ours"
        )
    if not isinstance(said.get("clips"), dict) or not isinstance(said.get("files"), dict):
        raise _damaged(name, "it lists no clips and files")
    files = dict(_facts(said, name))
    if said.get("version") != version_of(said["clips"], said["files"]):
        raise _damaged(name, f"version {said.get('version')!r} is not that of the files it lists")
    return Manifest(said, files, raw)


def _facts(said: Mapping[str, Any], name: str) -> Iterator[tuple[str, Fact]]:
    """Yield every file with SHA-256 and size; a path that leads out of the dataset is refused."""
    for listed in _lists(said, name):
        for path, fact in listed.items():
            match fact:
                case [str(digest), int(size)] if _HEX.fullmatch(digest) and size >= 0:
                    if not _safe(path) or path == MANIFEST:
                        raise _damaged(name, f"{path!r} is no path of a file of the dataset")
                    yield path, (digest, size)
                case _:
                    raise _damaged(name, f"{path}: expected [SHA-256, bytes], got {fact!r}")


def _lists(said: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the lists of files of a manifest: those of each clip, and those of none."""
    yield said["files"]
    for clip, facts in said["clips"].items():
        for part in ("pictures", "annotation"):
            held = facts.get(part) if isinstance(facts, dict) else None
            if not isinstance(held, dict) or not isinstance(held.get("files"), dict):
                raise _damaged(name, f"clip {clip} lists no files under {part!r}")
            yield held["files"]


def _object(raw: bytes, name: str) -> dict[str, Any]:
    """Return JSON that must be an object."""
    try:
        said = json.loads(raw)
    except ValueError as error:
        raise _damaged(name, str(error)) from error
    if not isinstance(said, dict):
        raise _damaged(name, f"it holds a {type(said).__name__}, expected an object")
    return said


def _safe(path: str) -> bool:
    """Say whether a path stays below the folder that it is relative to."""
    parts = PurePosixPath(path).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\\" not in path


def _damaged(name: str, why: str) -> InputError:
    """Return the error for a manifest that cannot be trusted."""
    return InputError(f"{name}: damaged ({why}); export the dataset again, or copy it anew")
