"""What stands in a mask's PNG: its mode, size, palette and the values that occur. Judges nothing.

Balls at rest and balls that are away give the same file again and again; it is read once.
"""

import hashlib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image

from engine.media.still import UNREADABLE

MODES = ("1", "L", "P")
"""What every loader takes for one number a pixel; colours are dithered to a palette by some of them, silently."""


@dataclass(frozen=True, slots=True)
class Png:
    """A mask's picture: ``size`` is (height, width), ``palette`` "" where there is none, ``values`` ascending."""

    mode: str
    size: tuple[int, int]
    palette: bytes
    values: tuple[int, ...]


@dataclass(slots=True)
class Pngs:
    """Reads pictures of one clip, those of equal bytes once."""

    known: dict[bytes, Png] = field(default_factory=dict)

    def read(self, path: Path) -> Png | str:
        """Return what stands in a PNG, or what is wrong with it."""
        try:
            data = path.read_bytes()
        except OSError as error:
            return f"{path}: not there or not readable ({error.strerror})"
        key = hashlib.sha256(data).digest()
        if key not in self.known:
            found = _read(data)
            if isinstance(found, str):
                return f"{path}: {found}"
            self.known[key] = found
        return self.known[key]


def _read(data: bytes) -> Png | str:
    """Read one picture."""
    try:
        with Image.open(BytesIO(data)) as opened:
            if opened.format != "PNG":
                return f"holds a {opened.format}, its name says PNG"
            if opened.mode not in MODES:
                return f"mode {opened.mode}; expected one number a pixel (mode P, L or 1)"
            size, palette = (opened.height, opened.width), bytes(opened.getpalette() or b"")
            counts = opened.histogram()
            return Png(
                opened.mode, size, palette, tuple(n for n, count in enumerate(counts) if count)
            )
    except UNREADABLE as error:
        return f"does not open as a picture ({error})"
