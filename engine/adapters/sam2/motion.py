"""Where the picture has changed since the frame before; knows pixels, no balls and no network.

What lies where nothing has changed has not just come there: so a ball that is sought is no logo and no ball at rest.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.models.windows import View
from engine.types import Box, Image

Small: TypeAlias = NDArray[np.uint8]

_SHRINK = 4
_CHANGE = 12


def small(rgb: Image) -> Small:
    """Return a picture as grey blocks of 4 x 4 pixels, uint8 (H // 4, W // 4)."""
    high, wide = rgb.shape[0] // _SHRINK * _SHRINK, rgb.shape[1] // _SHRINK * _SHRINK
    rows = rgb[:high, :wide].reshape(high // _SHRINK, _SHRINK, 3 * wide)
    summed = rows[:, 0].astype(np.uint16)
    for k in range(1, _SHRINK):  # whole rows: a mean over several axes takes five times as long
        summed += rows[:, k]
    # A block is twelve sums of 1020 at most. Four lie in one word and are added at once, without a carry from one to
    # the next; a product with a vector of ones would wake threads that get in the way of the network's.
    words = summed.view(np.uint64).reshape(*rows.shape[:1], -1, 3)
    four = (words[..., 0] + words[..., 1] + words[..., 2])[..., None].view(np.uint16)
    total = (four[..., 0] + four[..., 1]) + (four[..., 2] + four[..., 3])
    blocks: Small = (total // np.uint16(3 * _SHRINK**2)).astype(np.uint8)
    return blocks


def change(before: Small | None, now: Small) -> NDArray[np.bool_]:
    """Return where two pictures differ, bool (h, w); everywhere when there is none before."""
    if before is None or before.shape != now.shape:
        return np.ones(now.shape, bool)
    return np.asarray(np.abs(before.astype(np.int16) - now) > _CHANGE)


def share(changed: NDArray[np.bool_], box: Box | View) -> float:
    """Return how much of a box in frame pixels has changed, 0..1."""
    high, wide = changed.shape
    x0, y0 = (
        min(max(0, int(v) // _SHRINK), limit - 1)
        for v, limit in zip(box[:2], (wide, high), strict=True)
    )
    x1, y1 = (max(low + 1, -(-int(v) // _SHRINK)) for v, low in zip(box[2:], (x0, y0), strict=True))
    return float(changed[y0:y1, x0:x1].mean())
