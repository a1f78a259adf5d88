"""SA-V: one mp4, files of masklets and a folder of frames for each clip. Knows no database.

Fields and types follow the example file of facebookresearch/sam2 (``sav_dataset``), which its training code
(``JSONRawDataset``) reads. Masks are taken from their stored run lengths as they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import rle
from engine.types import Clip, FrameMasks, Track
from exports import sav_fields
from exports.files import Files
from exports.format import Pictures
from exports.lists import by_split, write_lists
from exports.masks import ClipMasks
from exports.notes import Notes
from exports.training import Source, unsampled, write_engine, write_sam2


@dataclass(slots=True)
class _Table:
    """Masklets of one clip: a column of run lengths, areas and stabilities for each track."""

    counts: dict[int, list[str]] = field(default_factory=dict)
    areas: dict[int, list[int]] = field(default_factory=dict)
    stability: dict[int, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sav:
    """SA-V; see ``exports.format.Format``. With ``trust_auto`` masklets that nobody has looked at count as manual."""

    layout: str = "train"
    trust_auto: bool = False
    name: str = "sav"
    sparse: bool = True
    whole: bool = False

    def prepare(self, masks: ClipMasks, notes: Notes) -> ClipMasks:  # noqa: ARG002 - nothing is left out
        """Take the masks as they are: masklets may overlap."""
        return masks

    def refuse(self, masks: ClipMasks) -> str:
        """Refuse what a trainer cannot use at all, and what its mp4 cannot hold."""
        if masks.clip.width % 2 or masks.clip.height % 2:
            shown = f"{masks.clip.width}x{masks.clip.height}"
            return f"pictures of {shown}, an mp4 in H.264 holds even sizes only"
        return unsampled(masks) if masks.tracks else "no ball on any frame"

    def pictures(self, clip: Clip, *, step: int) -> Pictures:
        """Every frame in the mp4, the annotated ones as JPEG under their own numbers."""
        return Pictures(
            f"JPEGImages/{clip.id}/" + "{:05d}.jpg",
            (clip.height, clip.width),
            every=step,
            video=f"{clip.id}.mp4",
        )

    def annotate(self, masks: ClipMasks, files: Files, notes: Notes) -> dict[str, Any]:  # noqa: ARG002 - the port's
        """Write the masklets of people, and those of the model, each in a file of their own."""
        manual = [track for track in masks.tracks if self._manual(masks, track)]
        labels = {}
        if manual:
            labels["manual"] = _write(masks, files, "manual", manual, masks.rows)
        if masks.auto_tracks:
            labels["auto"] = _write(masks, files, "auto", masks.auto_tracks, masks.auto)
        elif len(manual) < len(masks.tracks):
            labels["auto"] = _write(masks, files, "auto", masks.tracks, masks.rows)
        return {
            "ann_every": masks.step,
            "masklets": labels.get("manual", {}),
            "auto_masklets": labels.get("auto", {}),
            "sampled": not unsampled(masks, only={track.id for track in manual}),
        }

    def finish(
        self,
        files: Files,
        clips: Mapping[str, Mapping[str, Any]],
        fragments: Callable[[str], Path],  # noqa: ARG002 - there are none
    ) -> None:
        """Write the lists; clips without a masklet that a person vouches for are in one of their own."""
        trained = {name: facts for name, facts in clips.items() if facts["masklets"]}
        write_lists(files, "", trained)
        if rest := [name for name in clips if name not in trained]:
            files.write("auto.txt", "".join(f"{name}\n" for name in rest).encode())
        if taught := {name: trained[name] for name in by_split(trained).get("train", [])}:
            write_sam2(files, taught, "train.txt", _source)
            write_engine(files)

    def _manual(self, masks: ClipMasks, track: Track) -> bool:
        """Say whether a person vouches for a masklet."""
        return masks.reviewed or self.trust_auto or masks.edited.get(track.id, 0) > 0


def _source(facts: Mapping[str, Any]) -> Source:
    """Return how SAM 2's trainer reads a clip: pictures of annotated frames alone, so none of them is passed over."""
    settings = (("ann_every", int(facts["ann_every"])), ("sample_rate", 1))
    return Source("JSONRawDataset", "JPEGImages", "", settings)


def _write(
    masks: ClipMasks,
    files: Files,
    kind: str,
    tracks: Sequence[Track],
    rows: Sequence[FrameMasks],
) -> dict[str, Any]:
    """Write one file of masklets; return which is which ball."""
    table = _collect(rows, tracks, masks.clip)
    content = _annotation(masks, table, kind=kind)
    files.json(f"{masks.clip.id}_{kind}.json", content)
    return {str(n): {"track": track.id, "label": track.label} for n, track in enumerate(tracks)}


def _collect(rows: Iterable[FrameMasks], tracks: Sequence[Track], clip: Clip) -> _Table:
    """Read the table by column; where a track is not visible stands an all-zero mask, never null."""
    numbers = [track.id for track in tracks]
    table = _Table({t: [] for t in numbers}, {t: [] for t in numbers}, {t: [] for t in numbers})
    nothing = rle.empty((clip.height, clip.width)).counts.decode()
    for row in rows:
        seen = row.by_track()
        for track in numbers:
            mask = seen.get(track)
            table.counts[track].append(mask.rle.counts.decode() if mask else nothing)
            table.areas[track].append(rle.area(mask.rle) if mask else 0)
            table.stability[track].append(round(mask.stability, 6) if mask else 0.0)
    return table


def _annotation(masks: ClipMasks, table: _Table, *, kind: str) -> dict[str, Any]:
    """Return one annotation file; "manual" and "auto" differ in types as in the official example."""
    clip, tracks, manual = masks.clip, list(table.counts), kind == "manual"
    size, rows = [clip.height, clip.width], range(len(masks.rows))
    areas = [table.areas[track] for track in tracks]
    sizes = [sav_fields.mean_area(column) for column in areas]
    first = [sav_fields.first_appearance(column) for column in areas]
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
        "masklet_frame_count": [len(rows)] * len(tracks),
        "masklet_edited_frame_count": [masks.edited.get(t, 0) if manual else 0 for t in tracks],
        "masklet_type": [kind] * len(tracks),
        "masklet_stability_score": [None] * len(tracks)
        if manual
        else [[table.stability[t][k] for t in tracks] for k in rows],
        "masklet_num": len(tracks),
    }
