"""Versions of a dataset in an object store: sends what a store lacks, checks what lies there. Knows no format.

Below an address every version has a folder of its own, named by the first 16 digits of its version, and ``latest.json``
names the newest. A version's files are there before its manifest, its manifest before ``latest.json`` names it: a reader
who begins with ``latest.json`` always finds a whole dataset. What was sent before a kill is not sent again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import ExportError, InputError
from exports.files import Fact, as_json, fact_of
from exports.manifest import MANIFEST
from exports.remote.manifest import LATEST, Manifest, latest_of, manifest_in, parsed
from exports.remote.moving import WORKERS, Progress, side_by_side, silent
from exports.remote.place import Place, place_of

_DIGITS: Final = 16
_SHOWN: Final = 3  # faults that an error names


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Where a version lies, and how its files came there: ``sent`` from here, ``copied`` in the store, ``present`` before."""

    url: str
    version: str
    sent: int
    copied: int
    present: int
    sent_bytes: int

    @property
    def files(self) -> int:
        """Files of the version, its manifest left out."""
        return self.sent + self.copied + self.present


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of a version in a store; ``deep``: every byte was read, not only sizes compared."""

    url: str
    version: str
    files: int
    bytes: int
    deep: bool
    faults: tuple[str, ...]


def upload(
    folder: Path, url: str, *, progress: Progress = silent, workers: int = WORKERS
) -> Uploaded:
    """Bring a finished dataset to an address that fsspec knows, below which versions lie; the folder is only read.

    Files that the version named by ``latest.json`` has already are copied within the store. ``progress(name, done,
    total)`` counts bytes.

    Raises:
        InputError: the folder holds no whole dataset of ours, or the address lies in it.
        ExportError: the store cannot be reached or refuses, or files changed since they were exported.
        DiskFull: the store has no room.
    """
    manifest, place = _own_manifest(folder), place_of(url)
    _refuse_itself(folder, place)
    target = place.below(manifest.version[:_DIGITS])
    present = target.sizes()
    lent = _lent(place)
    wanted = {name: fact for name, fact in manifest.files.items() if present.get(name) != fact[1]}
    done = manifest.bytes - sum(size for _, size in wanted.values())
    progress("", done, manifest.bytes)
    copied = sent_bytes = 0
    for name, by_copy in side_by_side(
        lambda name: _bring(folder, name, wanted[name], target, lent), wanted, workers=workers
    ):
        done += wanted[name][1]
        copied += by_copy
        sent_bytes += 0 if by_copy else wanted[name][1]
        progress(name, done, manifest.bytes)
    _refuse_faults(target, tuple(_wrong_sizes(manifest.files, target.sizes())))
    target.replace(MANIFEST, manifest.raw)
    place.replace(LATEST, _pointer(manifest))
    kept = len(manifest.files) - len(wanted)
    return Uploaded(target.url, manifest.version, len(wanted) - copied, copied, kept, sent_bytes)


def check(
    url: str, *, deep: bool = False, progress: Progress = silent, workers: int = WORKERS
) -> Checked:
    """Compare a version in a store with its manifest: sizes, and with ``deep`` the SHA-256 of every byte.

    ``url`` is that of a version, or the one below which versions lie (then the latest).

    Raises:
        InputError: no version lies there, or its manifest is damaged.
        ExportError: the store cannot be reached or refuses.
    """
    place, manifest = version_at(url)
    there = place.sizes()
    faults = [*_wrong_sizes(manifest.files, there), *_strays(manifest.files, there)]
    if deep:
        whole = [name for name, (_, size) in manifest.files.items() if there.get(name) == size]
        faults += _wrong_bytes(place, manifest, whole, progress, workers)
    return Checked(
        place.url, manifest.version, len(manifest.files), manifest.bytes, deep, tuple(faults)
    )


def version_at(url: str) -> tuple[Place, Manifest]:
    """Return the place and the manifest of a version, or of the latest below an address; errors as for ``check``."""
    place = place_of(url)
    found = manifest_in(place)
    if found is not None:
        return place, found
    latest = latest_of(place)
    found = manifest_in(latest) if latest else None
    if latest is None or found is None:
        raise InputError(
            f"{url}: no dataset lies there (neither {MANIFEST} nor {LATEST}); check the address, or bring one there "
            "with `engine export --to`"
        )
    return latest, found


def _own_manifest(folder: Path) -> Manifest:
    """Return the manifest of a dataset on this disk."""
    path = folder / MANIFEST
    try:
        return parsed(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(
            f"{path}: not readable ({error.strerror}); expected a dataset that `engine export` has written whole"
        ) from error


def _refuse_itself(folder: Path, place: Place) -> None:
    """Refuse to put versions into the dataset that they are versions of."""
    if place.local and Path(place.root).resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{place.url}: lies in the dataset {folder} itself; name another place")


def _lent(place: Place) -> dict[Fact, str]:
    """Return by content the files of the latest version, as paths within the store; nothing where it is damaged."""
    try:
        latest = latest_of(place)
        manifest = manifest_in(latest) if latest else None
    except InputError:
        return {}
    if latest is None or manifest is None:
        return {}
    return {fact: latest.path(name) for name, fact in manifest.files.items()}


def _bring(folder: Path, name: str, fact: Fact, target: Place, lent: Mapping[Fact, str]) -> bool:
    """Bring one file to its place; return whether it was copied within the store."""
    source = lent.get(fact)
    if source and source != target.path(name) and target.copy(source, name):
        return True
    path = folder / name
    if not path.is_file() or fact_of(path) != fact:
        raise ExportError(
            f"{path}: is not what {MANIFEST} says; it was changed since the export: run `engine verify {folder}`, then "
            "export again"
        )
    target.send(path, name)
    return False


def _pointer(manifest: Manifest) -> bytes:
    """Return what says which version is the newest."""
    said = {
        "version": manifest.version,
        "path": manifest.version[:_DIGITS],
        "format": manifest.said.get("format"),
        "clips": len(manifest.clips),
    }
    return as_json(said, indent=1)


def _refuse_faults(target: Place, faults: tuple[str, ...]) -> None:
    """Refuse to name a version that did not arrive whole."""
    if faults:
        more = f" and {len(faults) - _SHOWN:,} more" if len(faults) > _SHOWN else ""
        raise ExportError(
            f"{target.url}: did not arrive whole: {'; '.join(faults[:_SHOWN])}{more}; repeat: what has arrived is not "
            "sent again"
        )


def _wrong_sizes(files: Mapping[str, Fact], there: Mapping[str, int]) -> Iterator[str]:
    """Yield in words which files are missing or of another size."""
    for name, (_, size) in files.items():
        if name not in there:
            yield f"{name}: missing"
        elif there[name] != size:
            yield f"{name}: {there[name]:,} bytes, {MANIFEST} says {size:,}"


def _strays(files: Mapping[str, Fact], there: Mapping[str, int]) -> Iterator[str]:
    """Yield in words which files nobody listed."""
    for name in sorted(there.keys() - files.keys() - {MANIFEST}):
        yield f"{name}: a stray file, not in {MANIFEST}"


def _wrong_bytes(
    place: Place, manifest: Manifest, names: list[str], progress: Progress, workers: int
) -> Iterator[str]:
    """Read files and yield in words which are not what was written."""
    done = 0
    for name, digest in side_by_side(place.digest, names, workers=workers):
        done += manifest.files[name][1]
        progress(name, done, manifest.bytes)
        if digest != manifest.files[name][0]:
            yield f"{name}: its SHA-256 is not that of {MANIFEST}"
