"""Writes the names of things beside their masks, where there is room. Draws no mask, knows no files."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from engine import geometry, rle
from engine.types import Box, FrameMasks, Image

_GAP: Final = 3  # pixels between a mask and its name
_LINE: Final = 1.3  # height of a line with what hangs below it, in heights of letters
_EDGE: Final = 1  # pixels of dark around the letters


def label(rgb: Image, row: FrameMasks, names: Mapping[int, str], *, letters: int) -> Image:
    """Return a copy of ``rgb``, uint8 (H, W, 3), with the name of each track above, below or beside its mask.

    A name that would cover a mask or another name is left out: in a crowd not every ball has one. ``letters`` is their
    height in pixels.
    """
    sheet = Pillow.fromarray(rgb)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=letters)
    masks = {mask.track: rle.bbox(mask.rle) for mask in row.masks}
    taken = [box for box in masks.values() if box is not None]
    for track, box in masks.items():
        name = names.get(track, "")
        if box is None or not name:
            continue
        size = pen.textlength(name, font=font) + 2 * _EDGE, letters * _LINE + 2 * _EDGE
        slid = (_slid(at, rgb) for at in _places(box, size))
        place = next((at for at in slid if _free(at, taken)), None)
        if place is not None:
            taken.append(place)
            _write(pen, font, place, name)
    return np.array(sheet)


def _places(box: Box, size: tuple[float, float]) -> Iterator[Box]:
    """Yield where a name of a size may stand: above, below, to the right, to the left of a box."""
    wide, high = size
    x, y = geometry.center(box)
    for left, top in (
        (x - wide / 2, box[1] - _GAP - high),
        (x - wide / 2, box[3] + _GAP),
        (box[2] + _GAP, y - high / 2),
        (box[0] - _GAP - wide, y - high / 2),
    ):
        yield left, top, left + wide, top + high


def _slid(place: Box, rgb: Image) -> Box:
    """Return a place slid into the picture."""
    high, wide = rgb.shape[:2]
    left = max(0.0, min(place[0], wide - geometry.width(place)))
    top = max(0.0, min(place[1], high - geometry.height(place)))
    return left, top, left + geometry.width(place), top + geometry.height(place)


def _free(place: Box, taken: list[Box]) -> bool:
    """Say whether a place covers nothing."""
    return all(geometry.common(place, other) <= 0 for other in taken)


def _write(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    place: Box,
    name: str,
) -> None:
    """Write a name into its place."""
    middle = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
    pen.text(
        middle,
        name,
        font=font,
        anchor="mm",
        fill=(255, 255, 255),
        stroke_width=_EDGE,
        stroke_fill=(16, 16, 16),
    )
