"""Folders that appear when they are complete, and files that are whole or as before. Knows names; refuses to know what lies in them."""

import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from engine.errors import NO_ROOM, DiskFull, InputError

LEFT: Final = 86_400.0
"""Seconds after which a half-made folder was left by a process that was killed."""


@contextmanager
def making(place: Path) -> Iterator[Path]:
    """Yield an empty folder that takes ``place`` when the block is left; it goes if the block raises, or removed it.

    Where somebody else made ``place`` meanwhile, theirs stays.

    Raises:
        DiskFull, InputError: as in ``writing``.
    """
    part = place.with_name(f".{place.name}.{os.getpid()}")
    with writing(place):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            yield part
            with suppress(OSError):  # it is there already, or the block gave up
                part.rename(place)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Replace a text file, whole or not at all; its folder is made where it is missing.

    Raises:
        DiskFull, InputError: as in ``writing``.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def trim(folder: Path, keep: Collection[str]) -> int:
    """Remove the folders in ``folder`` that are not called as in ``keep``, and what killed processes left; return how many went."""
    gone = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and (
            _is_left(path) if path.name.startswith(".") else path.name not in keep
        ):
            shutil.rmtree(path, ignore_errors=True)
            gone += 1
    return gone


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Translate what a disk says while ``path`` is written.

    Raises:
        DiskFull: there is no room.
        InputError: nothing can be written there for another reason.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(
                f"{path}: no room left for stills of clips ({error.strerror}); free some and repeat"
            ) from error
        raise InputError(
            f"{path}: cannot be written ({error}); make its folder yours, or name another workspace"
        ) from error


def _is_left(part: Path) -> bool:
    """Say whether nobody works on a half-made folder any more."""
    try:
        return time.time() - part.stat().st_mtime > LEFT
    except OSError:
        return False
