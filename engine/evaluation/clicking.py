"""Where a person clicks next, given what is drawn and what is true. Knows masks, no session.

The rule of interactive segmentation: the next click goes into the middle of the largest error, that is where the distance
to the error's rim is greatest; it is positive where the mask is missing and negative where it is too much. Xu et al., "Deep
interactive object selection", CVPR 2016; in this form Sofiiuk et al., "RITM", 2021, and SAM 2's own evaluation.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.errors import InputError
from engine.types import RLE, Mask, Point


def next_click(true: RLE, found: RLE | None) -> Point | None:
    """Return the next click, in pixels at a pixel's middle; None where the masks are equal.

    Args:
        true: what the mask should be; may be empty, where every click is negative.
        found: what is drawn now, None where nothing is.
    """
    drawn = found if found is not None else rle.empty(true.size)
    missing, surplus = _deepest(rle.subtract(true, drawn)), _deepest(rle.subtract(drawn, true))
    deepest, positive = (missing, True) if missing[0] >= surplus[0] else (surplus, False)
    depth, place = deepest
    return Point(*place, positive) if depth else None


def click_into(mask: RLE) -> Point:
    """Return a positive click into the middle of a mask.

    Raises:
        InputError: the mask is empty.
    """
    click = next_click(mask, None)
    if click is None:
        raise InputError("click_into: the mask is empty; there is nothing to click on")
    return click


def _deepest(region: RLE) -> tuple[float, tuple[float, float]]:
    """Return depth in pixels and place (x, y) of the pixel furthest from the region's rim; depth 0 of an empty one."""
    box = rle.bbox(region)
    if box is None:
        return 0.0, (0.0, 0.0)
    x0, y0, x1, y1 = map(int, box)
    depths = _depths(rle.decode_crop(region, (x0, y0, x1, y1)))
    row, column = np.unravel_index(int(depths.argmax()), depths.shape)
    return float(depths[row, column]), (x0 + float(column) + 0.5, y0 + float(row) + 0.5)


def _depths(inside: Mask) -> NDArray[np.float32]:
    """Return the distance of each pixel to the nearest one outside, float32 (h, w); beyond the crop is outside."""
    padded = np.pad(inside.astype(np.uint8), 1)
    depths = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(depths, np.float32)[1:-1, 1:-1]
