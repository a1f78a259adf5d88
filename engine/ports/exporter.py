"""What writes datasets; knows no format."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.types import Clip, FrameBatch, FrameMasks, Revision


def nothing_edited() -> Mapping[int, int]:
    """Return by track on how many frames a person changed it: none."""
    return {}


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One clip as an exporter needs it: what can be called starts a fresh pass each time.

    ``frames`` and ``auto`` yield one FrameMasks for every frame of ``clip``, numbered from 0; ``auto`` is what the
    models drew before any person's change, None where they drew nothing. ``pictures`` can be pickled where a
    workflow has built it: it is sent to worker processes. ``edited`` counts by track the frames that a person changed.
    ``reviewed``: a person has accepted ``revision``. ``step``: only every ``step``-th frame is to be annotated. ``notes``
    says what the choice left out of the clip; ``whole`` is the id of the clip it was cut from, "" for the whole clip.
    """

    clip: Clip
    revision: Revision
    frames: Callable[[], Iterator[FrameMasks]]
    pictures: Callable[[], Iterator[FrameBatch]]
    edited: Callable[[], Mapping[int, int]] = nothing_edited
    auto: Callable[[], Iterator[FrameMasks]] | None = None
    reviewed: bool = True
    step: int = 1
    camera: str = ""
    licence: str = ""
    notes: tuple[str, ...] = ()
    whole: str = ""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written: clips and frames, and everything that a format could not hold, in words.

    ``version`` names the content, where the exporter knows one; ``reused`` counts clips of which no file was written anew.
    """

    out: Path
    clips: int
    frames: int
    notes: tuple[str, ...] = ()
    version: str = ""
    reused: int = 0


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
