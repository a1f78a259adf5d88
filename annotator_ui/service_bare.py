"""A preparer that prepares nothing: clips without browser copies and doubts. Where there is a copy already, it is known by name."""

from collections.abc import Mapping
from pathlib import Path

from engine.doubts import Doubt
from engine.types import Clip


class Unprepared:
    """``annotator_ui.service_parts.Preparer`` that does no work; what is known is given from the start."""

    def __init__(
        self,
        videos: Mapping[str, Path] | None = None,
        doubts: Mapping[int, tuple[Doubt, ...]] | None = None,
    ) -> None:
        """Know these browser copies by clip, and these doubts by revision."""
        self._videos = dict(videos or {})
        self._doubts = dict(doubts or {})

    def want(self, clip_id: str, revision: int | None) -> None:
        """Do nothing."""

    def video(self, clip: Clip) -> Path | None:
        """Return the copy that was given."""
        return self._videos.get(clip.id)

    def progress(self, clip: Clip) -> float:
        """Return 1 for a copy that is there, else 0."""
        return float(clip.id in self._videos)

    def doubts(self, revision: int) -> tuple[Doubt, ...] | None:
        """Return the doubts that were given."""
        return self._doubts.get(revision)

    def close(self) -> None:
        """Do nothing."""
