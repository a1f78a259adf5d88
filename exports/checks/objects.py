"""Masks in a PNG for each object and frame, checked on disk. Knows no lists; yields failures in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exports.checks.base import Remark, facts_of, step_of
from exports.checks.files import frame_numbers
from exports.checks.pictures import check_opened, one_size
from exports.checks.png import Png, Pngs
from exports.checks.windows import check_windows

GUARANTEES: Final = (
    "names survive the loaders' list files",
    "every clip is in one list and every list line is a clip",
    "clips of one recording are in one list",
    "frames are 00000.jpg, 00001.jpg, ..., none missing, all of one size, all JPEGs that open",
    "objects are folders of three digits and nothing else lies beside them",
    "every object has a PNG on every annotated frame, blank where it is not visible",
    "annotated frames are 0, STEP, 2 STEP, ... for every object alike",
    "PNGs have one number a pixel, at most one beside the background 0, and the pictures' size",
    "every object is visible somewhere",
)
_OBJECT: Final = re.compile(r"\d{3}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clip lies: the dataset, its name, its folder of pictures and its folder of objects."""

    root: Path
    name: str
    pictures: Path
    masks: Path


def check_objects(place: Place, *, scored: bool, every: int) -> Iterator[str]:
    """Check pictures and masks of one clip.

    ``scored``: each object must be visible between the first and the last annotated frame, which are not scored. Every ``every``-th picture is opened.
    """
    numbers = frame_numbers(place.pictures, ".jpg")
    if isinstance(numbers, str) or not numbers:
        yield numbers if isinstance(numbers, str) else f"{place.pictures}: no frames"
        return
    said = facts_of(place.root, place.name).get("frames", len(numbers))
    if said != len(numbers):
        yield f"{place.pictures}: {len(numbers)} frames, engine.json says {said}"
    size = one_size(place.pictures, numbers)
    if isinstance(size, list):
        yield from size
        return
    yield from check_opened(
        [place.pictures / f"{number:05d}.jpg" for number in numbers], every=every
    )
    objects = _objects(place)
    if isinstance(objects, str):
        yield objects
        return
    annotated = _annotated(place, objects, len(numbers))
    if isinstance(annotated, str):
        yield annotated
        return
    yield from _check_masks(place, objects, annotated, size, scored=scored)


def _objects(place: Place) -> list[str] | str:
    """Return the names of the objects' folders, or what is wrong with one."""
    names = sorted(path.name for path in place.masks.iterdir())
    for name in names:
        if not _OBJECT.fullmatch(name) or not (place.masks / name).is_dir():
            return f"{place.masks / name}: expected a folder of three digits for each object; loaders take it for one"
    said = facts_of(place.root, place.name).get("objects")
    if isinstance(said, Mapping) and (known := sorted(f"{_int(key):03d}" for key in said)) != names:
        return f"{place.masks}: objects {names}, engine.json says {known}"
    return names or f"{place.masks}: no object"


def _int(key: str) -> int:
    """Return a number, -1 for what is none."""
    return int(key) if key.isascii() and key.isdigit() else -1


def _annotated(place: Place, objects: Sequence[str], frames: int) -> list[int] | str:
    """Return the frames that are annotated, or which object is annotated otherwise."""
    step = step_of(place.root, place.name) or _step(place.masks / objects[0])
    expected = list(range(0, frames, step))
    for name in objects:
        folder = place.masks / name
        found = _numbers(folder)
        if isinstance(found, str):
            return found
        if found != expected:
            odd = min(set(found) ^ set(expected))
            which = (
                "missing"
                if odd in expected
                else "there, and between annotated frames or beyond the last"
            )
            return (
                f"{folder / f'{odd:05d}.png'}: {which}; expected every {step}. of {frames} frames"
            )
    return expected


def _step(folder: Path) -> int:
    """Return how many frames lie between the first two annotations, 1 where that cannot be said."""
    numbers = _numbers(folder)
    return 1 if isinstance(numbers, str) or len(numbers) < 2 else max(1, numbers[1] - numbers[0])


def _numbers(folder: Path) -> list[int] | str:
    """Return the frames that a folder annotates, or what is wrong with a name."""
    for path in (paths := sorted(folder.iterdir())):
        if path.suffix != ".png" or not re.fullmatch(r"\d{5}", path.stem):
            return f"{path}: expected five digits and .png"
    return [int(path.stem) for path in paths]


def _check_masks(
    place: Place,
    objects: Sequence[str],
    annotated: Sequence[int],
    size: tuple[int, int],
    *,
    scored: bool,
) -> Iterator[str]:
    """Check the masks of every object, then say what a trainer can draw from them."""
    pngs, visible = Pngs(), dict[str, list[bool]]()
    for name in objects:
        seen = visible[name] = []
        for frame in annotated:
            path = place.masks / name / f"{frame:05d}.png"
            found = pngs.read(path)
            if wrong := found if isinstance(found, str) else _wrong(path, found, size):
                yield wrong
                return
            seen.append(isinstance(found, Png) and max(found.values) > 0)
        yield from _check_seen(place.masks / name, seen, scored=scored)
    for line in check_windows(str(place.masks), visible, len(annotated)):
        yield Remark(line)  # it is no promise of these formats that a trainer can sample from them


def _wrong(path: Path, found: Png, size: tuple[int, int]) -> str:
    """Return what is wrong with one mask, "" when nothing is."""
    if found.size != size:
        return f"{path}: {found.size}, its picture is {size}"
    if len(found.values) > 2 or (len(found.values) == 2 and found.values[0] != 0):
        return f"{path}: values {list(found.values[:5])}; expected 0 and one other"
    return ""


def _check_seen(folder: Path, seen: Sequence[bool], *, scored: bool) -> Iterator[str]:
    """Check where one object is visible."""
    if not any(seen):
        yield f"{folder}: visible nowhere"
    elif scored and not any(seen[1:-1]):
        yield f"{folder}: visible only on the first or last annotated frame, which SA-V's evaluation leaves out and then stops"
