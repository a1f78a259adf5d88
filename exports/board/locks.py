"""Files by which processes of one machine know of each other: locks that no crash leaves behind. Knows nothing of what they guard."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from exports.board.keeping import keeping

LOOKS: Final = 20
LOOK: Final = 0.05
"""Times, and seconds between them, that a lock is tried for whose holder has not said who it is."""
LONGEST: Final = 1000
"""Bytes that are read of what a holder said."""


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock that one process holds at a time; others wait for it."""
    with _opened(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def turn(path: Path, who: str) -> Iterator[str]:
    """Try for a lock that one process holds at a time; yield "" with it, else what its holder said with ``who``."""
    with _opened(path) as file:
        if other := _refused(file):
            yield other
            return
        with keeping(path.parent):
            os.ftruncate(file, 0)
            os.pwrite(file, who.encode(), 0)
        yield ""
        os.ftruncate(file, 0)


def holder(path: Path) -> str:
    """Return what the holder of a lock said, "" where nobody holds it."""
    if not path.exists():
        return ""
    with _opened(path) as file:
        return _refused(file)


class Together:
    """A lock that any number of processes share while they use something, so that the last one knows that it is."""

    def __init__(self, path: Path) -> None:
        """Join those who hold it."""
        self._file = _descriptor(path)
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Leave, and say whether nobody else is left; call it under a lock that newcomers wait for."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)  # where a child inherited the file, too
            os.close(self._file)


def _refused(file: int) -> str:
    """Take a lock, or return who has it; whoever only looks has it for a moment, and says nothing."""
    for _ in range(LOOKS):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if said := os.pread(file, LONGEST, 0).decode(errors="replace").strip():
                return said
            time.sleep(LOOK)
        else:
            return ""
    return "somebody"


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open the file of a lock, made where it is not there yet; closing it gives the lock back."""
    file = _descriptor(path)
    try:
        yield file
    finally:
        os.close(file)


def _descriptor(path: Path) -> int:
    """Open a file to read and write, without a buffer, made with its folder where it is not there yet.

    Raises:
        DiskFull, ServerError: it cannot be.
    """
    with keeping(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
