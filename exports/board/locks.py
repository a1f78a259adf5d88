"""Files by which processes of one machine know of each other: locks that no crash leaves behind. Knows nothing of what they guard."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock that one process holds at a time; others wait for it."""
    with _opened(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def held_by_us(path: Path, who: str) -> Iterator[str]:
    """Try for a lock that one process holds at a time; yield "" with it, else what its holder said with ``who``."""
    with _opened(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield file.read().strip() or "somebody"
            return
        file.truncate(0)
        file.write(who)
        file.flush()
        yield ""
        file.truncate(0)


class Together:
    """A lock that any number of processes share while they use something, so that the last one knows that it is."""

    def __init__(self, path: Path) -> None:
        """Join those who hold it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+")
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
            self._file.close()


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """Open the file of a lock, made where it is not there yet; closing it gives the lock back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        yield file
