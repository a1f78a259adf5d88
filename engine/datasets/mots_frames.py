"""The masks of one frame of MOTS, from a 16-bit PNG or from lines of text; knows no folders and no pictures."""

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from engine import rle
from engine.datasets.files import read_numbers
from engine.datasets.indices import masks_in
from engine.errors import InputError
from engine.types import RLE, Clip

IGNORED = 10_000
LEAST = 1000  # class 1, instance 0
_COLUMNS = 6


class Seen(Mapping[int, str]):
    """The class of each track, found when it is first asked for: in PNGs it takes a look at every one."""

    def __init__(self, find: Callable[[], Mapping[int, str]]) -> None:
        """Take what finds them."""
        self._find = find

    @cached_property
    def _found(self) -> Mapping[int, str]:
        """The classes."""
        return self._find()

    def __getitem__(self, track: int) -> str:
        """Return the class of a track."""
        return self._found[track]

    def __iter__(self) -> Iterator[int]:
        """Yield the tracks."""
        return iter(self._found)

    def __len__(self) -> int:
        """Return how many tracks there are."""
        return len(self._found)


def read_pngs(
    folder: Path, files: Mapping[int, str], clip: Clip, start: int, stop: int
) -> Iterator[tuple[int, list[tuple[int, RLE]]]]:
    """Yield the masks by object of the PNGs whose frames are numbered from ``start`` up to ``stop``.

    Raises:
        InputError: a PNG is damaged, of another size than its pictures, or holds what is no object.
    """
    for number, name in files.items():
        if not start <= number < stop:
            continue
        found = read_numbers(folder / name)
        if found.shape != (clip.height, clip.width):
            raise InputError(
                f"{folder / name}: {found.shape[1]} x {found.shape[0]}, its pictures are {clip.width} x {clip.height}"
            )
        masks = [(of, mask) for of, mask in masks_in(found) if of != IGNORED]
        if wrong := [of for of, _ in masks if of < LEAST]:
            raise InputError(
                f"{folder / name}: number {wrong[0]}, expected class * 1000 + instance, as in 2001"
            )
        yield number, masks


@dataclass(slots=True)
class Lines:
    """A text of ``frame id class height width rle``: where the lines of each frame begin, and the objects it names."""

    path: Path
    places: dict[int, "array[int]"]
    objects: set[int] = field(default_factory=set)

    def read(self, start: int, stop: int) -> Iterator[tuple[int, list[tuple[int, RLE]]]]:
        """Yield the masks by object of the frames numbered from ``start`` up to ``stop``."""
        try:
            with self.path.open("rb") as file:
                for number, places in self.places.items():
                    if start <= number < stop:
                        yield number, [self._mask(_line_at(file, at), number) for at in places]
        except OSError as error:
            raise InputError(f"{self.path}: not readable ({error})") from error

    def _mask(self, line: bytes, number: int) -> tuple[int, RLE]:
        """Return object and mask of a line."""
        words, where = line.split(), f"{self.path}: frame {number}"
        try:
            size = [int(words[3]), int(words[4])]
            return int(words[1]), rle.from_coco({"size": size, "counts": words[5].decode("ascii")})
        except (InputError, ValueError, IndexError) as error:
            raise InputError(f"{where}: {line[:60]!r}: {error}") from error


def _line_at(file: BinaryIO, place: int) -> bytes:
    """Return the line that begins at a place."""
    file.seek(place)
    return file.readline()


def read_lines(path: Path, numbers: Collection[int]) -> Lines:
    """Return the places of the lines of a text whose frames are all among ``numbers``, in their order.

    Raises:
        InputError: a line is damaged, of an unknown frame, or an object is there twice on one frame.
    """
    lines = Lines(path, {number: array("q") for number in numbers})
    seen: set[tuple[int, int]] = set()
    at = 0
    try:
        with path.open("rb") as file:
            for count, line in enumerate(file, 1):
                if line.strip():
                    _line(lines, line, at, seen, f"{path}: line {count}")
                at += len(line)
    except OSError as error:
        raise InputError(f"{path}: not readable ({error})") from error
    return lines


def _line(lines: Lines, line: bytes, at: int, seen: set[tuple[int, int]], where: str) -> None:
    """Take one line."""
    words = line.split()
    try:
        frame, of, kind = (int(word) for word in words[:3])
    except ValueError as error:
        raise InputError(f"{where}: {line[:60]!r}: expected frame, id, class, ...") from error
    if len(words) != _COLUMNS:
        raise InputError(
            f"{where}: {len(words)} words, expected frame, id, class, height, width, rle"
        )
    if of == IGNORED:
        return
    if kind != of // 1000 or of < LEAST:
        raise InputError(
            f"{where}: class {kind} and id {of}, expected class * 1000 + instance as id"
        )
    if frame not in lines.places:
        known = sorted(lines.places)
        raise InputError(f"{where}: frame {frame}, its pictures go from {known[0]} to {known[-1]}")
    if (frame, of) in seen:
        raise InputError(f"{where}: object {of} is twice on frame {frame}; expected one mask")
    seen.add((frame, of))
    lines.objects.add(of)
    lines.places[frame].append(at)
