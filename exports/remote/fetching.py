"""Brings a version of a dataset from a store to this disk, whole or not at all. Knows no format."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.errors import NO_ROOM, DiskFull, ExportError, InputError
from exports.files import Fact, fact_of
from exports.manifest import MANIFEST
from exports.placing import alone
from exports.remote.manifest import Manifest, parsed
from exports.remote.moving import WORKERS, Progress, side_by_side, silent
from exports.remote.place import Place
from exports.remote.sending import version_at
from exports.staging import is_ours, staged


@dataclass(frozen=True, slots=True)
class Downloaded:
    """Where a version came to lie: how many files were ``fetched``, and how many were here before."""

    folder: Path
    version: str
    fetched: int
    present: int


def download(
    url: str, folder: Path, *, progress: Progress = silent, workers: int = WORKERS
) -> Downloaded:
    """Bring a version, or the latest below an address, to ``folder``; an older one there is replaced in a single step.

    Every file is compared with the manifest as it arrives. What an interrupted run has fetched is in ``.NAME.arriving``
    beside the folder, and is not fetched again; nor is what the older dataset has already.

    Raises:
        InputError: no version lies at the address, or its manifest is damaged.
        ExportError: the store cannot be reached, a file is not what the manifest says, or ``folder`` is not ours.
        DiskFull: no room; what has come is kept.
    """
    folder = folder.resolve()
    if folder.exists() and not is_ours(folder):
        raise ExportError(
            f"{folder}: exists and is no dataset of ours; name another folder, or move this one away"
        )
    place, manifest = version_at(url)
    arriving = folder.with_name(f".{folder.name}.arriving")
    fetched = 0
    with _faults(folder), alone(arriving):
        arriving.mkdir(parents=True, exist_ok=True)
        lent = _lent(folder)
        done = 0
        for name, by_net in side_by_side(
            lambda name: _bring(place, name, manifest.files[name], arriving, lent),
            manifest.files,
            workers=workers,
        ):
            fetched += by_net
            done += manifest.files[name][1]
            progress(name, done, manifest.bytes)
        (arriving / MANIFEST).write_bytes(manifest.raw)
        _settle(arriving, folder, manifest)
    return Downloaded(folder, manifest.version, fetched, len(manifest.files) - fetched)


@contextmanager
def _faults(folder: Path) -> Iterator[None]:
    """Translate what goes wrong with this disk."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(
                f"{folder}: no room for the dataset ({error.strerror}); free some and repeat: what has come is kept"
            ) from error
        raise ExportError(
            f"{folder}: cannot be written ({error}); choose a folder that is yours"
        ) from error


def _lent(folder: Path) -> dict[Fact, Path]:
    """Return by content the files of the dataset that stands there; nothing where there is none that says so."""
    path = folder / MANIFEST
    try:
        manifest = parsed(path.read_bytes(), str(path))
    except (OSError, InputError):
        return {}
    return {fact: folder / name for name, fact in manifest.files.items()}


def _bring(place: Place, name: str, fact: Fact, arriving: Path, lent: Mapping[Fact, Path]) -> bool:
    """Bring one file to its place; return whether it came over the network."""
    target = arriving / name
    if _is(target, fact):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    old = lent.get(fact)
    by_net = old is None or not _is(old, fact)
    if old is not None and not by_net:
        _link(old, part)
    elif not place.fetch(name, part):
        raise ExportError(
            f"{place.url}/{name}: missing; run `check` on the address, and upload again"
        )
    if not _is(part, fact):
        raise ExportError(
            f"{place.url}/{name}: is not what {MANIFEST} says; damaged on the way or in the store: repeat, and upload "
            "it again if it stays so"
        )
    part.replace(target)
    return by_net


def _is(path: Path, fact: Fact) -> bool:
    """Say whether a file is there with just this content."""
    return path.is_file() and path.stat().st_size == fact[1] and fact_of(path) == fact


def _link(old: Path, new: Path) -> None:
    """Let a second name stand for a file, or copy it where the file system has no such thing."""
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)


def _settle(arriving: Path, folder: Path, manifest: Manifest) -> None:
    """Let what has come take its place, without what an earlier run brought of another version."""
    known = manifest.files.keys() | {MANIFEST}
    for path in [path for path in arriving.rglob("*") if not path.is_dir()]:
        if path.relative_to(arriving).as_posix() not in known:
            path.unlink()
    with staged(folder, fresh=True) as stage:
        for path in list(arriving.iterdir()):
            path.rename(stage.root / path.name)
    arriving.rmdir()
