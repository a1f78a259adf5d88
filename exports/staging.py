"""How a dataset comes to its place whole or not at all. Knows no format.

A dataset is written to ``.NAME.partial`` beside its place, verified there, then trades places with the old one in a
single step (see ``exports.placing``). A run that was killed leaves that folder, ``.NAME.work`` and a lock that nobody
holds; the next run goes on from there.
"""

import ctypes
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.datasets.marker import MARKER
from engine.errors import NO_ROOM, DiskFull, ExportError
from exports.manifest import WRITER
from exports.placing import alone, exchange


class Unfinished(ExportError):  # noqa: N818 - the name says what happened
    """An export stopped through no fault of what it was writing; what is done waits for the next run."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a dataset grows: ``root`` becomes the dataset, ``aside`` holds what is known of it on the way.

    ``old`` is the dataset that stands there now, None where there is none; ``left`` says that an interrupted run has
    left its part in ``root`` and ``aside``.
    """

    root: Path
    aside: Path
    old: Path | None
    left: bool


@contextmanager
def staged(out: Path, *, fresh: bool = False) -> Iterator[Stage]:
    """Yield a place to write to; its root becomes ``out`` when all went well.

    After an error nothing of it is left; after Ctrl-C, a kill or ``Unfinished`` it stays, and the next run finds it,
    unless it is asked to begin ``fresh``.

    Raises:
        ExportError: ``out`` exists and is no dataset of ours, or another export writes there.
        DiskFull: no room; ``out`` is untouched.
    """
    out = out.resolve()  # a link stays one; the folder that it names is replaced
    if not out.name:
        raise ExportError(f"{out}: expected a folder for the dataset, got the root of the disk")
    partial, aside, old = (
        out.with_name(f".{out.name}.{kind}") for kind in ("partial", "work", "old")
    )
    with _faults(out), alone(out):
        _refuse_foreign(out, old)
        _recover(out, old)
        try:
            left = _begin(partial, aside, fresh=fresh)
            yield Stage(partial, aside, out if out.exists() else None, left)
            _sync(partial)
            _place(partial, out, old)
        except (KeyboardInterrupt, SystemExit, GeneratorExit, Unfinished):
            _recover(out, old)  # what is done waits for the next run
            raise
        except BaseException:
            _give_up(out, partial, aside, old)
            raise
        _flush(out.parent)
        for folder in (aside, partial):  # after a swap, the old dataset is where the new one was
            shutil.rmtree(folder, ignore_errors=True)
        _discard(old)


def _begin(partial: Path, aside: Path, *, fresh: bool) -> bool:
    """Make the two folders, or find those of an interrupted run and return True."""
    left = partial.is_dir() and aside.is_dir() and not fresh
    if not left:
        for folder in (partial, aside):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
    return left


@contextmanager
def _faults(out: Path) -> Iterator[None]:
    """Translate what goes wrong with the disk."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(
                f"{out}: no room for the dataset ({error.strerror}); free some and repeat"
            ) from error
        raise ExportError(
            f"{out}: cannot be written ({error}); choose a folder that is yours"
        ) from error


def _refuse_foreign(*folders: Path) -> None:
    """Refuse to replace what this product did not write."""
    for folder in folders:
        if folder.exists() and not is_ours(folder):
            raise ExportError(
                f"{folder}: exists and is no dataset of ours ({MARKER} does not say so); "
                "name another folder, or move this one away"
            )


def _place(partial: Path, out: Path, old: Path) -> None:
    """Put the new dataset in its place, in one step where the file system can; else the old one steps aside first."""
    if not out.exists():
        partial.rename(out)
    elif not exchange(partial, out):
        out.rename(old)
        partial.rename(out)


def is_ours(folder: Path) -> bool:
    """Say whether a folder is a dataset that this product wrote, by the content of its marker, or empty."""
    if folder.is_dir() and not any(folder.iterdir()):
        return True
    try:
        said = json.loads((folder / MARKER).read_text())
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and said.get("writer") == WRITER


def _give_up(out: Path, partial: Path, aside: Path, old: Path) -> None:
    """Leave what was there before, and nothing else."""
    for folder in (partial, aside):
        shutil.rmtree(folder, ignore_errors=True)
    _recover(out, old)


def _discard(folder: Path) -> None:
    """Remove a dataset of ours, its marker last: what a killed run leaves of it is still known as ours."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != MARKER:
            path.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _recover(out: Path, old: Path) -> None:
    """Put the old dataset back where a killed run had moved it aside and not come further."""
    if old.exists() and not out.exists():
        old.rename(out)
    _discard(old)


def _sync(folder: Path) -> None:
    """Bring everything to the disk before it becomes visible: the whole file system at once, or file by file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        whole = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if whole is not None and whole(descriptor) == 0:
            return
    finally:
        os.close(descriptor)
    for path in [*sorted(folder.rglob("*")), folder]:
        _flush(path)


def _flush(path: Path) -> None:
    """Bring one file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
