"""Were run lengths counted along the rows instead of down the columns? Knows masks, and no format.

Readers cannot tell: such a mask decodes to scattered lines. But from one line of a ball to the next its runs advance by
the length of the lines that they were counted along: by the height of the picture in COCO's order, by the width in
the other. Pictures that are nearly square cannot be judged that way.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.types import RLE

SAMPLES: Final = 5  # masks of one masklet that are looked at
COMPACT: Final = 0.5  # of its box: what a mask fills that is in order, as a rule
FEWEST: Final = 5  # runs that a mask needs to say anything
SURE: Final = 0.8  # of all steps from run to run


def by_rows(masks: Sequence[RLE]) -> bool:
    """Say whether masks of one object are surely in order of rows; False wherever there is a doubt."""
    seen = [mask for mask in masks if rle.area(mask)]
    chosen = seen[:: max(1, len(seen) // SAMPLES)][:SAMPLES]
    verdicts = [_by_rows(mask) for mask in chosen if not _compact(mask)]
    return bool(verdicts) and all(verdicts) and 2 * len(verdicts) > len(chosen)


def _compact(mask: RLE) -> bool:
    """Say whether a mask fills so much of its box that it cannot be scattered lines."""
    box = rle.bbox(mask)
    if box is None:
        return True
    x0, y0, x1, y1 = box
    return rle.area(mask) > COMPACT * (x1 - x0) * (y1 - y0)


def _by_rows(mask: RLE) -> bool:
    """Say whether the runs of a mask follow each other at the distance of rows."""
    high, wide = mask.size
    flat = rle.decode(mask).ravel(order="F")
    starts, lengths = _runs(flat)
    if len(starts) < FEWEST:
        return False
    steps, slack = np.diff(starts), float(lengths.max()) / 2 + 1
    if abs(high - wide) <= 2 * slack:
        return False
    rows = float((np.abs(steps - wide) <= slack).mean())
    columns = float((np.abs(steps - high) <= slack).mean())
    return rows >= SURE and columns <= 1 - SURE


def _runs(flat: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the runs of foreground begin, and how long they are."""
    edges = np.flatnonzero(np.diff(flat, prepend=False, append=False))
    return edges[0::2], edges[1::2] - edges[0::2]
