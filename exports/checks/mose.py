"""The guarantees of a MOSE dataset, checked on disk. Yields failures in words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from exports.checks.base import Check, facts_of, folders
from exports.checks.files import check_lists, check_names, check_splits, frame_numbers
from exports.checks.frames import check_folders
from exports.checks.pictures import check_opened, one_size
from exports.checks.png import Png, Pngs
from exports.checks.windows import check_windows
from exports.palette import voc_palette

GUARANTEES: Final = (
    "names survive the loaders' list files",
    "every clip is in one list and every list line is a clip",
    "clips of one recording are in one list",
    "pictures and annotations have a folder for every clip and nothing else",
    "frames are 00000, 00001, ... in JPEGs and PNGs alike, none missing",
    "pictures are JPEGs that open, and have one size, that of the annotations",
    "annotations are palette PNGs with the VOC colours",
    "numbers are 1 to N without gaps, N at most 254, never 255",
    "SAM 2's trainer can draw a sample: at least 8 frames, the first of them with a ball",
)
MOST: Final = 254


def recognises(path: Path) -> bool:
    """Say whether MOSE lies there: pictures and PNGs right below the clip."""
    return any(
        any((path / "JPEGImages" / name).glob("*.jpg"))
        and any((path / "Annotations" / name).glob("*.png"))
        for name in clips(path)
    )


def clips(path: Path) -> list[str]:
    """Return the names of the annotated clips."""
    return folders(path / "Annotations")


def check_whole(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what is broken in lists and folders of the dataset at ``path``."""
    yield from check_names(names)
    yield from check_lists(path, names)
    yield from check_splits(path, path)
    yield from check_folders(path, names)


def check_clip(path: Path, name: str, every: int) -> Iterator[str]:
    """Yield what is broken in the files of one clip."""
    pictures, masks = path / "JPEGImages" / name, path / "Annotations" / name
    numbers, drawn = frame_numbers(pictures, ".jpg"), frame_numbers(masks, ".png")
    if isinstance(numbers, str) or isinstance(drawn, str):
        yield from (said for said in (numbers, drawn) if isinstance(said, str))
        return
    if numbers != drawn or not numbers:
        yield f"{masks}: {len(drawn)} annotations for {len(numbers)} pictures"
        return
    size = one_size(pictures, numbers)
    if isinstance(size, list):
        yield from size
        return
    yield from check_opened([pictures / f"{number:05d}.jpg" for number in numbers], every=every)
    said = facts_of(path, name).get("objects")
    yield from _check_masks(masks, len(numbers), size, said)


def _check_masks(masks: Path, frames: int, size: tuple[int, int], said: object) -> Iterator[str]:
    """Check the annotation of every frame, and the numbers of all of them; ``said`` is what engine.json says of those."""
    pngs, seen = Pngs(), list[set[int]]()
    for frame in range(frames):
        path = masks / f"{frame:05d}.png"
        found = pngs.read(path)
        if wrong := found if isinstance(found, str) else _wrong(path, found, size):
            yield wrong
            return
        seen.append(set(found.values) - {0} if isinstance(found, Png) else set())
    numbers = sorted(set().union(*seen))
    if not numbers:
        yield f"{masks}: no ball on any frame"
    elif numbers != list(range(1, len(numbers) + 1)) or len(numbers) > MOST:
        yield f"{masks}: numbers {numbers} are not 1 to {len(numbers)}"
    if isinstance(said, dict) and set(said) != {str(number) for number in numbers}:
        yield f"{masks}: numbers {numbers}, engine.json says {sorted(said)}"
    visible = {f"number {number}": [number in here for here in seen] for number in numbers}
    yield from check_windows(str(masks), visible, frames)


def _wrong(path: Path, found: Png, size: tuple[int, int]) -> str:
    """Return what is wrong with one annotation, "" when nothing is."""
    if found.size != size:
        return f"{path}: {found.size}, its picture is {size}"
    if found.mode != "P" or found.palette != voc_palette():
        return f"{path}: mode {found.mode} with {len(found.palette)} bytes of colours; expected P and the VOC palette"
    return ""


CHECK = Check("mose", GUARANTEES, recognises, clips, check_clip, check_whole)
