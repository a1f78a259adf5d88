"""Are the pictures of a dataset those of the recording, none shifted? Knows no format by name.

JPEGs are decoded at an eighth of their size, the recording's frames are averaged to it: what compression costs is
far less there than a ball that rolls on by one frame.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.types import FrameBatch
from engine.types import Image as Picture
from exports.format import Format
from exports.masks import ClipMasks
from exports.verify_pictures import SHRINK, look

APART: Final = 10.0
"""Grey levels of 255 between blocks of 8 x 8 pixels; compression at quality 95 costs 2."""

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
        shown = look(picture)
        if isinstance(shown, str):
            yield shown
            return
        if apart := _apart(shown, rgb, scaled=rgb.shape[:2] != places.size):
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


def _apart(shown: Picture, rgb: Picture, *, scaled: bool) -> float:
    """Return how far the worst block of two pictures is apart in grey levels, 0 where that is what compression costs."""
    grey = Image.fromarray(rgb).convert("L")
    small = grey.reduce(SHRINK)
    other = Image.fromarray(shown).convert("L")
    if scaled or small.size != other.size:
        small, other = grey.resize(GRID, Image.Resampling.BOX), _cells(other)
    apart = float(np.abs(_levels(small) - _levels(other)).max())
    return apart if apart > APART else 0.0


def _cells(picture: Image.Image) -> Image.Image:
    """Return the means of the cells of a coarse grid."""
    return picture.resize(GRID, Image.Resampling.BOX)


def _levels(picture: Image.Image) -> NDArray[np.float32]:
    """Return grey levels, float32 (H, W)."""
    return np.asarray(picture, np.float32)
