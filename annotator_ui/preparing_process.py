"""The process that works in the background: browser copies and doubts. Knows how each is made; refuses to know who waits.

It gives way to everything else on the machine, and ends with the process that started it.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final, TypeAlias

from annotator_ui.preparing_wishes import Copy, Find, Wish
from engine.config import Settings
from engine.errors import EngineError
from engine.media.page_folder import make_page_copy
from engine.wiring import Workbench, workbench
from engine.workflows.findings import kept_doubts
from engine.workflows.prepare import doubts_of

NICE: Final = 10
"""How much this process gives way: clicks come first."""

TELL_EVERY: Final = 0.2
"""Seconds from one word about progress to the next."""


@dataclass(frozen=True, slots=True)
class Part:
    """So much of the work in hand is done, 0..1."""

    share: float


@dataclass(frozen=True, slots=True)
class Made:
    """The work in hand is done; ``new`` says that it was not done before already."""

    new: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The work in hand cannot be done."""

    why: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """The work in hand was given up for something more urgent."""


@dataclass(frozen=True, slots=True)
class Hurry:
    """Give up the work in hand; where there is none, go on."""


News: TypeAlias = Part | Made | Failed | Dropped


def serve(pipe: Connection, settings: Settings) -> None:
    """Do what the other end of ``pipe`` wishes for, one after another, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server says when to end, not the keyboard
    os.nice(NICE)
    try:
        with workbench(settings) as bench:
            while True:
                wish = pipe.recv()
                if not isinstance(wish, Hurry):
                    pipe.send(_done(wish, bench, pipe))
    except (EOFError, OSError):
        return  # nobody listens any more


def _done(wish: Wish, bench: Workbench, pipe: Connection) -> Made | Failed | Dropped:
    """Do one thing and say what became of it."""
    try:
        match wish:
            case Copy():
                made = copied(bench, wish.clip, stop=pipe.poll, progress=_telling(pipe))
                return Dropped() if pipe.poll() and not made else Made(made)
            case Find():
                return Made(found(bench, wish.clip, wish.revision))
    except EngineError as error:
        return Failed(str(error))


def copied(
    bench: Workbench,
    clip: str,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None],
) -> bool:
    """Make a clip's browser copy; return False where there is one already, or ``stop`` said so.

    Raises:
        SelectionError: there is no such clip.
        VideoError, DiskFull: as in ``make_page_copy``.
    """
    workspace = bench.settings.workspace.absolute()
    found = bench.catalog.clip(clip).clip
    return make_page_copy(workspace, found, stop=stop, progress=progress)


def found(bench: Workbench, clip: str, revision: int) -> bool:
    """Find the doubts of a revision and keep them; return False where they are kept already.

    Raises:
        SelectionError: there is no such clip or revision.
        DamagedChunk: stored masks do not decode.
    """
    findings = bench.desk.findings
    if kept_doubts(findings, revision) is not None:
        return False
    doubts_of(
        bench.revisions,
        findings,
        bench.catalog.clip(clip).clip,
        bench.revisions.revision(revision),
        game=bench.settings.profile,
    )
    return True


def _telling(pipe: Connection) -> Callable[[int, int], None]:
    """Return a progress that says how far the work is, a few times a second."""
    said = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= TELL_EVERY:
            said = time.monotonic()
            pipe.send(Part(done / total))

    return tell
