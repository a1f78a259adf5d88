"""Frames: plain JPEGs, and a PNG for each object and frame. Knows no trainer's habits but that of reading folders.

For scripts of one's own and for loaders of one mask a file; objects may overlap, nothing is lost.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

from engine.types import Clip
from exports.files import Files
from exports.format import Pictures
from exports.lists import by_split, write_lists
from exports.masks import ClipMasks
from exports.notes import Notes
from exports.object_pngs import objects_of, too_many, write_objects
from exports.training import Source, unsampled, write_engine, write_sam2

_SOURCE: Final = Source(
    "PNGRawDataset", "JPEGImages", "Annotations", (("is_palette", False), ("sample_rate", 1))
)


@dataclass(frozen=True, slots=True)
class Frames:
    """Plain frames and masks; see ``exports.format.Format``."""

    name: str = "frames"
    layout: str = "objects"
    sparse: bool = False
    whole: bool = False

    def prepare(self, masks: ClipMasks, notes: Notes) -> ClipMasks:
        """Return the masks as they are; say where SAM 2's trainer would pass the clip over."""
        if masks.tracks and (reason := unsampled(masks)):
            notes.add(f"{masks.clip.id}: {reason}")
        return masks

    def refuse(self, masks: ClipMasks) -> str:
        """Return why the format cannot hold the clip."""
        return too_many(masks)

    def pictures(self, clip: Clip, *, step: int) -> Pictures:  # noqa: ARG002 - every frame is annotated
        """Say where the pictures go."""
        return Pictures(f"JPEGImages/{clip.id}/{{:05d}}.jpg", (clip.height, clip.width))

    def annotate(self, masks: ClipMasks, files: Files, notes: Notes) -> dict[str, Any]:  # noqa: ARG002 - nothing is lost
        """Write the PNGs and return which object is which ball."""
        write_objects(masks, files, f"Annotations/{masks.clip.id}")
        return {"objects": objects_of(masks), "sampled": not unsampled(masks)}

    def finish(
        self,
        files: Files,
        clips: Mapping[str, Mapping[str, Any]],
        fragments: Callable[[str], Path],  # noqa: ARG002 - the facts say it all
    ) -> None:
        """Write the lists, the table of objects and the configurations for trainers."""
        write_lists(files, "", clips)
        files.write("objects.csv", _table(clips).encode())
        if trained := {name: clips[name] for name in by_split(clips).get("train", [])}:
            write_sam2(files, trained, "train.txt", lambda _: _SOURCE)
            write_engine(files)


def _table(clips: Mapping[str, Mapping[str, Any]]) -> str:
    """Return one line for each object of each clip."""
    out = StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["clip", "object", "track", "class"])
    for clip, facts in clips.items():
        for number, thing in facts["objects"].items():
            lines.writerow([clip, f"{int(number):03d}", thing["track"], thing["label"]])
    return out.getvalue()
