"""SA-V's validation and test layout: JPEGs at the recording's rate, a PNG for each object and annotated frame.

What is measured on it leaves out the first and the last annotated frame of a clip, and stops at an object that is
visible on no other: such objects are left out here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine.types import Clip, FrameMasks
from exports.files import Files
from exports.format import Pictures
from exports.masks import ClipMasks
from exports.notes import Notes
from exports.object_pngs import objects_of, too_many, write_objects
from exports.training import Source, unsampled, write_sam2

FEWEST = 3  # annotated frames, of which the first and the last are not scored


@dataclass(frozen=True, slots=True)
class SavVal:
    """SA-V val or test, as ``layout`` says; see ``exports.format.Format``."""

    layout: str = "val"
    name: str = "sav-val"
    sparse: bool = True
    whole: bool = False

    def prepare(self, masks: ClipMasks, notes: Notes) -> ClipMasks:
        """Leave out, with a note each, what the evaluation would stop at."""
        if masks.clip.split != self.layout:
            notes.add(f"{masks.clip.id}: of split {masks.clip.split}, listed for {self.layout}")
        scored = {mask.track for row in masks.rows[1:-1] for mask in row.masks}
        for track in masks.tracks:
            if track.id not in scored:
                notes.add(
                    f"{masks.clip.id}: track {track.id} is visible on no annotated frame between the first "
                    "and the last, which are not scored: left out"
                )
        return replace(
            masks,
            rows=tuple(_of(row, scored) for row in masks.rows),
            tracks=tuple(track for track in masks.tracks if track.id in scored),
        )

    def refuse(self, masks: ClipMasks) -> str:
        """Return why the format cannot hold the clip."""
        if len(masks.rows) < FEWEST:
            return f"{len(masks.rows)} annotated frames, the first and the last are not scored"
        return too_many(masks) if masks.tracks else "no ball between first and last frame"

    def pictures(self, clip: Clip, *, step: int) -> Pictures:  # noqa: ARG002 - every frame has its picture
        """Say where the pictures go: all of them, also those between annotated ones."""
        return Pictures(
            f"{picture_folder(clip.rate)}/{clip.id}/{{:05d}}.jpg", (clip.height, clip.width)
        )

    def annotate(self, masks: ClipMasks, files: Files, notes: Notes) -> dict[str, Any]:  # noqa: ARG002 - said in prepare
        """Write the PNGs and return which object is which ball."""
        folder = mask_folder(masks.clip.rate, masks.step)
        write_objects(masks, files, f"{folder}/{masks.clip.id}")
        return {
            "objects": objects_of(masks),
            "step": masks.step,
            "sampled": not unsampled(masks),
        }

    def finish(
        self,
        files: Files,
        clips: Mapping[str, Mapping[str, Any]],
        fragments: Callable[[str], Path],  # noqa: ARG002 - the facts say it all
    ) -> None:
        """Write the list and the configuration for SAM 2's trainer."""
        listed = f"sav_{self.layout}.txt"
        files.write(listed, "".join(f"{name}\n" for name in clips).encode())
        write_sam2(files, clips, listed, _source)


def picture_folder(rate: Fraction) -> str:
    """Return the folder of the pictures of a recording's rate, in frames per second."""
    return f"JPEGImages_{_whole(rate)}fps"


def mask_folder(rate: Fraction, step: int) -> str:
    """Return the folder of the annotations of every ``step``-th frame."""
    return f"Annotations_{_whole(rate / step)}fps"


def _whole(rate: Fraction) -> int:
    """Return a rate in whole frames per second, at least 1."""
    return max(1, round(rate))


def _of(row: FrameMasks, tracks: set[int]) -> FrameMasks:
    """Return the masks of some tracks."""
    return FrameMasks(row.frame, tuple(mask for mask in row.masks if mask.track in tracks))


def _source(facts: Mapping[str, Any]) -> Source:
    """Return how SAM 2's trainer reads a clip: a missing PNG would be an empty one to it, hence the sample rate."""
    rate, step = Fraction(*facts["rate"]), int(facts["step"])
    settings = (("is_palette", False), ("sample_rate", step))
    return Source("PNGRawDataset", picture_folder(rate), mask_folder(rate, step), settings)
