"""The guarantees of a DAVIS 2017 dataset, checked on disk. Yields failures in words."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from engine.media.still import UNREADABLE
from exports.palette import voc_palette
from exports.verify_base import Check, folders
from exports.verify_files import (
    check_lists,
    check_names,
    check_splits,
    frame_numbers,
    picture_size,
)

GUARANTEES = (
    "names survive the loaders' list files",
    "every clip is in one list and every list line is a clip",
    "clips of one recording are in one list",
    "frames are 00000, 00001, ... in JPEGs and PNGs alike, none missing",
    "pictures and annotations have one size",
    "annotations are 8-bit palette PNGs with the VOC colours",
    "numbers are 1 to N without gaps, N at most 254, never 255",
    "the largest number is visible on the first frame",
)


def recognises(path: Path) -> bool:
    """Say whether DAVIS lies there: annotations of clips in a folder for each resolution."""
    return bool(clips(path)) or (path / "ImageSets").is_dir()


def clips(path: Path) -> list[str]:
    """Return the names of the clips, at whatever resolution."""
    return sorted({name for folder in _levels(path) for name in folders(folder)})


def check_whole(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what is broken in the lists of the dataset at ``path``."""
    for entry in (path / "Annotations").iterdir():
        if not entry.is_dir():
            yield f"{entry}: a file, expected a folder of clips for each resolution"
    yield from check_names(names)
    yield from check_lists(path / "ImageSets" / "2017", names)
    yield from check_splits(path, path / "ImageSets" / "2017")


def check_clip(path: Path, name: str) -> Iterator[str]:
    """Yield what is broken in the files of one clip, at each resolution."""
    for folder in _levels(path):
        if (folder / name).is_dir():
            yield from _check_clip(path / "JPEGImages" / folder.name / name, folder / name)


def _levels(path: Path) -> list[Path]:
    """Return the folder of annotations of each resolution."""
    return [path / "Annotations" / level for level in folders(path / "Annotations")]


def _check_clip(pictures: Path, masks: Path) -> Iterator[str]:
    """Check frames, sizes, and the numbers of one clip."""
    numbers = {"jpg": frame_numbers(pictures, ".jpg"), "png": frame_numbers(masks, ".png")}
    for wrong in numbers.values():
        if isinstance(wrong, str):
            yield wrong
            return
    if numbers["jpg"] != numbers["png"] or not numbers["jpg"]:
        yield f"{masks}: {len(numbers['png'])} annotations for {len(numbers['jpg'])} pictures"
        return
    first, seen = set[int](), set[int]()
    for frame in range(len(numbers["png"])):
        found = _numbers(masks / f"{frame:05d}.png", pictures / f"{frame:05d}.jpg")
        if isinstance(found, str):
            yield found
            return
        first = first or (found if frame == 0 else set())
        seen |= found
    yield from _check_numbers(masks, first, seen)


def _check_numbers(masks: Path, first: set[int], seen: set[int]) -> Iterator[str]:
    """Check the numbers of a whole clip."""
    if not first:
        yield f"{masks / '00000.png'}: no ball on the first frame"
    elif max(first) != max(seen):
        yield f"{masks}: number {max(seen)} is not on the first frame, where evaluation counts"
    if seen and (seen != set(range(1, len(seen) + 1)) or max(seen) > 254):
        yield f"{masks}: numbers {sorted(seen)} are not 1 to {len(seen)}"


def _numbers(path: Path, picture: Path) -> set[int] | str:
    """Return the numbers in one annotation, or what is wrong with it."""
    size = picture_size(picture)
    if isinstance(size, str):
        return size
    try:
        with Image.open(path) as opened:
            mode, colours = opened.mode, bytes(opened.getpalette() or b"")
            indices = np.asarray(opened)
    except UNREADABLE as error:
        return f"{path}: does not open as a picture ({error})"
    if mode != "P" or colours != voc_palette():
        return f"{path}: mode {mode} with {len(colours)} bytes of colours; expected P and the VOC palette"
    if indices.shape != size:
        return f"{path}: {indices.shape}, its picture is {size}"
    return set(np.unique(indices).tolist()) - {0}


CHECK = Check("davis", GUARANTEES, recognises, clips, check_clip, check_whole)
