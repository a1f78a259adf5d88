"""YouTube-VIS: an index for each split with the masks of each ball through its clip. Knows no database.

Run lengths are plain lists of numbers, as in YouTube-VIS itself: TrackEval and the official API read nothing else. A
ball has an entry for every picture of its clip, null where it is not visible.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from engine import rle
from engine.types import Clip, Track
from exports.coco import box_of
from exports.files import Files
from exports.format import Pictures
from exports.indexes import (
    Clips,
    categories_of,
    fragment_of,
    info_of,
    licences_of,
    numbers_of,
    objects_of,
    write_index,
)
from exports.lists import by_split
from exports.masks import ClipMasks
from exports.notes import Notes


@dataclass(frozen=True, slots=True)
class YoutubeVis:
    """YouTube-VIS; see ``exports.format.Format``."""

    layout: str = "train"
    name: str = "youtube-vis"
    sparse: bool = False
    whole: bool = True

    def prepare(self, masks: ClipMasks, notes: Notes) -> ClipMasks:  # noqa: ARG002 - nothing is left out
        """Take the masks as they are: they may overlap."""
        return masks

    def refuse(self, masks: ClipMasks) -> str:
        """Refuse what no object can be learnt from or scored on."""
        return "" if masks.tracks else "no ball on any frame"

    def pictures(self, clip: Clip, *, step: int) -> Pictures:  # noqa: ARG002 - every frame is annotated
        """Say where the pictures go."""
        return Pictures(f"JPEGImages/{clip.id}/{{:05d}}.jpg", (clip.height, clip.width))

    def annotate(self, masks: ClipMasks, files: Files, notes: Notes) -> dict[str, Any]:  # noqa: ARG002 - the port's
        """Keep the masks for the index, ball by ball."""
        seen = [row.by_track() for row in masks.rows]
        columns = [[track.id, *_column(track, seen)] for track in masks.tracks]
        files.fragment(masks.clip.id, columns)
        return {"objects": objects_of(masks.tracks)}

    def finish(self, files: Files, clips: Clips, fragments: Callable[[str], Path]) -> None:
        """Write an index for each split; ids count through all of them."""
        ids, labels = count(1), {one["name"]: one["id"] for one in categories_of(clips)}
        for split, names in by_split(clips).items():
            chosen = {name: clips[name] for name in names}
            sections = {
                "info": info_of(f"{split} split"),
                "licenses": licences_of(clips),
                "categories": categories_of(clips),
                "videos": _videos(chosen, numbers_of(clips)),
                "annotations": _annotations(chosen, fragments, numbers_of(clips), labels, ids),
            }
            write_index(files, f"{split}.json", sections)


def _column(track: Track, seen: list[dict[int, Any]]) -> tuple[list[Any], list[Any], list[Any]]:
    """Return run lengths, areas and boxes of a ball on every frame, None where it is not visible."""
    masks = [row[track.id].rle if track.id in row else None for row in seen]
    return (
        [mask and rle.runs(mask) for mask in masks],
        [mask and rle.area(mask) for mask in masks],
        [mask and box_of(mask) for mask in masks],
    )


def _videos(clips: Clips, numbers: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield an entry for every clip."""
    for name, facts in clips.items():
        high, wide = facts["size"]
        above, below = facts["rate"]
        yield {
            "id": numbers[name],
            "width": wide,
            "height": high,
            "length": facts["frames"],
            "fps": round(above / below, 6),
            "file_names": [f"{name}/{frame:05d}.jpg" for frame in range(facts["frames"])],
        }


def _annotations(
    clips: Clips,
    fragments: Callable[[str], Path],
    numbers: Mapping[str, int],
    labels: Mapping[str, int],
    ids: Iterator[int],
) -> Iterator[dict[str, Any]]:
    """Yield an entry for every ball, one clip after the other."""
    for name, facts in clips.items():
        high, wide = facts["size"]
        for track, counts, areas, boxes in fragment_of(fragments(name)):
            yield {
                "id": next(ids),
                "video_id": numbers[name],
                "category_id": labels[facts["objects"][str(track)]["label"]],
                "track_id": track,
                "width": wide,
                "height": high,
                "length": facts["frames"],
                "iscrowd": 0,
                "segmentations": [one and {"size": [high, wide], "counts": one} for one in counts],
                "areas": areas,
                "bboxes": boxes,
            }
