"""The guarantees of a COCO dataset, of single pictures or of videos, checked on disk. Yields failures in words."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from engine.datasets.places import Place, index_files
from engine.errors import InputError
from exports.checks.base import Check, Remark
from exports.checks.index import (
    Head,
    Objects,
    annotations,
    check_categories,
    check_division,
    check_ids,
    check_mask,
    check_objects,
    check_references,
    check_size,
    is_whole,
    outside,
    read_head,
    size_said,
)
from exports.checks.pictures import size_of
from exports.checks.stills import check_stills, clip_and_number, clips_of, names_below

GUARANTEES: Final = (
    "indexes are JSON with images, annotations and categories, each entry with an id that is there once",
    "every id that an entry names is there",
    "masks fill the pictures' size and are not empty; area and bbox are those of their pixels",
    "no object has two masks on a picture, or two categories",
    "the frames of a video are 0, 1, 2, ... and their pictures' numbers go up",
    "every picture is there, opens, and has the size that is said; none is stray",
    "clips of one recording are in one index",
    "engine.json, where it lies there, names the same clips and objects",
)
_IMAGES: Final = "images"


def recognises(path: Path) -> bool:
    """Say whether COCO lies there: indexes in ``annotations`` that speak of images."""
    return bool(_indexes(path))


def clips(path: Path) -> list[str]:
    """Return the names of the clips, as their pictures are called."""
    return clips_of(_pictures(path))


def check_clip(path: Path, name: str, every: int) -> Iterator[str]:
    """Yield what is broken in the pictures of one clip."""
    yield from check_stills(path, _pictures(path), name, every=every)


def check_whole(path: Path, names: list[str]) -> Iterator[str]:  # noqa: ARG001 - the pictures' names are checked by the index
    """Yield what is broken in the indexes of the dataset at ``path``."""
    division, shown = dict[Path, list[str]](), set[Path]()
    indexes = _indexes(path)
    if not indexes:
        yield f"{path / 'annotations'}: no index of COCO (instances_train.json or another)"
    for index in indexes:
        head = read_head(index, needed=("images", "categories"))
        yield from head.problems
        yield from check_categories(head)
        yield from _check_images(path, head, shown)
        found = _Found()
        yield from _check_annotations(head, found)
        named = {video: str(said.get("name", video)) for video, said in head.videos.items()}
        yield from check_objects(path, head, found.objects, named)
        division[index] = list(named.values()) or _named(head)
    yield from check_division(path, division)
    for name in names_below(_pictures(path)) if indexes else ():
        if (picture := _pictures(path) / name) not in shown:
            yield f"{picture}: a stray picture, in no index"


@dataclass(slots=True)
class _Found:
    """What the annotations of an index are of: numbers of each, in columns."""

    objects: Objects = field(default_factory=Objects)
    images: "array[int]" = field(default_factory=lambda: array("q"))
    tracks: "array[int]" = field(default_factory=lambda: array("q"))


def _indexes(path: Path) -> list[Path]:
    """Return the indexes: by COCO's names, also where no ball is in one, else by what files speak of."""
    named = sorted((path / "annotations").glob("instances_*.json"))
    return named or [one for one in index_files(path) if one.parent.name == "annotations"]


def _pictures(path: Path) -> Path:
    """Return the folder below which the pictures lie."""
    return path / _IMAGES if (path / _IMAGES).is_dir() else path


def _named(head: Head) -> list[str]:
    """Return the clips of an index without videos, as its pictures are called."""
    files = (str(said.get("file_name")) for said in head.images.values())
    return sorted({clip_and_number(file)[0] for file in files})


def _check_images(path: Path, head: Head, shown: set[Path]) -> Iterator[str]:
    """Check the entries of pictures and the order of frames; remember in ``shown`` which files they are."""
    files = [said.get("file_name") for said in head.images.values()]
    if odd := [file for file in files if outside(file)]:
        yield f"{head.index}: file_name {odd[0]!r} is no picture of the dataset"
        return
    if not files:
        return  # told by the head, or an index of nothing
    try:
        folder = Place(path, head.index, {}).folder_of([str(file) for file in files[:1]])
    except InputError as error:
        yield str(error)
        return
    for number, said in head.images.items():
        picture = folder / said["file_name"]
        if picture in shown:
            yield f"{head.index}: image {number}: {picture} is that of another image too"
        shown.add(picture)
        if not picture.is_file():
            yield f"{head.index}: image {number}: {picture} is missing"
            continue
        yield from check_size(f"{head.index}: image {number}", said, size_of(picture))
        if head.videos:
            yield from check_references(
                f"{head.index}: image {number}", said, {"video_id": head.videos}
            )
    yield from _check_frames(head)


def _check_frames(head: Head) -> Iterator[str]:
    """Check that each video has the frames 0, 1, 2, ... in the order of its pictures."""
    frames: dict[Any, list[tuple[Any, int]]] = {video: [] for video in head.videos}
    for said in head.images.values():
        if is_whole(video := said.get("video_id")) and video in frames:
            number = clip_and_number(str(said["file_name"]))[1]
            frames[video].append((said.get("frame_id"), number))
    for video, pairs in frames.items():
        at = f"{head.index}: video {video}"
        numbers = [frame for frame, _ in pairs]
        if not all(is_whole(frame) for frame in numbers):
            yield f"{at}: an image has no frame_id"
        elif sorted(numbers) != list(range(len(numbers))):
            yield f"{at}: frames {str(sorted(numbers))[:60]}, expected 0 to {len(numbers) - 1}"
        elif any(two[1] <= one[1] for one, two in pairwise(sorted(pairs))):
            yield f"{at}: the numbers in the names of its pictures do not go up with frame_id"
        length = head.videos[video].get("length", len(numbers))
        if length != len(numbers):
            yield f"{at}: length is {length!r}, it has {len(numbers)} images"


def _check_annotations(head: Head, found: _Found) -> Iterator[str]:
    """Check every annotation, then what must hold among them."""
    tables = {"image_id": head.images, "category_id": head.categories}
    for at, said in annotations(head):
        wrong = list(check_references(at, said, tables))
        yield from wrong
        if wrong:
            continue
        found.objects.ids.append(said["id"])
        image = head.images[said["image_id"]]
        yield from _check_same(at, said, image)
        if size := size_said(image):
            mask, area, box = (said.get(key) for key in ("segmentation", "area", "bbox"))
            yield from check_mask(at, mask, size, area, box)
        yield from _check_track(at, said, image, found)
    yield from check_ids(head.index, found.objects.ids)
    yield from _check_twice(head, found)
    empty = len(head.images) - len(set(found.images)) if found.images else 0
    if empty:
        yield Remark(f"{head.index}: {empty} of {len(head.images)} images have no annotation")


def _check_same(at: str, said: dict[str, Any], image: dict[str, Any]) -> Iterator[str]:
    """Compare what an annotation repeats of its image."""
    for key in ("video_id", "frame_id"):
        if key in said and said[key] != image.get(key):
            yield f"{at}: {key} is {said[key]!r}, that of its image {image.get(key)!r}"
    if said.get("iscrowd", 0) not in (0, 1):
        yield f"{at}: iscrowd is {said['iscrowd']!r}, expected 0 or 1"


def _check_track(
    at: str, said: dict[str, Any], image: dict[str, Any], found: _Found
) -> Iterator[str]:
    """Check whose mask it is, where that is said."""
    track = said.get("track_id", said.get("instance_id"))
    if track is None:
        return
    if not is_whole(track):
        yield f"{at}: track_id is {track!r}, expected a whole number"
        return
    found.images.append(said["image_id"])
    found.tracks.append(track)
    video = image.get("video_id")
    if is_whole(video):
        yield from found.objects.put(at, int(str(video)), track, said["category_id"])


def _check_twice(head: Head, found: _Found) -> Iterator[str]:
    """Check that no object has two masks on one picture."""
    pairs = np.stack([np.frombuffer(found.images, np.int64), np.frombuffer(found.tracks, np.int64)])
    distinct, count = np.unique(pairs, axis=1, return_counts=True)
    for image, track in distinct[:, count > 1].T:
        yield f"{head.index}: image {image} has two masks of track {track}"


CHECK = Check("coco", GUARANTEES, recognises, clips, check_clip, check_whole)
