"""From pictures with a number at each pixel to masks and back to nothing else; knows no folders."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.types import RLE


def masks_in(numbers: NDArray[np.uint16]) -> Iterator[tuple[int, RLE]]:
    """Yield each number above 0 of a picture, uint16 (H, W), in order, with its pixels.

    Only pixels that are not background are ever looked at again, and each mask is encoded from the box around it.
    """
    wide = numbers.shape[1]
    places = np.flatnonzero(numbers)
    owners = numbers.reshape(-1)[places]
    order = np.argsort(owners, kind="stable")
    places, owners = places[order], owners[order]
    for group in np.split(places, np.flatnonzero(np.diff(owners)) + 1):
        if len(group):
            number = int(numbers.reshape(-1)[group[0]])
            yield number, _encoded(group // wide, group % wide, numbers.shape)


def _encoded(rows: NDArray[np.int64], columns: NDArray[np.int64], shape: tuple[int, ...]) -> RLE:
    """Encode the pixels at these places, some at least."""
    top, left = int(rows.min()), int(columns.min())
    crop = np.zeros((int(rows.max()) - top + 1, int(columns.max()) - left + 1), np.bool_)
    crop[rows - top, columns - left] = True
    return rle.encode(crop, origin=(left, top), size=(shape[0], shape[1]))
