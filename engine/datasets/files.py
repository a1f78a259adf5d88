"""Files of datasets: checked JSON, still pictures, lists of names. Knows no format."""

import json
import math
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from engine.errors import InputError
from engine.media.still import UNREADABLE
from engine.types import Image

MOST = 2**31 - 1
LONGEST_SIDE = 65_535  # pixels that a JPEG can have
PICTURES = (".jpg", ".jpeg", ".png")
_LAST_DIGITS = re.compile(r"(\d{1,9})$")


def read_json(path: Path) -> dict[str, Any]:
    """Return an object from a JSON file.

    Raises:
        InputError: the file is absent, no JSON, or no object.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not readable as JSON ({error}); write it again") from error
    if not isinstance(said, dict):
        raise InputError(f"{path}: holds a {type(said).__name__}, expected an object")
    return said


def value(said: Mapping[str, Any], key: str, path: Path | str) -> Any:
    """Return an entry that must be there.

    Raises:
        InputError: it is not.
    """
    if key not in said:
        raise InputError(f"{path}: has no {key!r}; found {', '.join(map(repr, said)) or 'nothing'}")
    return said[key]


def whole(
    said: Mapping[str, Any], key: str, path: Path | str, *, least: int = 0, most: int = MOST
) -> int:
    """Return an entry that must be a whole number from ``least`` to ``most``; 483.0 is one.

    Raises:
        InputError: it is not there, no number, not whole, too small or too large.
    """
    found = value(said, key, path)
    number = isinstance(found, int) or (isinstance(found, float) and math.isfinite(found))
    if not number or isinstance(found, bool) or found != int(found) or not least <= found <= most:
        raise InputError(
            f"{path}: {key} is {str(found)[:20]!r}, expected a whole number from {least} to {most}"
        )
    return int(found)


def side(said: Mapping[str, Any], key: str, path: Path | str) -> int:
    """Return an entry that must be a width or height in pixels; errors as for ``whole``."""
    return whole(said, key, path, least=1, most=LONGEST_SIDE)


def text(said: Mapping[str, Any], key: str, path: Path | str) -> str:
    """Return an entry that must be words.

    Raises:
        InputError: it is not there, no text or empty.
    """
    found = value(said, key, path)
    if not isinstance(found, str) or not found.strip():
        raise InputError(f"{path}: {key} is {str(found)[:40]!r}, expected a name")
    return found


def read_still(path: Path) -> Image:
    """Return a picture as uint8 (H, W, 3).

    Raises:
        InputError: there is none, or it is damaged.
    """
    rgb: Image = _opened(path, lambda opened: np.asarray(opened.convert("RGB")))
    return rgb


def read_numbers(path: Path) -> NDArray[np.uint16]:
    """Return the number at each pixel of a palette, grey or black-and-white picture as uint16 (H, W).

    Raises:
        InputError: there is none, it is damaged, or in colours: those are no numbers.
    """
    numbers = _opened(path, lambda opened: (opened.mode, np.asarray(opened)))
    mode, found = numbers
    if mode not in ("1", "P", "L", "I", "I;16", "I;16B"):
        raise InputError(
            f"{path}: a picture of mode {mode}, expected a palette or grey one with a number at each pixel; "
            "colours are no numbers"
        )
    if found.size and not 0 <= int(found.min()) <= int(found.max()) < 2**16:
        raise InputError(f"{path}: numbers {found.min()} to {found.max()}, expected 0 to 65535")
    return np.asarray(found, np.uint16)


def read_size(path: Path) -> tuple[int, int]:
    """Return (width, height) of a picture without decoding it; errors as for ``read_still``."""
    wide, high = _opened(path, lambda opened: opened.size)
    return int(wide), int(high)


def numbered(folder: Path, *, endings: tuple[str, ...] = PICTURES) -> dict[int, str]:
    """Return the name of each picture of a folder by the number at the end of its name, in order.

    Raises:
        InputError: a name ends in no number, or two in the same.
    """
    found: dict[int, str] = {}
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    for name in sorted(names):
        stem, dot, ending = name.rpartition(".")
        if name.startswith(".") or (dot + ending).lower() not in endings:
            continue
        number = trailing(stem)
        if number is None:
            raise InputError(f"{folder / name}: expected a name that ends in the frame's number")
        if (first := found.setdefault(number, name)) != name:
            raise InputError(f"{folder}: both {first} and {name} are frame {number}; keep one")
    return dict(sorted(found.items()))


def trailing(stem: str) -> int | None:
    """Return the number at the end of a name, None where there is none."""
    last = _LAST_DIGITS.search(stem)
    return int(last[1]) if last and last[1].isascii() else None


def spacing(numbers: list[int], where: Path | str) -> int:
    """Return the distance from each frame to the next, 1 where there is one frame.

    Raises:
        InputError: a frame is missing between others.
    """
    distance = min((after - before for before, after in pairwise(numbers)), default=1)
    for before, after in pairwise(numbers):
        if after - before != distance:
            raise InputError(
                f"{where}: frame {before + distance} is missing: {before} is followed by {after}; "
                f"expected every frame, or every {distance}th"
            )
    return distance


def _opened(path: Path, take: Callable[[Any], Any]) -> Any:
    """Open a picture and take something of it."""
    try:
        with Pillow.open(path) as opened:
            return take(opened)
    except UNREADABLE as error:
        raise InputError(f"{path}: not readable as a picture ({error})") from error
