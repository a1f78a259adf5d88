"""Puts a dataset in its place, whole or not at all. Knows folders and renames, and no format.

A dataset is written to ``.NAME.partial`` beside its place, brought to the disk, then changes places with the
old one in a single step where the file system can do that (Linux: ``renameat2``), else in two renames. A run
that was killed leaves at most hidden folders, which the next run mends.
"""

import ctypes
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import DiskFull, ExportError
from engine.media.faults import NO_ROOM

MARKER = "engine.json"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of Linux's fcntl.h and fs.h


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """Yield a folder to write to; it becomes ``out`` when all went well and is removed otherwise.

    Raises:
        ExportError: ``out`` exists and is no dataset of ours, or another run is writing it.
        DiskFull: no room; ``out`` is untouched.
    """
    place = out.resolve()
    try:
        with _claimed(place) as partial:
            _refuse_foreign(place)
            yield partial
            _sync(partial)
            _put(partial, place)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(
                f"{out}: no room for the dataset ({error.strerror}); free some and repeat"
            ) from error
        raise ExportError(
            f"{out}: cannot be written ({error}); choose a folder that is yours"
        ) from error


def is_ours(folder: Path) -> bool:
    """Say whether ``folder`` holds our side file, so that we may replace it."""
    try:
        content = json.loads((folder / MARKER).read_text())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and {"format", "clips"} <= content.keys()


@contextmanager
def _claimed(place: Path) -> Iterator[Path]:
    """Hold the empty folder beside ``place`` for this run alone; after an error nothing is left of it.

    The lock is on the folder itself, so it ends with the process, however that ends.
    """
    partial = place.with_name(f".{place.name}.partial")
    with _held(partial):
        try:
            _restore(place)
            _clear(partial, place)
            yield partial
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            _restore(place)
            raise


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Make ``folder`` where it is missing, and lock it.

    Raises:
        ExportError: a living run holds it.
    """
    descriptor = _lock(folder)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(folder: Path) -> int:
    """Return the descriptor of the folder that has this name once it is locked."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        if not _take(descriptor):
            os.close(descriptor)
            raise ExportError(
                f"{folder}: another export is at work there; wait for it, or name another folder"
            )
        if folder.exists() and os.path.samestat(os.fstat(descriptor), folder.stat()):
            return descriptor
        os.close(descriptor)  # another run renamed it between our two looks


def _take(descriptor: int) -> bool:
    """Lock an open folder; return False when somebody else has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks: one export at a time is the user's care there
    return True


def _refuse_foreign(place: Path) -> None:
    """Let nothing but our own datasets and empty folders be replaced."""
    empty = place.is_dir() and not any(place.iterdir())
    if place.exists() and not empty and not is_ours(place):
        raise ExportError(
            f"{place}: exists and is no dataset of ours ({MARKER} is missing or not ours); "
            "name another folder"
        )


def _put(partial: Path, place: Path) -> None:
    """Make ``partial`` the dataset at ``place``, and remove what was there."""
    if not place.exists():
        partial.rename(place)
    else:
        with _held(place):  # after the exchange it lies where the next run would begin to write
            if not exchange(partial, place):
                place.rename(_aside(place))
                partial.rename(place)
                _aside(place).rename(partial)
            _flush(place.parent)
            shutil.rmtree(partial, ignore_errors=True)
    _flush(place.parent)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change names in one step; return False where the system cannot do that."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    names = os.fsencode(one), os.fsencode(other)
    return (
        rename is not None
        and rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0
    )


def _restore(place: Path) -> None:
    """Put the old dataset back where a run had moved it aside and not come further."""
    if is_ours(_aside(place)) and not place.exists():
        _aside(place).rename(place)


def _clear(partial: Path, place: Path) -> None:
    """Remove what runs that were killed left, in steps that can be killed as well."""
    if is_ours(_aside(place)) and place.exists():
        _aside(place).rename(partial / "old")
    for left_over in partial.iterdir():
        _remove(left_over)


def _aside(place: Path) -> Path:
    """Return where the old dataset waits while the new one takes its place."""
    return place.with_name(f".{place.name}.old")


def _remove(path: Path) -> None:
    """Remove a file or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _sync(folder: Path) -> None:
    """Bring everything to the disk before the rename makes it visible.

    One call for the whole file system (Linux: ``syncfs``), because a dataset has a file for every frame.
    """
    sync = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if sync is None or sync(descriptor) != 0:
            os.sync()
    finally:
        os.close(descriptor)


def _flush(folder: Path) -> None:
    """Bring the names in ``folder`` to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
