"""Annotations that tools export without pictures, as clips: which tool wrote a file, who is who. Knows no file's content.

A tool's file says shapes on frames; each shape has a class and, where the tool can say so, the identity of its object. Where
it cannot, objects are told apart by their class, as long as no class is twice on a frame.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath

from engine import rle
from engine.datasets.clip import row_of
from engine.datasets.files import trailing
from engine.datasets.naming import clip_ids
from engine.datasets.tracks import track_ids
from engine.errors import InputError
from engine.ports import LabelledClip
from engine.types import RLE, Clip, FrameMasks

UNKNOWN_RATE = Fraction(30)
"""Stands where a tool says no rate; nothing is computed from it."""

_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn of one object on one frame: its class, its identity ("" where the tool has none), and its mask."""

    label: str
    identity: str
    mask: Callable[[], RLE]


@dataclass(frozen=True, slots=True)
class Drawing:
    """All shapes of one clip.

    ``files`` are those it was read from, the first of them the one to name; ``name`` and ``other`` are what the tool calls it; ``size`` is (height, width); ``frames`` how many it has, None where
    the tool does not say. ``shapes`` has an entry for every frame that somebody looked at, also where nothing is visible.
    """

    files: tuple[Path, ...]
    name: str
    other: str
    size: tuple[int, int]
    frames: int | None
    shapes: Mapping[int, Sequence[Shape]]

    @property
    def file(self) -> Path:
        """The file to name where something is wrong."""
        return self.files[0]


def labelled(drawing: Drawing) -> LabelledClip:
    """Return the clip of a drawing: without pictures, its ``media`` is "".

    Raises:
        InputError: nobody looked at any frame, or objects cannot be told apart.
    """
    if not drawing.shapes:
        raise InputError(f"{drawing.file}: {drawing.name}: no frame is annotated")
    tracks = _tracks(drawing)
    high, wide = drawing.size
    frames = drawing.frames or max(drawing.shapes) + 1
    (name,) = clip_ids([drawing.name])
    clip = Clip(name, drawing.name, "", 0, frames, wide, high, UNKNOWN_RATE)
    return LabelledClip(
        clip,
        _labels(drawing, tracks),
        tuple(sorted(drawing.shapes)),
        lambda: iter(()),
        lambda: _rows(drawing, clip, tracks),
    )


def _key(shape: Shape) -> str:
    """Return what tells an object from the others."""
    return shape.identity or f"class {shape.label}"


def _tracks(drawing: Drawing) -> dict[str, int]:
    """Return the track of each object.

    Raises:
        InputError: two shapes without identity are of one class on one frame.
    """
    for frame, shapes in drawing.shapes.items():
        nameless = [shape.label for shape in shapes if not shape.identity]
        if twice := sorted({label for label in nameless if nameless.count(label) > 1}):
            raise InputError(
                f"{drawing.file}: frame {frame}: {nameless.count(twice[0])} shapes of class {twice[0]!r} and nothing that tells "
                "their objects apart through time; give each object a track or group number in the tool"
            )
    keys = sorted({_key(shape) for _, shape in _each(drawing)}, key=_order)
    numbers = [int(key) if key.isascii() and key.isdecimal() else key for key in keys]
    found = track_ids(numbers, {}, str(drawing.file))
    return {key: found[number] for key, number in zip(keys, numbers, strict=True)}


def _order(key: str) -> tuple[bool, int, str]:
    """Sort numbers by value, then names."""
    plain = key.isascii() and key.isdecimal()
    return not plain, int(key) if plain else 0, key


def _each(drawing: Drawing) -> Iterator[tuple[int, Shape]]:
    """Yield every shape with its frame, in order."""
    for frame in sorted(drawing.shapes):
        for shape in drawing.shapes[frame]:
            yield frame, shape


def _labels(drawing: Drawing, tracks: Mapping[str, int]) -> dict[int, str]:
    """Return the class of each track.

    Raises:
        InputError: an object changes its class.
    """
    labels: dict[int, str] = {}
    for frame, shape in _each(drawing):
        known = labels.setdefault(tracks[_key(shape)], shape.label)
        if known != shape.label:
            raise InputError(
                f"{drawing.file}: frame {frame}: object {shape.identity} is {shape.label!r}, before it was {known!r}; "
                "give it one class in the tool"
            )
    return labels


def _rows(drawing: Drawing, clip: Clip, tracks: Mapping[str, int]) -> Iterator[FrameMasks]:
    """Yield the masks of every frame that somebody looked at; shapes of one object are one mask."""
    for frame in sorted(drawing.shapes):
        where = f"{drawing.file}: frame {frame}"
        parts: dict[int, list[RLE]] = {}
        for shape in drawing.shapes[frame]:
            parts.setdefault(tracks[_key(shape)], []).append(_drawn(shape, where))
        masks = ((track, rle.merge(pieces), 1.0) for track, pieces in parts.items())
        yield row_of(frame, masks, clip=clip, where=where)


def _drawn(shape: Shape, where: str) -> RLE:
    """Draw a shape; what is wrong with it is told with its place."""
    try:
        return shape.mask()
    except InputError as error:
        raise InputError(f"{where}: {_key(shape)}: {error}") from error


def place_of(picture: PurePosixPath, folder: str) -> tuple[str, int | None]:
    """Return the clip and the frame that a picture's name speaks of: what is before the number at its end, and the number.

    A name that is a number alone is a frame of the clip that its ``folder`` is called.
    """
    frame = trailing(picture.stem)
    if frame is None:
        return picture.stem, None
    name = picture.stem.rstrip(_DIGITS).rstrip("-_. ")
    return (folder if name in ("", "frame") else name), frame


def numbers(said: str, where: Path | str, *, split: str = ",") -> list[float]:
    """Return the numbers of a text.

    Raises:
        InputError: one is none.
    """
    try:
        return [float(part) for part in said.split(split) if part.strip()]
    except ValueError as error:
        raise InputError(f"{where}: expected numbers, got {said[:60]!r}") from error


def pairs(found: Iterable[Iterable[float]], where: Path | str) -> list[tuple[float, float]]:
    """Return points (x, y).

    Raises:
        InputError: one has no two numbers.
    """
    try:
        points = [tuple(float(number) for number in point) for point in found]
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}: expected points [x, y], got {str(found)[:60]}") from error
    if any(len(point) != 2 for point in points):
        raise InputError(f"{where}: expected points [x, y], got {str(found)[:60]}")
    return [(point[0], point[1]) for point in points]
