"""How a finished folder takes the place of another, and how two writers keep out of each other's way; knows no datasets."""

import ctypes
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from engine.errors import ExportError

_HERE: Final = (
    -100 if sys.platform == "linux" else -2
)  # AT_FDCWD: paths are relative to the working folder
_SWAP: Final = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def exchange(one: Path, other: Path) -> bool:
    """Let two folders of one file system trade places in a single step; return False where that is impossible.

    There is no moment at which either path is missing. Some network file systems and old kernels cannot do it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    swap = getattr(libc, "renameat2" if sys.platform == "linux" else "renameatx_np", None)
    if swap is None:
        return False
    answer: int = swap(_HERE, os.fsencode(one), _HERE, os.fsencode(other), ctypes.c_uint(_SWAP))
    return answer == 0


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Be the only one who writes to ``out``; the kernel lets go of a killed process's hold.

    Raises:
        ExportError: another process writes there.
    """
    path = out.with_name(f".{out.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with _hold(path, out):
        try:
            yield
        finally:
            path.unlink(
                missing_ok=True
            )  # while it is held: whoever waits sees that it is another file


@contextmanager
def _hold(path: Path, out: Path) -> Iterator[None]:
    """Hold the lock file that lies at ``path``, not one that was removed while this process opened it."""
    while True:
        with path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ExportError(
                    f"{out}: another export is writing there; wait for it, or name another folder"
                ) from error
            if _lies_at(file, path):
                yield
                return


def _lies_at(file: IO[str], path: Path) -> bool:
    """Say whether an open file is the one that ``path`` names now."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
