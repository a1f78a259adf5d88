"""Are the pictures of a dataset those of the recording, none shifted? Knows no format by name.

JPEGs are decoded at an eighth of their size and the recording's frames are averaged to it, or both to a coarse grid
where pictures are scaled: what compression costs is far less there than a ball that rolls on by one frame.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from engine.datasets.files import read_still
from engine.errors import InputError
from engine.types import FrameBatch
from engine.types import Image as Picture
from exports.checks.pictures import SHRINK, look
from exports.format import Format
from exports.masks import ClipMasks

APART: Final = 8.0
"""Levels of 255 of red, green or blue between blocks of 8 x 8 pixels; compression at quality 95 costs 3."""

GRID: Final = (32, 18)


def check_pictures(
    path: Path, made: Format, masks: ClipMasks, recorded: Iterable[FrameBatch]
) -> Iterator[str]:
    """Compare each picture below ``path`` with its frame of the recording; tell the first that differs."""
    places = made.pictures(masks.clip, step=masks.step)
    seen = 0
    for number, rgb in _frames(recorded, masks.thin):
        seen = number + 1
        if number % places.every:
            continue
        picture = path / places.name(number)
        apart = _apart(picture, rgb, scaled=rgb.shape[:2] != places.size)
        if isinstance(apart, str):
            yield apart
            return
        if apart > APART:
            yield f"{masks.clip.id}: {picture}: differs from frame {number * masks.thin} of the recording by {apart:.0f}"
            return
    if seen != masks.clip.frames:
        yield f"{masks.clip.id}: the recording has {seen} frames, the dataset {masks.clip.frames}"


def _frames(batches: Iterable[FrameBatch], thin: int) -> Iterator[tuple[int, Picture]]:
    """Yield the frames that are exported, with their numbers there."""
    for batch in batches:
        for offset, rgb in enumerate(batch.rgb):
            number, rest = divmod(batch.first + offset, thin)
            if not rest:
                yield number, rgb


def _apart(picture: Path, rgb: Picture, *, scaled: bool) -> float | str:
    """Return how far the worst block of two pictures is apart, in levels of a colour, or what is wrong with the file."""
    recorded = Image.fromarray(rgb)
    tiny = min(rgb.shape[:2]) < SHRINK  # no block is whole: only the mean can be compared
    if scaled or tiny:
        try:
            shown = Image.fromarray(read_still(picture))
        except InputError as error:
            return str(error)
        grid = (1, 1) if tiny else GRID
        return _difference(*(one.resize(grid, Image.Resampling.BOX) for one in (recorded, shown)))
    small = look(picture)
    if isinstance(small, str):
        return small
    pair = recorded.reduce(SHRINK), Image.fromarray(small)
    return _difference(*(_whole_blocks(one, rgb) for one in pair))


def _whole_blocks(small: Image.Image, rgb: Picture) -> Image.Image:
    """Return what is left without the blocks that the edge of a picture cuts: a JPEG fills them up with what it likes."""
    high, wide = (length // SHRINK for length in rgb.shape[:2])
    return small.crop((0, 0, wide, high)) if small.width >= wide and small.height >= high else small


def _difference(one: Image.Image, other: Image.Image) -> float:
    """Return the largest difference in a colour; pictures of different sizes have the largest there is."""
    if one.size != other.size:
        return 255.0
    levels = [np.asarray(picture, np.float32) for picture in (one, other)]
    return float(np.abs(levels[0] - levels[1]).max())
