"""COCO: an index for each split with the masks of every picture as run lengths. Knows no database.

The layout "frame" has all pictures of a split in one folder, as COCO has; "video" (CocoVID) has a folder for each clip
and tells balls apart by ``instance_id``. ``track_id`` is in both the number of the ball in its own clip.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, count
from pathlib import Path
from typing import Any, Final

from engine import rle
from engine.types import RLE, Clip
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

NAMES: Final[Mapping[str, str]] = {
    "frame": "{clip}_{frame:05d}.jpg",
    "video": "{clip}/{frame:05d}.jpg",
}
"""The name of a picture below the folder of its split, by layout."""


@dataclass(frozen=True, slots=True)
class Coco:
    """COCO; see ``exports.format.Format``. A picture without a ball is an example of none: no clip is refused."""

    layout: str = "frame"
    name: str = "coco"
    sparse: bool = False
    whole: bool = True

    def prepare(self, masks: ClipMasks, notes: Notes) -> ClipMasks:  # noqa: ARG002 - nothing is left out
        """Take the masks as they are: they may overlap."""
        return masks

    def refuse(self, masks: ClipMasks) -> str:  # noqa: ARG002 - the port's
        """Refuse no clip."""
        return ""

    def pictures(self, clip: Clip, *, step: int) -> Pictures:  # noqa: ARG002 - every frame is annotated
        """Say where the pictures go."""
        pattern = NAMES[self.layout].replace("{clip}", clip.id).replace("{frame:", "{:")
        return Pictures(f"images/{clip.split}/{pattern}", (clip.height, clip.width))

    def annotate(self, masks: ClipMasks, files: Files, notes: Notes) -> dict[str, Any]:  # noqa: ARG002 - the port's
        """Keep the masks for the index, their run lengths as they are stored."""
        files.fragment(masks.clip.id, list(_rows(masks)))
        return {"objects": objects_of(masks.tracks)}

    def finish(self, files: Files, clips: Clips, fragments: Callable[[str], Path]) -> None:
        """Write an index for each split; ids count through all of them."""
        numbers, labels = (
            _Numbers.of(clips),
            {one["name"]: one["id"] for one in categories_of(clips)},
        )
        licences = {one["name"]: one["id"] for one in licences_of(clips)}
        ids = count(1)
        for split, names in by_split(clips).items():
            chosen = {name: clips[name] for name in names}
            sections = {
                "info": info_of(f"{split} split"),
                "licenses": licences_of(clips),
                "categories": categories_of(clips),
                "videos": _videos(chosen, numbers),
                "images": self._images(chosen, numbers, licences),
                "annotations": self._annotations(chosen, fragments, numbers, labels, ids),
            }
            write_index(files, f"annotations/instances_{split}.json", sections)

    def _images(
        self, clips: Clips, numbers: "_Numbers", licences: Mapping[str, int]
    ) -> Iterator[dict[str, Any]]:
        """Yield an entry for every picture."""
        for name, facts in clips.items():
            high, wide = facts["size"]
            licence = licences.get(str(facts.get("licence", "")))
            for frame in range(facts["frames"]):
                yield {
                    "id": numbers.images[name] + frame,
                    "file_name": NAMES[self.layout].format(clip=name, frame=frame),
                    "width": wide,
                    "height": high,
                    "video_id": numbers.videos[name],
                    "frame_id": frame,
                    **({"license": licence} if licence else {}),
                }

    def _annotations(
        self,
        clips: Clips,
        fragments: Callable[[str], Path],
        numbers: "_Numbers",
        labels: Mapping[str, int],
        ids: Iterator[int],
    ) -> Iterator[dict[str, Any]]:
        """Yield an entry for every mask, one clip after the other."""
        for name, facts in clips.items():
            kinds = {track: labels[of["label"]] for track, of in facts["objects"].items()}
            instances = {
                track: n for n, track in enumerate(facts["objects"], numbers.instances[name])
            }
            for frame, track, counts, area, box in fragment_of(fragments(name)):
                instance = {"instance_id": instances[str(track)]} if self.layout == "video" else {}
                yield {
                    "id": next(ids),
                    "image_id": numbers.images[name] + frame,
                    "video_id": numbers.videos[name],
                    "frame_id": frame,
                    "category_id": kinds[str(track)],
                    "track_id": track,
                    **instance,
                    "segmentation": {"size": facts["size"], "counts": counts},
                    "area": area,
                    "bbox": box,
                    "iscrowd": 0,
                }


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbers by clip: its own, that of its first picture and that of its first object, all from 1."""

    videos: Mapping[str, int]
    images: Mapping[str, int]
    instances: Mapping[str, int]

    @classmethod
    def of(cls, clips: Clips) -> "_Numbers":
        """Count pictures and objects through all clips."""
        frames = accumulate((facts["frames"] for facts in clips.values()), initial=1)
        objects = accumulate((len(facts["objects"]) for facts in clips.values()), initial=1)
        return cls(
            numbers_of(clips),
            dict(zip(clips, frames, strict=False)),
            dict(zip(clips, objects, strict=False)),
        )


def _rows(masks: ClipMasks) -> Iterator[list[Any]]:
    """Yield frame, track, run lengths, area and box [x, y, width, height] in pixels of every mask."""
    for row in masks.rows:
        for mask in row.masks:
            yield [
                row.frame,
                mask.track,
                mask.rle.counts.decode("ascii"),
                rle.area(mask.rle),
                box_of(mask.rle),
            ]


def box_of(mask: RLE) -> list[int]:
    """Return the box of a mask as [x, y, width, height] in whole pixels; [0, 0, 0, 0] for an empty one."""
    x0, y0, x1, y1 = map(int, rle.bbox(mask) or (0, 0, 0, 0))
    return [x0, y0, x1 - x0, y1 - y0]


def _videos(clips: Clips, numbers: _Numbers) -> Iterator[dict[str, Any]]:
    """Yield an entry for every clip."""
    for name, facts in clips.items():
        above, below = facts["rate"]
        yield {
            "id": numbers.videos[name],
            "name": name,
            "width": facts["size"][1],
            "height": facts["size"][0],
            "fps": round(above / below, 6),
            "length": facts["frames"],
        }
