"""DAVIS 2017: frames as JPEG, one palette PNG for each with the number of the ball at every pixel. Knows no database.

Where two masks claim a pixel, the one with the higher score has it, then the lower track. Balls are numbered 1 to N
so that the largest number is visible on the first frame: the official evaluation looks no further than that.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.errors import ExportError, VerificationError
from engine.media.still import write_jpeg, write_palette_png
from engine.ports import ExportItem, ExportReport
from engine.types import RLE, FrameMasks
from exports.base import (
    Notes,
    Progress,
    cleaned,
    each,
    staged,
    told_specks,
    write_lists,
    write_marker,
)
from exports.palette import voc_palette
from exports.verify import verify

MOST_BALLS, FEWEST_FRAMES = 254, 3
RESOLUTION = "Full-Resolution"


@dataclass(slots=True)
class _Plan:
    """What a first look at a clip decides: the number of each track, and which are seen on frame 0."""

    numbers: dict[int, int] = field(default_factory=dict)
    reason: str = ""


class DavisExporter:
    """Writes DAVIS 2017; see ``engine.ports.Exporter``. Masks under ``min_area`` pixels count as not visible."""

    def __init__(self, *, min_area: int = 20) -> None:
        """Take the settings."""
        self.min_area = min_area

    def __call__(
        self, items: Sequence[ExportItem], out: Path, *, progress: Progress
    ) -> ExportReport:
        """Write, verify, put in place."""
        notes, plans = Notes(), {}
        for item in items:
            plan = plans[item.clip.id] = self._plan(item)
            if plan.reason:
                notes.add(f"{item.clip.id}: {plan.reason}: left out")
        fitting = [item for item in items if not plans[item.clip.id].reason]
        if not fitting:
            raise ExportError("; ".join(notes.lines) or "no clip to export; choose at least one")
        with staged(out) as folder:
            clips = each(
                fitting,
                lambda item: self._clip(item, plans[item.clip.id], folder, notes, progress),
                lambda name: _remove(folder, name),
                notes,
            )
            fitting = [item for item in fitting if item.clip.id in clips]
            write_lists(folder / "ImageSets" / "2017", fitting)
            _semantics(folder, clips)
            write_marker(folder, format_name="davis", clips=clips, notes=notes)
            if failures := verify(folder).failures:
                raise VerificationError(
                    f"{out}: {len(failures)} guarantees broken, first: {failures[0]}"
                )
        return ExportReport(
            out, len(fitting), sum(i.clip.frames for i in fitting), tuple(notes.lines)
        )

    def _plan(self, item: ExportItem) -> _Plan:
        """Number the balls: those that come late first, then those of frame 0."""
        first: set[int] = set()
        seen: set[int] = set()
        for row in cleaned(item, min_area=self.min_area, dropped={}):
            owners = _flat(row, (item.clip.height, item.clip.width))
            here = {row.masks[index].track for index in np.unique(owners) if index >= 0}
            first |= here if row.frame == 0 else set()
            seen |= here
        order = [*sorted(seen - first), *sorted(first)]
        plan = _Plan({track: number for number, track in enumerate(order, 1)})
        if item.clip.frames < FEWEST_FRAMES:
            plan.reason = (
                f"{item.clip.frames} frames, DAVIS scores none of fewer than {FEWEST_FRAMES}"
            )
        elif not first:
            plan.reason = "no ball on its first frame, where DAVIS evaluation begins"
        elif len(seen) > MOST_BALLS:
            plan.reason = f"{len(seen)} balls, a palette holds {MOST_BALLS}"
        return plan

    def _clip(
        self, item: ExportItem, plan: _Plan, folder: Path, notes: Notes, progress: Progress
    ) -> dict[str, Any]:
        """Write one clip and return what our side file says of it."""
        clip, dropped, lost = item.clip, dict[int, int](), dict[int, int]()
        pictures = folder / "JPEGImages" / RESOLUTION / clip.id
        masks = folder / "Annotations" / RESOLUTION / clip.id
        for path in (pictures, masks):
            path.mkdir(parents=True)
        rows = cleaned(item, min_area=self.min_area, dropped=dropped)
        for batch in item.pictures():
            for offset, rgb in enumerate(batch.rgb):
                number, row = batch.first + offset, next(rows)
                write_jpeg(pictures / f"{number:05d}.jpg", rgb)
                indices = _indices(row, plan.numbers, rgb.shape[:2], lost)
                write_palette_png(masks / f"{number:05d}.png", indices, voc_palette())
                progress(clip.id, number + 1, clip.frames)
        told_specks(clip.id, dropped, self.min_area, notes)
        for number, pixels in sorted(lost.items()):
            notes.add(f"{clip.id}: track {number} loses {pixels} pixels to balls in front of it")
        for track in item.revision.tracks:
            if track.id not in plan.numbers:
                notes.add(f"{clip.id}: track {track.id} is visible nowhere: left out")
        return _facts(item, plan)


def _remove(folder: Path, name: str) -> None:
    """Take away what was written of a clip that failed."""
    for kind in ("JPEGImages", "Annotations"):
        shutil.rmtree(folder / kind / RESOLUTION / name, ignore_errors=True)


def _facts(item: ExportItem, plan: _Plan) -> dict[str, Any]:
    """Return what our side file says of a clip."""
    labels = {track.id: track.label for track in item.revision.tracks}
    numbers = sorted(plan.numbers.items(), key=lambda pair: pair[1])
    return {
        "revision": item.revision.id,
        "recording": item.clip.video,
        "rate": [item.clip.rate.numerator, item.clip.rate.denominator],
        "objects": {str(n): {"track": t, "label": labels.get(t, "ball")} for t, n in numbers},
        "provenance": dict(item.revision.provenance),
    }


def _flat(row: FrameMasks, size: tuple[int, int]) -> NDArray[np.int16]:
    """Return for each pixel the index among ``row.masks`` of the one that has it, -1 for none."""
    owners = np.full(size, -1, np.int16)
    order = sorted(range(len(row.masks)), key=lambda k: (row.masks[k].score, -row.masks[k].track))
    for index in order:  # the surest is painted last
        _paint(owners, row.masks[index].rle, index)
    return owners


def _paint(owners: NDArray[np.int16], mask: RLE, index: int) -> None:
    """Write ``index`` where the mask is."""
    box = rle.bbox(mask)
    if mask.size != owners.shape:
        raise ExportError(f"a mask of {mask.size} on pictures of {owners.shape}")
    if box is not None:
        x0, y0, x1, y1 = map(int, box)
        owners[y0:y1, x0:x1][rle.decode_crop(mask, (x0, y0, x1, y1))] = index


def _indices(
    row: FrameMasks, numbers: dict[int, int], size: tuple[int, ...], lost: dict[int, int]
) -> NDArray[np.uint8]:
    """Return the annotation of a frame, uint8 (H, W), and count the pixels that masks lose to others."""
    owners = _flat(row, (size[0], size[1]))
    table = np.array([numbers.get(mask.track, 0) for mask in row.masks] + [0], np.uint8)
    kept = np.bincount(owners[owners >= 0], minlength=len(row.masks))
    for index, mask in enumerate(row.masks):
        missing = rle.area(mask.rle) - int(kept[index])
        if missing:
            lost[mask.track] = lost.get(mask.track, 0) + missing
    return table[owners]


def _semantics(folder: Path, clips: dict[str, Any]) -> None:
    """Write the class of every ball as DAVIS 2017's semantics do."""
    named = {
        clip: {number: ball["label"] for number, ball in facts["objects"].items()}
        for clip, facts in clips.items()
    }
    (folder / "davis_semantics.json").write_text(json.dumps(named, indent=1) + "\n")
    labels = sorted({label for balls in named.values() for label in balls.values()})
    categories = {label: {"id": n, "super_category": "ball"} for n, label in enumerate(labels, 1)}
    (folder / "categories.json").write_text(json.dumps(categories, indent=1) + "\n")
