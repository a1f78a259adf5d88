"""SA-V: one mp4, two files of masklets and a folder of frames for each clip. Knows no database.

Dense: every frame is annotated, at the clip's own rate (``ann_every`` 1). Fields and types follow the example file
of facebookresearch/sam2 (``sav_dataset``), which its training code (``JSONRawDataset``) reads.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import rle
from engine.errors import ExportError, VerificationError
from engine.media import VideoWriter
from engine.media.still import write_jpeg
from engine.ports import ExportItem, ExportReport
from engine.types import Clip, FrameMasks
from exports import sav_fields
from exports.base import (
    Notes,
    Progress,
    cleaned,
    each,
    staged,
    told_specks,
    write_json,
    write_lists,
    write_marker,
)
from exports.sav_training import TRAINING
from exports.verify import verify

FEWEST_FRAMES = 8  # what SAM 2's trainer samples at once; shorter clips are silently replaced there


@dataclass(slots=True)
class _Table:
    """The masklets of one clip: a column of run lengths, areas and stabilities for each track."""

    counts: dict[int, list[str]] = field(default_factory=dict)
    areas: dict[int, list[int]] = field(default_factory=dict)
    stability: dict[int, list[float]] = field(default_factory=dict)


class SavExporter:
    """Writes SA-V; see ``engine.ports.Exporter``. Masks under ``min_area`` pixels count as not visible."""

    def __init__(self, *, min_area: int = 20) -> None:
        """Take the settings."""
        self.min_area = min_area

    def __call__(
        self, items: Sequence[ExportItem], out: Path, *, progress: Progress
    ) -> ExportReport:
        """Write, verify, put in place."""
        notes = Notes()
        fitting = [item for item in items if self._fits(item, notes)]
        if not fitting:
            raise ExportError("; ".join(notes.lines) or "no clip to export; choose at least one")
        with staged(out) as folder:
            clips = each(
                fitting,
                lambda item: self._clip(item, folder, notes, progress),
                lambda name: _remove(folder, name),
                notes,
            )
            fitting = [item for item in fitting if item.clip.id in clips]
            write_lists(folder, fitting)
            (folder / "sam2_train.yaml").write_text(TRAINING)
            write_marker(folder, format_name="sav", clips=clips, notes=notes)
            if failures := verify(folder).failures:
                raise VerificationError(
                    f"{out}: {len(failures)} guarantees broken, first: {failures[0]}"
                )
        return ExportReport(
            out, len(fitting), sum(i.clip.frames for i in fitting), tuple(notes.lines)
        )

    def _fits(self, item: ExportItem, notes: Notes) -> bool:
        """Say whether a trainer can use the clip at all."""
        reason = ""
        if item.clip.frames < FEWEST_FRAMES:
            reason = f"{item.clip.frames} frames, SAM 2 samples {FEWEST_FRAMES}"
        elif not any(row.masks for row in cleaned(item, min_area=self.min_area, dropped={})):
            reason = f"no ball of {self.min_area} pixels on any frame"
        if reason:
            notes.add(f"{item.clip.id}: {reason}: left out")
        return not reason

    def _clip(
        self, item: ExportItem, folder: Path, notes: Notes, progress: Progress
    ) -> dict[str, Any]:
        """Write one clip and return what our side file says of it."""
        clip = item.clip
        _pictures(item, folder, progress)
        dropped: dict[int, int] = {}
        rows = cleaned(item, min_area=self.min_area, dropped=dropped)
        table = _collect(rows, [track.id for track in item.revision.tracks], clip)
        told_specks(clip.id, dropped, self.min_area, notes)
        for track in [track for track, areas in table.areas.items() if not any(areas)]:
            notes.add(f"{clip.id}: track {track} is visible nowhere: left out")
            del table.counts[track], table.areas[track], table.stability[track]
        for kind in ("manual", "auto"):
            write_json(folder / f"{clip.id}_{kind}.json", _annotation(item, table, kind))
        labels = {track.id: track.label for track in item.revision.tracks}
        tracks = {str(n): {"track": t, "label": labels[t]} for n, t in enumerate(table.counts)}
        return {
            "revision": item.revision.id,
            "recording": clip.video,
            "rate": [clip.rate.numerator, clip.rate.denominator],
            "ann_every": 1,
            "masklets": tracks,
            "provenance": dict(item.revision.provenance),
        }


def _remove(folder: Path, name: str) -> None:
    """Take away what was written of a clip that failed."""
    shutil.rmtree(folder / "JPEGImages" / name, ignore_errors=True)
    for path in (f"{name}.mp4", f"{name}_manual.json", f"{name}_auto.json"):
        (folder / path).unlink(missing_ok=True)


def _pictures(item: ExportItem, folder: Path, progress: Progress) -> None:
    """Write each frame to the mp4 and as JPEG."""
    clip = item.clip
    frames = folder / "JPEGImages" / clip.id
    frames.mkdir(parents=True)
    video = folder / f"{clip.id}.mp4"
    with VideoWriter(video, width=clip.width, height=clip.height, rate=clip.rate) as writer:
        for batch in item.pictures():
            for offset, rgb in enumerate(batch.rgb):
                number = batch.first + offset
                writer.write(rgb)
                write_jpeg(frames / f"{number:05d}.jpg", rgb)
                progress(clip.id, number + 1, clip.frames)


def _collect(rows: Iterable[FrameMasks], tracks: Sequence[int], clip: Clip) -> _Table:
    """Read the table by column; where a track is not visible stands an all-zero mask, never null."""
    table = _Table({t: [] for t in tracks}, {t: [] for t in tracks}, {t: [] for t in tracks})
    nothing = rle.empty((clip.height, clip.width))
    for row in rows:
        seen = row.by_track()
        for track in tracks:
            mask = seen.get(track)
            shown = mask.rle if mask else nothing
            if shown.size != nothing.size:
                raise ExportError(
                    f"{clip.id}: track {track} has a mask of {shown.size} on pictures of {nothing.size}"
                )
            table.counts[track].append(shown.counts.decode())
            table.areas[track].append(rle.area(shown))
            table.stability[track].append(round(mask.stability, 6) if mask else 0.0)
    return table


def _annotation(item: ExportItem, table: _Table, kind: str) -> dict[str, Any]:
    """Return the content of one JSON file, its keys in the order of the example."""
    clip, tracks = item.clip, list(table.counts)
    manual = kind == "manual"
    areas = [table.areas[track] for track in tracks]
    sizes = [sav_fields.mean_area(column) for column in areas]
    first = [sav_fields.first_appearance(column) for column in areas]
    size = [clip.height, clip.width]
    rows = range(clip.frames)
    return {
        "video_id": clip.id,
        "video_duration": clip.seconds,
        "video_frame_count": float(clip.frames),
        "video_height": float(clip.height),
        "video_width": float(clip.width),
        "video_resolution": float(clip.height * clip.width),
        "video_environment": "Indoor",
        "video_split": clip.split,
        "masklet": [[{"size": size, "counts": table.counts[t][k]} for t in tracks] for k in rows],
        "masklet_id": list(range(len(tracks))),
        "masklet_size_rel": [value / (clip.height * clip.width) for value in sizes],
        "masklet_size_abs": sizes,
        "masklet_size_bucket": [sav_fields.bucket(value) for value in sizes],
        "masklet_visibility_changes": [sav_fields.visibility_changes(column) for column in areas],
        "masklet_first_appeared_frame": [float(f) for f in first] if manual else first,
        "masklet_frame_count": [clip.frames] * len(tracks),
        "masklet_edited_frame_count": [item.edited.get(t, 0) if manual else 0 for t in tracks],
        "masklet_type": [kind] * len(tracks),
        "masklet_stability_score": [None] * len(tracks)
        if manual
        else [[table.stability[t][k] for t in tracks] for k in rows],
        "masklet_num": len(tracks),
    }
