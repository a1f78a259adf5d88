"""How far found balls lie from the true ones, in pixels. Knows masks of matched tracks."""

from collections.abc import Mapping, Sequence
from math import hypot

import numpy as np

from engine import rle
from engine.evaluation.matching import Compared
from engine.types import RLE


def centre(mask: RLE) -> tuple[float, float]:
    """Return the mean place (x, y) of the pixels of a mask that is not empty; a pixel's place is its middle."""
    box = rle.bbox(mask)
    if box is None:
        raise ValueError("centre: the mask is empty; an empty mask has no place")
    x0, y0, x1, y1 = map(int, box)
    rows, columns = np.nonzero(rle.decode_crop(mask, (x0, y0, x1, y1)))
    return float(columns.mean() + x0 + 0.5), float(rows.mean() + y0 + 0.5)


def centre_errors(compared: Sequence[Compared], matches: Mapping[int, int]) -> list[float]:
    """Return the distance in pixels for each frame in which a true ball and the track that serves it are both visible."""
    errors = []
    for one in compared:
        found = one.found.by_track()
        for mask in one.true.masks:
            served = found.get(matches.get(mask.track, -1))
            if served is not None:
                (x, y), (u, v) = centre(mask.rle), centre(served.rle)
                errors.append(hypot(x - u, y - v))
    return errors
