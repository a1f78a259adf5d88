"""The guarantees of a YouTube-VIS dataset, checked on disk. Yields failures in words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from engine.datasets.places import Place, index_files
from engine.errors import InputError
from exports.checks.base import Check, folders
from exports.checks.files import check_facts, frame_numbers
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
from exports.checks.pictures import check_opened, one_size, size_of

GUARANTEES: Final = (
    "indexes are JSON with videos, annotations and categories, each entry with an id that is there once",
    "every id that an entry names is there",
    "a video has as many pictures as its length says; they are there, in order, of the size that is said, none is stray",
    "an object has a mask, an area and a box, or null, for every picture, and a mask somewhere",
    "run lengths are plain lists, which is what TrackEval and the official API read",
    "masks fill the pictures' size and are not empty; areas and boxes are those of their pixels",
    "clips of one recording are in one index",
    "engine.json, where it lies there, names the same clips and objects",
)
PICTURES: Final = "JPEGImages"
_COLUMNS: Final = ("segmentations", "areas", "bboxes")


def recognises(path: Path) -> bool:
    """Say whether YouTube-VIS lies there: pictures by clip, and an index beside their folder."""
    return (path / PICTURES).is_dir() and bool(_indexes(path))


def clips(path: Path) -> list[str]:
    """Return the names of the clips."""
    return folders(path / PICTURES)


def check_clip(path: Path, name: str, every: int) -> Iterator[str]:
    """Yield what is broken in the pictures of one clip."""
    folder = path / PICTURES / name
    numbers = frame_numbers(folder, ".jpg")
    if isinstance(numbers, str) or not numbers:
        yield numbers if isinstance(numbers, str) else f"{folder}: no frames"
        return
    size = one_size(folder, numbers)
    if isinstance(size, list):
        yield from size
        return
    yield from check_opened([folder / f"{number:05d}.jpg" for number in numbers], every=every)
    yield from check_facts(path, name, frames=len(numbers), size=list(size))


def check_whole(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what is broken in the indexes of the dataset at ``path``."""
    division = dict[Path, list[str]]()
    for index in _indexes(path):
        head = read_head(index, needed=("videos", "categories"))
        yield from head.problems
        yield from check_categories(head)
        yield from _check_videos(path, head)
        named = {video: _name(said) for video, said in head.videos.items()}
        objects = Objects()
        yield from _check_annotations(head, objects)
        yield from check_objects(path, head, objects, named)
        division[index] = list(named.values())
    if not division:
        yield f"{path}: no index of videos (train.json or another)"
    yield from check_division(path, division)
    listed = {name for inside in division.values() for name in inside}
    for name in sorted(set(names) - listed):
        yield f"{path / PICTURES / name}: in no index"


def _indexes(path: Path) -> list[Path]:
    """Return the indexes."""
    return [one for one in index_files(path) if one.parent == path]


def _name(said: dict[str, Any]) -> str:
    """Return the clip of a video: the folder of its pictures."""
    files = said.get("file_names")
    return str(files[0]).partition("/")[0] if isinstance(files, list) and files else ""


def _check_videos(path: Path, head: Head) -> Iterator[str]:
    """Check every video and that its pictures are there."""
    for number, said in head.videos.items():
        at = f"{head.index}: video {number}"
        files = said.get("file_names")
        if not isinstance(files, list) or not files or any(outside(file) for file in files):
            yield f"{at}: file_names is {str(files)[:60]}, expected pictures of the dataset"
            continue
        if said.get("length", len(files)) != len(files):
            yield f"{at}: length is {said['length']!r}, file_names are {len(files)}"
        if files != sorted(set(files)):
            yield f"{at}: file_names are not in order, each once"
        try:
            folder = Place(path, head.index, {}).folder_of(files)
        except InputError as error:
            yield f"{at}: {error}"
            continue
        yield from check_size(at, said, size_of(folder / files[0]))
        there = {f"{_name(said)}/{one.name}" for one in (folder / _name(said)).iterdir()}
        for name in sorted(there - set(files)):
            yield f"{at}: {folder / name} is a stray picture, not in file_names"


def _check_annotations(head: Head, objects: Objects) -> Iterator[str]:
    """Check every object, then what must hold among them."""
    tables = {"video_id": head.videos, "category_id": head.categories}
    for at, said in annotations(head):
        wrong = list(check_references(at, said, tables))
        yield from wrong
        if wrong:
            continue
        objects.ids.append(said["id"])
        yield from _check_columns(at, said, head.videos[said["video_id"]])
        track = said.get("track_id", said["id"])
        if not is_whole(track):
            yield f"{at}: track_id is {track!r}, expected a whole number"
        elif (said["video_id"], track) in objects.kinds:
            yield f"{at}: track {track} of video {said['video_id']} is there twice"
        else:
            yield from objects.put(at, said["video_id"], track, said["category_id"])
    yield from check_ids(head.index, objects.ids)


def _check_columns(at: str, said: dict[str, Any], video: dict[str, Any]) -> Iterator[str]:
    """Check the masks, areas and boxes of one object."""
    files = video.get("file_names")
    frames = len(files) if isinstance(files, list) else 0
    for key in _COLUMNS:
        if not isinstance(said.get(key), list) or len(said[key]) != frames:
            of = len(said[key]) if isinstance(said.get(key), list) else said.get(key)
            yield f"{at}: {key} holds {str(of)[:40]}, its video has {frames} pictures"
            return
    for key in ("height", "width", "length"):
        if key in said and said[key] != video.get(key):
            yield f"{at}: {key} is {said[key]!r}, that of its video {video.get(key)!r}"
    size = size_said(video)
    for frame, row in enumerate(zip(*(said[key] for key in _COLUMNS), strict=True)):
        yield from _check_row(f"{at}: frame {frame}", row, size)
    if all(mask is None for mask in said["segmentations"]):
        yield f"{at}: visible on no picture"


def _check_row(at: str, row: tuple[Any, ...], size: tuple[int, int] | None) -> Iterator[str]:
    """Check mask, area and box of one object on one picture."""
    mask, area, box = row
    if mask is None:
        if area is not None or box is not None:
            yield f"{at}: null with the area {area!r} and the box {box!r}"
    elif isinstance(mask, dict) and not isinstance(mask.get("counts"), list):
        yield f"{at}: packed run lengths, expected a list of numbers"
    elif size:
        yield from check_mask(at, mask, size, area, box)


CHECK = Check("youtube-vis", GUARANTEES, recognises, clips, check_clip, check_whole)
