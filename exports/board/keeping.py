"""What is said where the folder of what FiftyOne keeps cannot be written to. Knows no files."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import NO_ROOM, DiskFull, ServerError


@contextmanager
def keeping(home: Path) -> Iterator[None]:
    """Write something into the folder, or below.

    Raises:
        DiskFull: there is no room.
        ServerError: it cannot be written to.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise full(home) from error
        raise ServerError(
            f"{home}: cannot be used for what FiftyOne keeps ({error.strerror}); it must be a folder that you can write to"
        ) from error


def usable(home: Path) -> None:
    """Make sure that what is there of the folder can be one; nothing is made.

    Raises:
        ServerError: something else is in its place.
    """
    with keeping(home):
        if home.exists() and not home.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def full(home: Path) -> DiskFull:
    """Return what is said where there is no room."""
    return DiskFull(
        f"no room for what FiftyOne keeps in {home.absolute()}; free some (its database begins with 300 MB), then run the same "
        "command again: it goes on with what is missing"
    )
