"""MOSE: JPEGs and one palette PNG for each, without a level for the resolution. Knows no database.

What SAM 2's own example trains on. Overlaps and numbers are those of our DAVIS, so that its evaluation reads them too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.types import Clip
from exports.davis import MOST_BALLS, write_indices
from exports.files import Files
from exports.format import Pictures
from exports.lists import by_split, write_lists
from exports.masks import ClipMasks
from exports.notes import Notes
from exports.overlap import separated
from exports.training import Source, unsampled, write_engine, write_sam2

_SOURCE: Final = Source(
    "PNGRawDataset", "JPEGImages", "Annotations", (("is_palette", True), ("sample_rate", 1))
)


@dataclass(frozen=True, slots=True)
class Mose:
    """MOSE; see ``exports.format.Format``."""

    layout: str = "train"
    name: str = "mose"
    sparse: bool = False
    whole: bool = False

    def prepare(self, masks: ClipMasks, notes: Notes) -> ClipMasks:
        """Give every pixel one owner."""
        return separated(masks, notes)

    def refuse(self, masks: ClipMasks) -> str:
        """Refuse what no training sample can be drawn from, or what a palette cannot hold."""
        if len(masks.tracks) > MOST_BALLS:
            return f"{len(masks.tracks)} balls, a palette holds {MOST_BALLS}"
        return unsampled(masks) if masks.tracks else "no ball on any frame"

    def pictures(self, clip: Clip, *, step: int) -> Pictures:  # noqa: ARG002 - every frame is annotated
        """Say where the pictures go."""
        return Pictures(f"JPEGImages/{clip.id}/{{:05d}}.jpg", (clip.height, clip.width))

    def annotate(self, masks: ClipMasks, files: Files, notes: Notes) -> dict[str, Any]:  # noqa: ARG002 - said in prepare
        """Write a PNG for every frame and return which number is which ball."""
        return write_indices(masks, files, f"Annotations/{masks.clip.id}")

    def finish(
        self,
        files: Files,
        clips: Mapping[str, Mapping[str, Any]],
        fragments: Callable[[str], Path],  # noqa: ARG002 - the facts say it all
    ) -> None:
        """Write the lists and the configurations for trainers."""
        write_lists(files, "", clips)
        if trained := {name: clips[name] for name in by_split(clips).get("train", [])}:
            write_sam2(files, trained, "train.txt", lambda _: _SOURCE)
            write_engine(files)
