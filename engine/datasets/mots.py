"""MOTS: a 16-bit PNG or lines of text for each frame, classes and instances in one number. Knows no exporter.

Two layouts: MOTSChallenge's ``SEQ/gt/gt.txt`` beside ``SEQ/img1`` and ``SEQ/seqinfo.ini``, and KITTI MOTS's ``instances/SEQ`` (PNG) or
``instances_txt/SEQ.txt`` beside ``images/SEQ`` or ``image_02/SEQ``. Masks belong to the picture with their number, which begins with 1
in the first and 0 in the second. An object is its class times 1000 plus its instance; 10000 is a region to ignore.
"""

from collections.abc import Callable, Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from engine.datasets.clip import Footage, LabelledClip, assemble, row_of
from engine.datasets.coco import rate_of
from engine.datasets.entry import Entry, roots, subfolders
from engine.datasets.files import numbered, read_size, spacing
from engine.datasets.folders import PNG
from engine.datasets.lists import listed, split_of
from engine.datasets.marker import Facts, facts_of, marker
from engine.datasets.mots_frames import Seen, read_lines, read_pngs
from engine.errors import InputError
from engine.types import RLE, Clip, FrameMasks

RATE = Fraction(30)
CLASSES: Mapping[int, str] = {1: "car", 2: "pedestrian"}
STILLS = ("images", "image_02", "training/image_02")
OBJECTS_OF_A_CLASS = 1000

Take = Callable[[int, int], Iterator[tuple[int, list[tuple[int, RLE]]]]]
"""The masks by object of the frames whose numbers are from a start up to a stop, in order."""
Find = Callable[[], list[int]]


@dataclass(frozen=True, slots=True)
class _Sequence:
    """One sequence: its pictures, and its text or its folder of PNGs; ``info`` is its seqinfo.ini."""

    name: str
    stills: Path
    masks: Path
    info: Path


def entries(path: Path) -> list[Entry]:
    """Return the sequences of a folder, or of those in it that are named by splits."""
    return [entry for root, split in roots(path).items() for entry in _entries(root, split)]


def _entries(root: Path, split: str) -> list[Entry]:
    """Return the sequences of one folder."""
    found = _challenge(root) or _kitti(root)
    if not found:
        return []
    home = next((one for one in (root, root.parent) if marker(one)), root)
    said, lists = marker(home), listed(root.glob("*.txt"))

    def opened(sequence: _Sequence, clip: str) -> LabelledClip:
        facts = facts_of(home, sequence.name, said)
        return _opened(sequence, facts, clip, split_of(sequence.name, lists, split, facts.split))

    return [Entry(one.name, partial(opened, one)) for one in found]


def _challenge(root: Path) -> list[_Sequence]:
    """Return the sequences that are folders with a text."""
    return [
        _Sequence(one.name, one / _image_folder(one), one / "gt" / "gt.txt", one / "seqinfo.ini")
        for one in subfolders(root)
        if (one / "gt" / "gt.txt").is_file()
    ]


def _image_folder(sequence: Path) -> str:
    """Return the folder of the pictures of a sequence."""
    try:
        return Path(_info(sequence / "seqinfo.ini").get("imdir", "")).name or "img1"
    except InputError:  # told when the sequence is opened
        return "img1"


def _kitti(root: Path) -> list[_Sequence]:
    """Return the sequences that have PNGs, or a text, below a name of their own."""
    pngs = {one.name: one for one in subfolders(root / "instances")}
    texts = {one.stem: one for one in sorted((root / "instances_txt").glob("*.txt"))}
    stills = next((root / inner for inner in STILLS if (root / inner).is_dir()), root / STILLS[0])
    return [
        _Sequence(name, stills / name, masks, stills / name / "seqinfo.ini")
        for name, masks in sorted((texts | pngs).items())
    ]


def _opened(sequence: _Sequence, facts: Facts, clip: str, split: str) -> LabelledClip:
    """Return one sequence as a clip.

    Raises:
        InputError: pictures are missing, or the annotation is damaged.
    """
    pictures = numbered(sequence.stills)
    if not pictures:
        raise InputError(f"{sequence.stills}: no pictures; expected 000001.jpg and so on")
    apart = spacing(list(pictures), sequence.stills)
    info = _info(sequence.info)
    _check_length(info, len(pictures), sequence)
    wide, high = read_size(sequence.stills / next(iter(pictures.values())))
    made = Clip(
        clip,
        facts.recording or sequence.name,
        str(sequence.stills),
        0,
        len(pictures),
        wide,
        high,
        facts.rate or _rate(info, sequence) / apart,
        split,
    )
    tracks = {of: track.id for of, track in facts.objects.items()}
    take, find = _annotation(sequence, made, list(pictures))
    frames = {number: frame for frame, number in enumerate(pictures)}
    return assemble(
        Footage(made, sequence.name, sequence.stills, tuple(pictures.values())),
        labels=facts.labels() or Seen(lambda: {of: _label(of) for of in find()}),
        labelled=tuple(range(len(pictures))),
        rows=_Rows(sequence.masks, made, frames, tracks, take),
    )


def _annotation(sequence: _Sequence, clip: Clip, numbers: list[int]) -> tuple[Take, Find]:
    """Return what reads the masks of frames, and what finds the objects that are on any."""
    if sequence.masks.suffix == ".txt":
        lines = read_lines(sequence.masks, numbers)
        return lines.read, lambda: sorted(lines.objects)
    files = numbered(sequence.masks, endings=PNG)
    for number in numbers:
        if number not in files:
            raise InputError(f"{sequence.masks}: no PNG of frame {number}; write a blank one")
    for number, name in files.items():
        if number not in numbers:
            raise InputError(
                f"{sequence.masks / name}: there is no picture {number} in {sequence.stills}"
            )
    take = partial(read_pngs, sequence.masks, files, clip)
    every = numbers[0], numbers[-1] + 1
    return take, lambda: sorted({of for _, masks in take(*every) for of, _ in masks})


def _label(of: int) -> str:
    """Return the class of an object as KITTI MOTS names it."""
    kind = of // OBJECTS_OF_A_CLASS
    return CLASSES.get(kind, f"class {kind}")


def _info(path: Path) -> Mapping[str, str]:
    """Return what seqinfo.ini says, keys in small letters, nothing without one."""
    if not path.is_file():
        return {}
    said = ConfigParser(interpolation=None)
    try:
        said.read_string(path.read_text(encoding="utf-8"))
        return dict(said["Sequence"])
    except (IniError, KeyError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: expected an INI file with [Sequence] ({error})") from error


def _rate(info: Mapping[str, str], sequence: _Sequence) -> Fraction:
    """Return the frames per second of a sequence."""
    said = info.get("framerate")
    try:
        return rate_of(float(said) if said else None, RATE, str(sequence.info))
    except ValueError as error:
        raise InputError(f"{sequence.info}: frameRate is {said!r}, expected a number") from error


def _check_length(info: Mapping[str, str], pictures: int, sequence: _Sequence) -> None:
    """Refuse a sequence that has other pictures than it says."""
    said = info.get("seqlength", str(pictures))
    if said.strip() != str(pictures):
        raise InputError(
            f"{sequence.info}: seqLength is {said}, {sequence.stills} holds {pictures} pictures"
        )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Called, reads the truth of frames; an object is on its track, or on the number it has."""

    path: Path
    clip: Clip
    frames: Mapping[int, int]
    tracks: Mapping[int, int]
    take: Take

    def __call__(self, start: int, stop: int) -> Iterator[FrameMasks]:
        """Yield the truth of frames ``start`` up to ``stop``."""
        numbers = [number for number, frame in self.frames.items() if start <= frame < stop]
        if not numbers:
            return
        for number, found in self.take(numbers[0], numbers[-1] + 1):
            masks = ((self.tracks.get(of, of), mask, 1.0) for of, mask in found)
            where = f"{self.path}: frame {number}"
            yield row_of(self.frames[number], masks, clip=self.clip, where=where)
