"""The guarantees of a DAVIS 2017 dataset, checked on disk. Yields failures in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from exports.checks.base import NO_TEXT, Check, Remark, facts_of, folders, parse
from exports.checks.files import (
    check_facts,
    check_lists,
    check_names,
    check_said_objects,
    check_splits,
    frame_numbers,
)
from exports.checks.pictures import check_opened, one_size
from exports.checks.png import Png, Pngs
from exports.checks.windows import check_windows
from exports.palette import voc_palette

GUARANTEES = (
    "names survive the loaders' list files",
    "every clip is in one list and every list line is a clip",
    "clips of one recording are in one list",
    "every clip has pictures and annotations at each resolution, and nothing else lies between them",
    "frames are 00000, 00001, ... in JPEGs and PNGs alike, none missing, at least 3",
    "pictures are JPEGs that open, of one size, that of the annotations; 480p has no more than 480 lines",
    "annotations are 8-bit palette PNGs with the VOC colours",
    "numbers are 1 to N without gaps, N at most 254, never 255",
    "the largest number is visible on the first frame",
    "davis_semantics.json and categories.json, where they lie there, name just these numbers",
    "engine.json, where it lies there, says what the files hold",
)
RESOLUTIONS: Final = ("480p", "1080p", "Full-Resolution")
ROOTS: Final = ("Annotations", "Annotations_unsupervised")
LISTS: Final = ("2017", "2019")
SEMANTICS, CATEGORIES = "davis_semantics.json", "categories.json"
MOST, FEWEST, LINES = 254, 3, 480


def recognises(path: Path) -> bool:
    """Say whether DAVIS lies there: lists in ImageSets, or clips in folders for each resolution; objects' folders are none."""
    return (path / "ImageSets").is_dir() or any(
        level.name in RESOLUTIONS or (path / "JPEGImages" / level.name / name).is_dir()
        for level in _levels(path)
        for name in folders(level)
    )


def clips(path: Path) -> list[str]:
    """Return the names of the clips, at whatever resolution."""
    return sorted({name for level in _levels(path) for name in folders(level)})


def check_whole(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what is broken in lists, folders and semantics of the dataset at ``path``."""
    lists = next((year for year in LISTS if (path / "ImageSets" / year).is_dir()), LISTS[0])
    yield from check_names(names)
    yield from check_lists(path / "ImageSets" / lists, names)
    yield from check_splits(path, path / "ImageSets" / lists)
    for root in (*ROOTS, "JPEGImages"):
        yield from _check_folders(path / root)
    for level in _levels(path):
        annotated, shown = folders(level), folders(path / "JPEGImages" / level.name)
        for name in sorted(set(annotated) ^ set(shown)):
            where, lacks = (level, "pictures") if name in annotated else (level.name, "annotations")
            yield f"{where}: clip {name} has no {lacks}"
    yield from _check_semantic_clips(path, names)


def check_clip(path: Path, name: str, every: int) -> Iterator[str]:
    """Yield what is broken in the files of one clip, at each resolution."""
    for level in _levels(path):
        if (level / name).is_dir():
            pictures = path / "JPEGImages" / level.name / name
            yield from _check_level(path, pictures, level / name, every)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The numbers that each annotation of a clip shows, frame by frame."""

    masks: Path
    frames: tuple[frozenset[int], ...]

    @property
    def numbers(self) -> list[int]:
        """All numbers of the clip, ascending."""
        return sorted(frozenset[int]().union(*self.frames))


def _levels(path: Path) -> list[Path]:
    """Return the folder of annotations of each kind and resolution."""
    return [path / root / level for root in ROOTS for level in folders(path / root)]


def _check_folders(root: Path) -> Iterator[str]:
    """Name files where folders belong: for resolutions, and for clips in them."""
    for folder in (root, *(root / level for level in folders(root))):
        for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not entry.is_dir():
                kind = "resolution" if folder == root else "clip"
                yield f"{entry}: a file, expected a folder for each {kind}"


def _check_level(path: Path, pictures: Path, masks: Path, every: int) -> Iterator[str]:
    """Check frames, sizes, and the numbers of one clip at one resolution."""
    jpegs, pngs = frame_numbers(pictures, ".jpg"), frame_numbers(masks, ".png")
    if isinstance(jpegs, str) or isinstance(pngs, str):
        yield from (said for said in (jpegs, pngs) if isinstance(said, str))
        return
    if jpegs != pngs or len(jpegs) < FEWEST:
        least = f", at least {FEWEST} are scored" if jpegs == pngs else ""
        yield f"{masks}: {len(pngs)} annotations for {len(jpegs)} pictures{least}"
        return
    size = one_size(pictures, jpegs)
    if isinstance(size, list):
        yield from size
        return
    yield from _check_pictures(pictures, jpegs, size, every)
    found = _read(masks, len(pngs), size)
    if isinstance(found, str):
        yield found
        return
    yield from check_facts(path, masks.name, frames=len(pngs))
    yield from _check_numbers(path, found)


def _check_pictures(
    folder: Path, numbers: Sequence[int], size: tuple[int, int], every: int
) -> Iterator[str]:
    """Check that pictures open, and the size that the name of the resolution promises."""
    yield from check_opened([folder / f"{number:05d}.jpg" for number in numbers], every=every)
    if folder.parent.name == "480p" and size[0] > LINES:
        yield f"{folder}: {size[0]} lines in a folder that says {LINES}"


def _read(masks: Path, frames: int, size: tuple[int, int]) -> _Seen | str:
    """Return what the annotations of a clip show, or what is wrong with one of them."""
    pngs, seen = Pngs(), []
    for frame in range(frames):
        path = masks / f"{frame:05d}.png"
        found = pngs.read(path)
        if isinstance(found, str):
            return found
        if wrong := _wrong(path, found, size):
            return wrong
        seen.append(frozenset(found.values) - {0})
    return _Seen(masks, tuple(seen))


def _wrong(path: Path, found: Png, size: tuple[int, int]) -> str:
    """Return what is wrong with one annotation, "" when nothing is."""
    if found.size != size:
        return f"{path}: {found.size}, its picture is {size}"
    if found.mode != "P" or found.palette != voc_palette():
        return f"{path}: mode {found.mode} with {len(found.palette)} bytes of colours; expected P and the VOC palette"
    with path.open("rb") as file:
        bits = file.read(25)[-1]  # of the header that every PNG begins with
    return "" if bits == 8 else f"{path}: {bits} bits a pixel, expected 8"


def _check_numbers(path: Path, seen: _Seen) -> Iterator[str]:
    """Check the numbers of a whole clip."""
    masks, numbers, first = seen.masks, seen.numbers, seen.frames[0]
    if 255 in numbers:
        where = next(k for k, frame in enumerate(seen.frames) if 255 in frame)
        yield f"{masks / f'{where:05d}.png'}: number 255 is void, which trainers take for an object"
    if not first:
        yield f"{masks / '00000.png'}: no ball on the first frame"
    elif max(first) != max(numbers):
        yield f"{masks}: number {max(numbers)} is not on the first frame, where evaluation counts"
    if numbers and (numbers != list(range(1, len(numbers) + 1)) or max(numbers) > MOST):
        yield f"{masks}: numbers {numbers[:20]} are not 1 to {len(numbers)}, at most {MOST}"
    visible = {f"number {n}": [n in frame for frame in seen.frames] for n in numbers}
    yield from map(Remark, check_windows(str(masks), visible, len(seen.frames)))
    yield from check_said_objects(
        path, masks.name, facts_of(path, masks.name).get("objects"), numbers
    )
    yield from _check_semantics(path, masks.name, numbers)


def _check_semantic_clips(path: Path, names: list[str]) -> Iterator[str]:
    """Check that the semantics name just the clips that lie there."""
    for file in (SEMANTICS, CATEGORIES):
        if (path / file).exists() and _said(path / file) is None:
            yield f"{path / file}: not readable as a JSON object"
    said = _said(path / SEMANTICS)
    for name in sorted(set(said) ^ set(names)) if said is not None else ():
        yield f"{path / SEMANTICS}: clip {name} is {'not named' if name in names else 'not there'}"


def _check_semantics(path: Path, name: str, numbers: Sequence[int]) -> Iterator[str]:
    """Check that the semantics give every number of a clip a class that there is."""
    classes = (_said(path / SEMANTICS) or {}).get(name)
    if classes is None:
        return
    if not isinstance(classes, dict) or set(classes) != {str(number) for number in numbers}:
        yield f"{path / SEMANTICS}: {name} is {str(classes)[:60]}, its numbers are {list(numbers)}"
        return
    known = _said(path / CATEGORIES)
    for number, label in classes.items():
        if not isinstance(label, str) or (known is not None and label not in known):
            yield f"{path / SEMANTICS}: {name}: {number} is {label!r}, which {CATEGORIES} does not know"


def _said(file: Path) -> dict[str, Any] | None:
    """Return a JSON object, None where there is none."""
    try:
        said = parse(file.read_bytes())
    except NO_TEXT:
        return None
    return said if isinstance(said, dict) else None


CHECK = Check("davis", GUARANTEES, recognises, clips, check_clip, check_whole)
