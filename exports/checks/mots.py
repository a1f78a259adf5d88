"""The guarantees of a MOTSChallenge dataset, checked on disk. Yields failures in words."""

from collections.abc import Generator, Iterator
from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine import rle
from engine.errors import InputError
from engine.types import RLE, FrameMasks, TrackMask
from exports.checks.base import NO_TEXT, Check, facts_of, said_of
from exports.checks.files import check_facts, check_names, check_said_objects
from exports.checks.pictures import check_opened, size_of
from exports.mots import CLASS, PER_CLASS
from exports.overlap import separate

GUARANTEES: Final = (
    "every clip has gt/gt.txt, img1 and seqinfo.ini, and a line in the one list of its split",
    "seqinfo.ini says the number, size, folder and ending of the pictures",
    "pictures are 000001.jpg, 000002.jpg, ..., none missing, all of one size, and open",
    "a line is frame, id, class, height, width and run lengths; frames are from 1 to the length of the clip",
    "an id is its class times 1000 plus a number below 1000, once a frame; classes are 1, 2 or 10 (ignore)",
    "masks fill the pictures' size, are not empty, and share no pixel on a frame",
    "clips of one recording are in one split",
    "engine.json, where it lies there, names the same clips, frames and objects",
)
TRUTH, PICTURES, INFO, LISTS = "gt/gt.txt", "img1", "seqinfo.ini", "seqmaps"
CLASSES: Final = (1, CLASS, 10)
_HEADER: Final = "name"


def recognises(path: Path) -> bool:
    """Say whether MOTS lies there: a text of masks for each clip of a split."""
    return any(path.glob(f"*/*/{TRUTH}"))


def clips(path: Path) -> list[str]:
    """Return the names of the clips of all splits."""
    return sorted({one.name for one in _folders(path)})


def check_whole(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what is broken in the lists and folders of the dataset at ``path``."""
    yield from check_names(names)
    said = said_of(path).get("clips")
    recordings = (
        {n: f for n, f in said.items() if isinstance(f, dict)} if isinstance(said, dict) else {}
    )
    first: dict[str, str] = {}
    for folder in _folders(path):
        facts, split = recordings.get(folder.name), folder.parent.name
        of = str(facts.get("recording")) if facts else folder.name
        if first.setdefault(of, split) != split:
            yield f"{folder}: is of a recording that is also in {first[of]}"
    for name in sorted(set(recordings) - set(names)):
        yield f"{path}: has no folder of clip {name}, which engine.json names"
    for parent in sorted({folder.parent for folder in _folders(path)}):
        yield from _check_list(path, parent)


def check_clip(path: Path, name: str, every: int) -> Iterator[str]:
    """Yield what is broken in the files of one clip."""
    for folder in (one for one in _folders(path) if one.name == name):
        sizes: dict[tuple[int, int], str] = {}
        frames = yield from _check_pictures(folder / PICTURES, sizes, every)
        if len(sizes) != 1:
            return
        size = next(iter(sizes))
        yield from _check_info(folder, frames, size)
        yield from check_facts(path, name, frames=frames, size=list(size))
        ids = yield from _check_truth(folder / TRUTH, frames, size)
        yield from check_said_objects(path, name, facts_of(path, name).get("objects"), ids)


def _folders(path: Path) -> list[Path]:
    """Return the folders of the clips of all splits: what has any of a clip's parts."""
    return sorted(
        one
        for split in path.iterdir()
        if split.is_dir() and split.name != LISTS
        for one in split.iterdir()
        if any((one / part).exists() for part in (TRUTH, PICTURES, INFO))
    )


def _check_list(path: Path, split: Path) -> Iterator[str]:
    """Compare the list of a split with its folders."""
    place = path / LISTS / f"MOTS-{split.name}.txt"
    try:
        header, *lines = place.read_bytes().decode().splitlines() or [""]
    except NO_TEXT as error:
        yield f"{place}: not readable as a list of clips ({error})"
        return
    if header != _HEADER:
        yield f"{place}: begins with {header!r}, expected {_HEADER!r}: the evaluation skips the first line"
    for name in sorted(set(lines)):
        if lines.count(name) > 1:
            yield f"{place}: {name!r} is there {lines.count(name)} times"
    there = {one.name for one in split.iterdir()}
    for name in sorted(there - set(lines)):
        yield f"{place}: {split / name} is not in the list"
    for name in sorted(set(lines) - there):
        yield f"{place}: {name!r} is no clip of this split"


def _check_pictures(
    folder: Path, sizes: dict[tuple[int, int], str], every: int
) -> Generator[str, None, int]:
    """Check the pictures of a clip, put their sizes into ``sizes`` and return how many there are."""
    names = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
    expected = [f"{number:06d}.jpg" for number in range(1, len(names) + 1)]
    if names != expected or not names:
        odd = min(set(names) ^ set(expected), default="no picture")
        yield f"{folder}: {odd}: expected 000001.jpg, 000002.jpg, ... and nothing else"
        return 0
    for name in names:
        size = size_of(folder / name)
        if isinstance(size, str):
            yield size
        else:
            sizes.setdefault(size, name)
    yield from check_opened([folder / name for name in names], every=every)
    if len(sizes) > 1:
        told = ", ".join(f"{name} is {size}" for size, name in sizes.items())
        yield f"{folder}: pictures of different sizes in one clip: {told}"
    return len(names)


def _check_info(folder: Path, frames: int, size: tuple[int, int]) -> Iterator[str]:
    """Compare seqinfo.ini with what lies there."""
    place, parser = folder / INFO, ConfigParser(interpolation=None)
    try:
        parser.read_string(place.read_bytes().decode())
        said = dict(parser["Sequence"])
    except (*NO_TEXT, IniError, KeyError) as error:
        yield f"{place}: not readable, or without [Sequence] ({error})"
        return
    expected = {"name": folder.name, "imdir": PICTURES, "imext": ".jpg", "seqlength": str(frames)}
    expected |= {"imheight": str(size[0]), "imwidth": str(size[1])}
    for key, value in expected.items():
        if said.get(key) != value:
            yield f"{place}: {key} is {said.get(key)!r}, the files say {value!r}"


@dataclass(slots=True)
class _Frame:
    """The masks of one frame so far, by id."""

    number: int = 0
    masks: dict[int, RLE] = field(default_factory=dict)


def _check_truth(place: Path, frames: int, size: tuple[int, int]) -> Generator[str, None, set[int]]:
    """Check the masks of a clip and return the ids of its objects."""
    ids, frame = set[int](), _Frame()
    try:
        lines = place.read_bytes().decode("ascii").splitlines()
    except NO_TEXT as error:
        yield f"{place}: not readable as text ({error})"
        return ids
    for count, line in enumerate(lines, 1):
        found = _read(line.split(" "), frames, size)
        if isinstance(found, str):
            yield f"{place}:{count}: {found}"
            continue
        number, thing, mask = found
        if number < frame.number:
            yield f"{place}:{count}: frame {number} after frame {frame.number}"
        if number != frame.number:
            yield from _check_frame(place, frame)
            frame = _Frame(number)
        if thing in frame.masks:
            yield f"{place}:{count}: id {thing} is on frame {number} already"
        frame.masks[thing] = mask
        ids.add(thing)
    yield from _check_frame(place, frame)
    if not lines:
        yield f"{place}: holds no mask"
    return ids


def _read(words: list[str], frames: int, size: tuple[int, int]) -> tuple[int, int, RLE] | str:
    """Return frame, id and mask of a line, or what is wrong with it."""
    if len(words) != 6 or not all(word.isdecimal() for word in words[:5]):
        return f"{' '.join(words)[:60]!r}: expected frame id class height width run-lengths, one space between"
    frame, thing, kind, high, wide = map(int, words[:5])
    if wrong := _wrong((frame, thing, kind), (high, wide), frames, size):
        return wrong
    try:
        mask = rle.from_coco({"size": [high, wide], "counts": words[5]})
    except InputError as error:
        return str(error)
    return (frame, thing, mask) if rle.area(mask) else f"id {thing} has an empty mask"


def _wrong(
    said: tuple[int, int, int], of: tuple[int, int], frames: int, size: tuple[int, int]
) -> str:
    """Return what is wrong with frame, id and class, or with the size, "" when nothing is."""
    frame, thing, kind = said
    if not 1 <= frame <= frames:
        return f"frame {frame}, expected 1 to {frames}"
    if kind not in CLASSES:
        return f"class {kind}, expected one of {CLASSES}"
    if thing // PER_CLASS != kind:
        return f"id {thing} of class {kind}, expected {kind * PER_CLASS} and a number below {PER_CLASS}"
    return "" if of == size else f"size {of}, its picture is {size}"


def _check_frame(place: Path, frame: _Frame) -> Iterator[str]:
    """Check that the masks of a frame share no pixel."""
    lost: dict[int, int] = {}
    separate(
        FrameMasks(frame.number, tuple(TrackMask(n, mask) for n, mask in frame.masks.items())), lost
    )
    for thing, pixels in sorted(lost.items()):
        yield f"{place}: frame {frame.number}: id {thing} shares {pixels} pixels with others"


CHECK = Check("mots", GUARANTEES, recognises, clips, check_clip, check_whole)
