"""Whose turn it is to sync a workspace with FiftyOne: one process at a time. Knows a lock and who waits for it."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from engine.cli.console import say
from engine.errors import InputError
from exports.board import locks

LOOK: Final = 0.5
"""Seconds between two looks whether the turn came."""
LOCK: Final = "sync.lock"


@contextmanager
def turn(home: Path, by: str, *, wait: Callable[[], bool] | None = None) -> Iterator[str]:
    """Take the turn: yield "" with it, or who has it; with ``wait`` the latter only once that says that waiting is over."""
    told = False
    while True:
        with locks.turn(home / LOCK, _who(by)) as other:
            if not other or wait is None or wait():
                yield other
                return
        if not told:
            say(f"waiting: {other} syncs this workspace")
            told = True
        time.sleep(LOOK)


def whose(home: Path) -> str:
    """Return who syncs a workspace now, "" for nobody."""
    return locks.holder(home / LOCK)


def refuse(home: Path, other: str) -> None:
    """Refuse to sync beside somebody else.

    Raises:
        InputError: there is somebody.
    """
    if other:
        raise InputError(
            f"{other} syncs this workspace now ({home.absolute()}); wait for its end, or use --watch, which does"
        )


def _who(by: str) -> str:
    """Say who we are, to those who wait for us."""
    return f"{by} (process {os.getpid()}, since {datetime.now().astimezone():%H:%M})"
