"""What a sync of the board works with: the stores, the board, and what makes costly things. Knows ports; refuses to know a tool."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from engine.billiards.guess import AUTO
from engine.ports import Bridge, Catalog, Findings, Overview, RevisionStore
from engine.ports.board import Board, Still
from engine.types import Clip
from engine.workflows.board.memory import Memory
from engine.workflows.comparing.agreeing import Judge
from engine.workflows.prepare_clips import Copier


class Stills(Protocol):
    """What makes pictures of clips, with vectors by which they are compared."""

    def made(self, clip: Clip) -> str:
        """Say with what a clip's pictures would be made now; quick, and another text where they would be others."""
        ...

    def __call__(self, clip: Clip, *, stop: Callable[[], bool]) -> tuple[Still, ...] | None:
        """Return a clip's pictures, made now or before; None where ``stop`` ended it.

        Raises:
            VideoError, DiskFull: they cannot be made.
        """
        ...


def nothing_alike() -> Mapping[str, Sequence[str]]:
    """Return what is alike where nobody compares."""
    return {}


def present() -> datetime:
    """Return the present moment of this machine, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class BoardDesk:
    """What a sync works with; what is None is not made.

    ``film`` says where the browser copy of a clip lies, or would, ``page_url`` where people's browsers find the page, ``target``
    how many seconds are wanted, ``game`` which profile was chosen ("auto": none). ``copy`` makes browser copies, ``judge`` compares
    models with people, ``stills`` makes pictures, ``alike`` tells the clips that show almost the same as far as it is known: it is
    asked often and must be quick.
    """

    board: Board
    catalog: Catalog
    revisions: RevisionStore
    overview: Overview
    findings: Findings
    bridge: Bridge
    film: Callable[[Clip], str]
    page_url: str
    target: float
    game: str = AUTO
    copy: Copier | None = None
    judge: Judge | None = None
    stills: Stills | None = None
    alike: Callable[[], Mapping[str, Sequence[str]]] = nothing_alike
    now: Callable[[], datetime] = present
    memory: Memory = field(default_factory=Memory)
