"""What knows videos, their clips and how far each has come; knows no database and no masks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.stages import Move, Stage
from engine.types import Clip, Video


@dataclass(frozen=True, slots=True)
class ClipStatus:
    """A clip with its stage, its newest revision and the accepted one (ids, None where there is none).

    ``priority`` says that a lead wants it taken before others of its stage.
    """

    clip: Clip
    stage: Stage
    head: int | None = None
    accepted: int | None = None
    priority: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a clip's history: who moved it, when, to which stage, from which revision."""

    clip: str
    move: Move
    stage: Stage
    actor: str
    revision: int | None
    at: datetime
    note: str = ""


class Catalog(Protocol):
    """Knows the videos, their clips and how far each has come."""

    def add_video(self, video: Video, clips: Sequence[Clip]) -> bool:
        """Store a video with its clips in one transaction; return False when its content is known already."""
        ...

    def video(self, sha256: str) -> Video | None:
        """Return the video of this content, or None."""
        ...

    def describe(
        self, sha256: str, *, camera: str | None = None, licence: str | None = None
    ) -> Video:
        """Say which camera took a video, or under which licence it is; return it as it is now.

        What is None stays as it was.

        Raises:
            SelectionError: there is no video of this content.
        """
        ...

    def clip(self, clip: str) -> ClipStatus:
        """Return one clip.

        Raises:
            SelectionError: there is none of this id; the message names the nearest.
        """
        ...

    def clips(self, *, stages: Sequence[Stage] = ()) -> tuple[ClipStatus, ...]:
        """Return the clips in one of ``stages`` (default: all), in the order they were added."""
        ...

    def move(
        self, clip: str, move: Move, *, actor: str, revision: int | None = None, note: str = ""
    ) -> Stage:
        """Take a clip one step on, write the event, return the new stage.

        Raises:
            StageError: not possible from the present stage, or with the priority that the clip has.
            StaleParent: ``revision`` is given and is not the clip's newest one.
        """
        ...

    def events(self, clip: str) -> tuple[Event, ...]:
        """Return the clip's history, oldest first."""
        ...
