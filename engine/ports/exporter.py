"""What writes datasets; knows no format."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.types import Clip, FrameBatch, FrameMasks, Revision


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One clip as an exporter needs it: ``frames`` and ``pictures`` start a fresh pass each time they are called."""

    clip: Clip
    revision: Revision
    frames: Callable[[], Iterator[FrameMasks]]
    pictures: Callable[[], Iterator[FrameBatch]]
    edited: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written: clips and frames, and everything that a format could not hold, in words."""

    out: Path
    clips: int
    frames: int
    notes: tuple[str, ...] = ()


class Exporter(Protocol):
    """Writes a dataset in one format."""

    def __call__(
        self, items: Sequence[ExportItem], out: Path, *, progress: Callable[[str, int, int], None]
    ) -> ExportReport:
        """Write the dataset beside ``out``, verify it, then rename: nothing half-written is ever visible.

        ``progress(clip, frames_done, frames_total)`` is called as frames are written. An existing
        dataset at ``out`` is replaced in the last step.

        Raises:
            ExportError: a clip cannot be held by the format, or ``out`` is no dataset of ours.
            VerificationError: what was written breaks a guarantee; ``out`` is untouched.
            DiskFull: no room; ``out`` is untouched.
        """
        ...
