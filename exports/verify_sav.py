"""The guarantees of an SA-V dataset, checked on disk. Yields failures in words."""

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from engine import rle
from engine.errors import InputError
from exports import sav_fields
from exports.verify_base import NO_TEXT, Check
from exports.verify_files import (
    check_lists,
    check_names,
    check_splits,
    frame_numbers,
    picture_size,
)
from exports.verify_video import check_video

_Shape: TypeAlias = tuple[int, int, int]
GUARANTEES = (
    "names survive the loaders' list files",
    "every clip is in one list and every list line is a clip",
    "clips of one recording are in one list",
    "frames are 00000.jpg, 00001.jpg, ..., none missing",
    "video, pictures and annotation agree on size and number of frames",
    "the video has a constant rate, and its frame k shows what picture k shows",
    "the annotation has the keys of SA-V and no fps",
    "masklets are rectangular, never null, in order of columns, and fill the picture",
    "there is a masklet, and every one is visible somewhere",
    "types, edited frames and stability scores are there for every masklet",
    "derived fields are what their definitions give",
    "at least 8 frames",
)
KEYS = {
    "video_id", "video_duration", "video_frame_count", "video_height", "video_width", "video_resolution",
    "video_environment", "video_split", "masklet", "masklet_id", "masklet_size_rel", "masklet_size_abs",
    "masklet_size_bucket", "masklet_visibility_changes", "masklet_first_appeared_frame", "masklet_frame_count",
    "masklet_edited_frame_count", "masklet_type", "masklet_stability_score", "masklet_num",
}  # fmt: skip
TEXTS = ("video_id", "video_environment", "video_split")
NUMBERS = (
    "video_duration",
    "video_frame_count",
    "video_height",
    "video_width",
    "video_resolution",
    "masklet_num",
)


def recognises(path: Path) -> bool:
    """Say whether SA-V lies there: masklets of a clip in JSON beside its video."""
    return bool(clips(path))


def clips(path: Path) -> list[str]:
    """Return the names of the clips, those with any file of masklets."""
    kinds = ("manual", "auto")
    return sorted(
        {
            f.name.removesuffix(f"_{kind}.json")
            for kind in kinds
            for f in path.glob(f"*_{kind}.json")
        }
    )


def check_whole(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what is broken in the lists of the dataset at ``path``."""
    yield from check_names(names)
    yield from check_lists(path, names)
    yield from check_splits(path, path)


def check_clip(path: Path, name: str) -> Iterator[str]:
    """Yield what is broken in the files of one clip."""
    frames = yield from _check_pictures(path, name)
    if frames is not None:
        for kind in ("manual", "auto"):
            yield from _check_file(path / f"{name}_{kind}.json", kind, frames)


def _check_pictures(path: Path, name: str) -> Generator[str, None, _Shape | None]:
    """Check frames and video; the generator returns (frames, height, width), or None when it is hopeless."""
    folder = path / "JPEGImages" / name
    numbers = frame_numbers(folder, ".jpg")
    if isinstance(numbers, str) or not numbers:
        yield numbers if isinstance(numbers, str) else f"{folder}: no frames"
        return None
    sizes = {picture_size(folder / f"{number:05d}.jpg") for number in numbers}
    for size in sizes:
        if isinstance(size, str):
            yield size
    if len(sizes) != 1 or isinstance(size := next(iter(sizes)), str):
        yield f"{folder}: pictures of {sizes} in one clip"
        return None
    yield from check_video(path / f"{name}.mp4", folder, frames=len(numbers), size=size)
    if len(numbers) < 8:
        yield f"{folder}: {len(numbers)} frames, SA-V's loader samples 8"
    return len(numbers), *size


def _check_file(path: Path, kind: str, frames: _Shape) -> Iterator[str]:
    """Check one annotation file."""
    try:
        content = json.loads(path.read_text())
    except NO_TEXT as error:
        yield f"{path}: not readable as JSON ({error})"
        return
    if not isinstance(content, dict) or set(content) != KEYS:
        odd = sorted(set(content) ^ KEYS) if isinstance(content, dict) else type(content)
        yield f"{path}: keys that are missing or too many: {odd}"
        return
    if mistyped := _mistyped(content):
        yield f"{path}: {mistyped}"
        return
    yield from _check_head(path, content, kind, frames)
    table = _areas(content["masklet"], frames)
    if isinstance(table, str):
        yield f"{path}: {table}"
    else:
        yield from _check_derived(path, content, table, frames)
        yield from _check_kind(path, content, kind, (frames[0], len(table)))


def _mistyped(content: dict[str, Any]) -> str:
    """Return which value is not of its kind, "" where all are."""
    for key, value in content.items():
        if key in TEXTS:
            expected, fits = "text", isinstance(value, str)
        elif key in NUMBERS:
            expected, fits = "a number", _number(value)
        else:
            expected, fits = "a list", isinstance(value, list)
        if not fits:
            return f"{key} is {str(value)[:60]!r}, expected {expected}"
    return ""


def _number(value: Any) -> bool:
    """Say whether a value of JSON is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_head(path: Path, content: dict[str, Any], kind: str, frames: _Shape) -> Iterator[str]:
    """Check what is said of the whole video."""
    count, height, width = frames
    said = {
        "video_id": path.name.removesuffix(f"_{kind}.json"),
        "video_frame_count": count,
        "video_height": height,
        "video_width": width,
        "video_resolution": height * width,
    }
    for key, expected in said.items():
        if content[key] != expected:
            yield f"{path}: {key} is {content[key]!r}, the files say {expected!r}"
    if not content["video_duration"] > 0:  # not a number is not above 0 either
        yield f"{path}: video_duration is {content['video_duration']!r}"


def _areas(rows: list[Any], frames: _Shape) -> list[list[int]] | str:
    """Return the areas by masklet, or what is wrong with the table."""
    count, height, width = frames
    if len(rows) != count:
        return f"masklet has {len(rows)} rows for {count} frames"
    columns: list[list[int]] = [[] for _ in (rows[0] if isinstance(rows[0], list) else ())]
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(columns):
            return f"masklet row {number} has another number of objects than row 0"
        for column, entry in zip(columns, row, strict=True):
            try:
                mask = rle.from_coco(entry)
            except InputError as error:
                return f"masklet row {number}: {error}"
            if mask.size != (height, width):
                return f"masklet row {number}: size {mask.size}, the pictures are {(height, width)}"
            column.append(rle.area(mask))
    return columns


def _check_derived(
    path: Path, content: dict[str, Any], areas: list[list[int]], frames: _Shape
) -> Iterator[str]:
    """Compute the derived fields again."""
    count, height, width = frames
    sizes = [sav_fields.mean_area(column) for column in areas]
    expected: dict[str, Any] = {
        "masklet_num": len(areas),
        "masklet_id": list(range(len(areas))),
        "masklet_frame_count": [count] * len(areas),
        "masklet_size_abs": sizes,
        "masklet_size_rel": [size / (height * width) for size in sizes],
        "masklet_size_bucket": [sav_fields.bucket(size) for size in sizes],
        "masklet_visibility_changes": [sav_fields.visibility_changes(column) for column in areas],
        "masklet_first_appeared_frame": [sav_fields.first_appearance(column) for column in areas],
    }
    for key, value in expected.items():
        if content[key] != value:
            yield f"{path}: {key} is {str(content[key])[:60]}, its masks give {str(value)[:60]}"
    if not areas:
        yield f"{path}: no masklet at all, which the loader cannot sample from"
    for number, column in enumerate(areas):
        if not any(column):
            yield f"{path}: masklet {number} is visible nowhere"


def _check_kind(
    path: Path, content: dict[str, Any], kind: str, shape: tuple[int, int]
) -> Iterator[str]:
    """Check the fields that differ between the two files; ``shape`` is (frames, masklets)."""
    frames, count = shape
    if content["masklet_type"] != [kind] * count:
        yield f"{path}: masklet_type is {content['masklet_type']}, expected {count} times {kind!r}"
    edited = content["masklet_edited_frame_count"]
    if len(edited) != count or not all(_number(n) and 0 <= n <= frames for n in edited):
        yield f"{path}: masklet_edited_frame_count is {edited}, expected {count} numbers up to {frames}"
    scores = content["masklet_stability_score"]
    if kind == "manual" and scores != [None] * count:
        yield f"{path}: masklet_stability_score is {str(scores)[:60]}, expected {count} times null"
    if kind == "auto" and not (
        [len(row) if isinstance(row, list) else -1 for row in scores] == [count] * frames
        and all(_number(score) and 0 <= score <= 1 for row in scores for score in row)
    ):
        yield f"{path}: masklet_stability_score: expected {frames} rows of {count} numbers 0..1"


CHECK = Check("sav", GUARANTEES, recognises, clips, check_clip, check_whole)
