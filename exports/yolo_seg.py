"""YOLO segmentation: a text for each picture, one polygon a ball, and data.yaml with the classes. Knows no database.

A polygon holds parts and holes by bridges of no width. How much of the masks polygons keep is measured on the digits
that are written.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.types import RLE, Clip, FrameMasks
from exports.files import Files
from exports.format import Pictures
from exports.indexes import Clips, classes_of, fragment_of, objects_of
from exports.lists import by_split
from exports.masks import ClipMasks
from exports.notes import Notes
from exports.polygons import Polygon, kept, polygon_of

DIGITS = 6
"""Of a coordinate between 0 and 1: a thousandth of a pixel."""


@dataclass(frozen=True, slots=True)
class YoloSeg:
    """YOLO segmentation; see ``exports.format.Format``. A picture without a ball is an example of none."""

    layout: str = "polygons"
    name: str = "yolo-seg"
    sparse: bool = False
    whole: bool = True

    def prepare(self, masks: ClipMasks, notes: Notes) -> ClipMasks:  # noqa: ARG002 - nothing is left out
        """Take the masks as they are: polygons may overlap."""
        return masks

    def refuse(self, masks: ClipMasks) -> str:  # noqa: ARG002 - the port's
        """Refuse no clip."""
        return ""

    def pictures(self, clip: Clip, *, step: int) -> Pictures:  # noqa: ARG002 - every frame is annotated
        """Say where the pictures go."""
        pattern = f"images/{clip.split}/{clip.id}_{{:05d}}.jpg"
        return Pictures(pattern, (clip.height, clip.width))

    def annotate(self, masks: ClipMasks, files: Files, notes: Notes) -> dict[str, Any]:
        """Keep the polygons until the classes of all clips are known; note what they lose."""
        fit, labels = _Fit(), {track.id: track.label for track in masks.tracks}
        rows = [_polygons(row, labels, fit) for row in masks.rows]
        files.fragment(masks.clip.id, rows)
        for track, count in sorted(fit.doubles.items()):
            notes.add(
                f"{masks.clip.id}: track {track} has the mask of another one of its class on {count} frames, which "
                "YOLO takes for one: left out there"
            )
        if fit.ious:
            notes.add(
                f"{masks.clip.id}: polygons keep {np.mean(fit.ious):.4f} of their masks (IoU), {min(fit.ious):.4f} at worst"
            )
        return {"objects": objects_of(masks.tracks)}

    def finish(self, files: Files, clips: Clips, fragments: Callable[[str], Path]) -> None:
        """Write the text of every picture, and which classes there are."""
        names = classes_of(clips)
        for clip, facts in clips.items():
            kinds = {int(n): names.index(of["label"]) for n, of in facts["objects"].items()}
            for frame, row in enumerate(fragment_of(fragments(clip))):
                lines = "".join(f"{kinds[track]} {points}\n" for track, points in row)
                files.write(f"labels/{facts['split']}/{clip}_{frame:05d}.txt", lines.encode())
        files.write("data.yaml", "".join(_yaml(list(by_split(clips)), names)).encode())


@dataclass(slots=True)
class _Fit:
    """How well polygons hold the masks of a clip: IoU of each, and by track how often it is another's double."""

    ious: list[float] = field(default_factory=list)
    doubles: dict[int, int] = field(default_factory=dict)


def _polygons(row: FrameMasks, labels: Mapping[int, str], fit: _Fit) -> list[tuple[int, str]]:
    """Return track and normalised points of every mask of a frame."""
    found: dict[tuple[str, str], int] = {}
    for mask in row.masks:
        polygon, points = _written(mask.rle)
        if (labels[mask.track], points) in found:
            fit.doubles[mask.track] = fit.doubles.get(mask.track, 0) + 1
            continue
        found[labels[mask.track], points] = mask.track
        fit.ious.append(kept(mask.rle, polygon))
    return [(track, points) for (_, points), track in found.items()]


def _written(mask: RLE) -> tuple[Polygon, str]:
    """Return the polygon of a mask in pixels, as exact as its digits, and those digits."""
    scale = np.array([mask.size[1], mask.size[0]], np.float64)
    shares = np.round(polygon_of(mask) / scale, DIGITS)
    return shares * scale, " ".join(f"{share:.{DIGITS}f}" for share in shares.ravel())


def _yaml(splits: list[str], names: list[str]) -> Iterator[str]:
    """Yield the lines of data.yaml; without ``path``, so that folders are found beside it wherever it lies."""
    yield "# For ultralytics; folders are below the one of this file.\n"
    for wanted, instead in (("train", "val"), ("val", "train")):
        split = wanted if wanted in splits else instead if instead in splits else splits[0]
        why = "" if split == wanted else f"  # there is no {wanted} split, and trainers ask for one"
        yield f"{wanted}: images/{split}{why}\n"
    yield from (f"{split}: images/{split}\n" for split in splits if split not in ("train", "val"))
    yield "names:\n" if names else "names: [ball]\n"
    yield from (f"  {number}: {json.dumps(name)}\n" for number, name in enumerate(names))
