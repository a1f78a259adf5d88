"""Files of datasets: checked JSON, still pictures, passes over a video or a folder of JPEGs. Knows no format."""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from engine.errors import InputError
from engine.media import decode
from engine.media.still import UNREADABLE
from engine.types import Clip, Image

MARKER = "engine.json"


def read_json(path: Path) -> dict[str, Any]:
    """Return an object from a JSON file.

    Raises:
        InputError: the file is absent, no JSON, or no object.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not readable as JSON ({error}); write it again") from error
    if not isinstance(said, dict):
        raise InputError(f"{path}: holds a {type(said).__name__}, expected an object")
    return said


def value(said: dict[str, Any], key: str, path: Path) -> Any:
    """Return an entry that must be there.

    Raises:
        InputError: it is not.
    """
    if key not in said:
        raise InputError(f"{path}: has no {key!r}; found {', '.join(map(repr, said)) or 'nothing'}")
    return said[key]


def marker(folder: Path) -> dict[str, Any]:
    """Return what our side file says of each clip, nothing where there is none."""
    path = folder / MARKER
    if not path.is_file():
        return {}
    clips: dict[str, Any] = read_json(path).get("clips", {})
    return clips


def rate_of(said: object, fallback: Fraction) -> Fraction:
    """Return a rate written as [numerator, denominator], or ``fallback``."""
    match said:
        case [int(above), int(below)] if above > 0 and below > 0:
            return Fraction(above, below)
        case _:
            return fallback


def read_still(path: Path) -> Image:
    """Return a picture as uint8 (H, W, 3).

    Raises:
        InputError: there is none, or it is damaged.
    """
    return _still(path, lambda opened: np.asarray(opened.convert("RGB")))


def read_indices(path: Path) -> Image:
    """Return the indices of a palette or grey picture as uint8 (H, W); errors as for ``read_still``."""
    return _still(path, lambda opened: np.asarray(opened, np.uint8))


def read_size(path: Path) -> tuple[int, int]:
    """Return (width, height) of a picture without decoding it; errors as for ``read_still``."""
    try:
        with Pillow.open(path) as opened:
            wide, high = opened.size
            return wide, high
    except UNREADABLE as error:
        raise InputError(f"{path}: not readable as a picture ({error})") from error


def pictures(clip: Clip, start: int = 0, stop: int | None = None) -> Iterator[Image]:
    """Yield frames ``start`` up to ``stop`` of a clip from its video or its folder of JPEGs, one at a time.

    Raises:
        InputError: a picture is missing or damaged, or the video ends too early.
    """
    last = clip.frames if stop is None else min(stop, clip.frames)
    media = Path(clip.media)
    if media.is_dir():
        return (read_still(media / f"{frame:05d}.jpg") for frame in range(start, last))
    return decode(media, start=start, stop=last)


def _still(path: Path, take: Callable[[Any], Image]) -> Image:
    """Open a picture and take its pixels."""
    try:
        with Pillow.open(path) as opened:
            return take(opened)
    except UNREADABLE as error:
        raise InputError(f"{path}: not readable as a picture ({error})") from error
