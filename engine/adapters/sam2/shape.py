"""How thick a mask is; knows its pixels, no ball and no time.

Motion smears a ball along its way and an arm hides a part of it, but nothing makes it thicker: a mask that is has
taken in something else.
"""

import cv2
import numpy as np

from engine import rle
from engine.types import RLE

_SWELL = 1.35
_GROWS, _SHRINKS = 0.02, 0.005  # of its size, the most in a frame as it rolls nearer or away


def thickness(mask: RLE) -> float:
    """Return the diameter in pixels of the largest circle that fits into a mask, 0 for an empty one."""
    box = rle.bbox(mask)
    if box is None:
        return 0.0
    x0, y0, x1, y1 = map(int, box)
    inside = np.pad(rle.decode_crop(mask, (x0, y0, x1, y1)), 1).astype(np.uint8)
    far = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return (
        2 * float(far.max()) - 1
    )  # distances are from a pixel's middle to that of the nearest outside


def swollen(mask: RLE, full: float) -> bool:
    """Return whether a mask is too thick for a ball that was ``full`` pixels thick when it was seen whole."""
    return thickness(mask) > _SWELL * full + 1


def whole(mask: RLE, full: float) -> float:
    """Return how thick a ball is when seen whole, which was ``full`` (0: not known) before it showed ``mask``."""
    now = thickness(mask)
    return min(max(now, full * (1 - _SHRINKS)), full * (1 + _GROWS)) if full else now
