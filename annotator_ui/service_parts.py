"""What the service works with: stores, a model, background preparation, the hub. Names the values it passes; does nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from annotator_ui.events import Hub
from annotator_ui.model.messages import Drawn
from annotator_ui.service_rows import CachedRevisions
from annotator_ui.session import Session, SpreadDeed
from engine.doubts import Doubt
from engine.ports import Action, Catalog, ClipStatus, DeskStores, FrameSource
from engine.types import Clip, FrameMasks
from engine.workflows.correct import Asked, Desk


class Drawer(Protocol):
    """What draws; see ``annotator_ui.model``. Calls block and come from many threads."""

    def draw(self, clip: Clip, asked: Asked, *, who: str) -> Drawn:
        """Draw one frame, before anything else."""
        ...

    def spread(
        self,
        clip: Clip,
        asked: Asked,
        *,
        who: str,
        progress: Callable[[FrameMasks, int, int], None],
        stop: Callable[[], bool],
    ) -> Drawn:
        """Carry prompts through time."""
        ...

    def warm(self, clip: Clip, frame: int, revision: int | None) -> None:
        """Make ready for a click on a frame; returns at once."""
        ...


class Preparer(Protocol):
    """What makes browser copies and finds doubts in the background; see ``annotator_ui.preparing``."""

    def want(self, clip_id: str, revision: int | None) -> None:
        """Ask for a clip's browser copy and a revision's doubts; returns at once."""
        ...

    def video(self, clip: Clip) -> Path | None:
        """Return the browser copy, or None while there is none."""
        ...

    def progress(self, clip: Clip) -> float:
        """Return how much of the browser copy is made, 0..1."""
        ...

    def doubts(self, revision: int) -> tuple[Doubt, ...] | None:
        """Return what was found about a revision, or None while it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """All that the service was given. ``game`` is the profile that says which classes a new ball can have."""

    catalog: Catalog
    desk: DeskStores
    source: FrameSource
    revisions: CachedRevisions
    drawer: Drawer
    preparer: Preparer
    hub: Hub
    game: str = "any"

    def hand(self, author: str) -> Desk:
        """Return the stores that corrections in somebody's name go to."""
        return Desk(self.catalog, self.revisions, author)


@dataclass(frozen=True, slots=True)
class Done:
    """What a deed came to: the newest revision, and the frames on which masks may differ from before."""

    after: int | None
    frames: tuple[int, ...] = ()


@dataclass(slots=True)
class Running:
    """A spread on its way; ``stop`` ends it, and what is done is kept."""

    action: Action
    deed: SpreadDeed
    asked: Asked
    stop: Event = field(default_factory=Event)
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A spread that would change confirmed frames, and waits for an answer. ``shown`` is what the page reads."""

    action: Action
    deed: SpreadDeed
    asked: Asked
    drawn: Drawn
    shown: Mapping[str, Any]


@dataclass(slots=True)
class Sheet:
    """An open clip: its log folded into a session, and the work that is under way. Whoever reads it holds the clip's lock.

    ``frames`` are, by the ``seq`` of a step, those that the step may have changed; they spare an undo reading the others.
    ``doubted`` is the newest revision of which the doubts are known, with them.
    """

    status: ClipStatus
    session: Session
    running: Running | None = None
    proposal: Proposal | None = None
    unfinished: Action | None = None
    frames: dict[int, tuple[int, ...]] = field(default_factory=dict)
    doubted: tuple[int, Sequence[Doubt]] | None = None

    @property
    def clip(self) -> Clip:
        """The clip."""
        return self.status.clip

    @property
    def busy(self) -> bool:
        """Whether something goes on that only this sheet knows."""
        return self.running is not None or self.proposal is not None
