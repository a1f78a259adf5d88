"""Knows which parts of a picture deserve a closer look for small balls, and how large; knows no network.

Nobody plays outside the table: only its part of the picture is looked at, in overlapping tiles where it is larger
than a network's input.
"""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from engine.billiards.cloth import playing_surface
from engine.types import Box

Region = tuple[int, int, int, int]

SMALL = 10.0
WANTED = 16.0
MOST_ZOOM = 2.0
MOST_TILES = 6
LEAST_GAIN = 1.25
SHARED = 3.0
MARGIN = 2.0


def closer(
    rgb: NDArray[np.uint8], *, ball: float, scale: float, side: int
) -> tuple[float, tuple[Region, ...]]:
    """Return a larger scale and the parts of a picture to look at with it; no parts where nothing would be won.

    Args:
        rgb: a frame, uint8 (H, W, 3).
        ball: usual longer side of the frame's balls in its pixels.
        scale: network pixels per frame pixel of the look that was taken.
        side: longer side of the network's input in pixels.
    """
    if ball * scale >= SMALL:
        return scale, ()
    zoom = min(WANTED / ball, MOST_ZOOM)
    area = table(rgb, margin=MARGIN * ball)
    while zoom > LEAST_GAIN * scale:
        parts = tiles(area, largest=int(side / zoom), shared=SHARED * ball)
        if len(parts) <= MOST_TILES:
            return zoom, parts
        zoom *= 0.9
    return scale, ()


def table(rgb: NDArray[np.uint8], *, margin: float) -> Region:
    """Return the part of a picture that shows the cloth and ``margin`` pixels around it; all where there is no cloth."""
    height, width = rgb.shape[:2]
    hull = playing_surface(rgb)
    if hull is None:
        return 0, 0, width, height
    low = np.floor(hull.corners.min(0) - margin).astype(int)
    high = np.ceil(hull.corners.max(0) + margin).astype(int)
    return (
        max(0, int(low[0])),
        max(0, int(low[1])),
        min(width, int(high[0])),
        min(height, int(high[1])),
    )


def tiles(region: Region, *, largest: int, shared: float) -> tuple[Region, ...]:
    """Cut a region into the fewest equal parts of at most ``largest`` pixels a side that share ``shared`` with the next.

    Whatever is no longer than ``shared`` lies whole in at least one of them.
    """
    x0, y0, x1, y1 = region
    return tuple(
        (left, top, right, bottom)
        for top, bottom in _cuts(y0, y1, largest, shared)
        for left, right in _cuts(x0, x1, largest, shared)
    )


def _cuts(start: int, stop: int, largest: int, shared: float) -> list[tuple[int, int]]:
    """Return the parts of one side."""
    length, overlap = stop - start, min(ceil(shared), largest // 2)
    if length <= largest:
        return [(start, stop)]
    count = ceil((length - overlap) / (largest - overlap))
    each = ceil((length + (count - 1) * overlap) / count)
    firsts = [start + round(k * (length - each) / (count - 1)) for k in range(count)]
    return [(first, first + each) for first in firsts]


def cut_off(box: Box, part: Region, whole: tuple[int, int], *, near: float = 1.0) -> bool:
    """Say whether a box touches an edge of its part that is no edge of the picture (width, height): it goes on there."""
    x0, y0, x1, y1 = part
    return (
        (box[0] < x0 + near and x0 > 0)
        or (box[1] < y0 + near and y0 > 0)
        or (box[2] > x1 - near and x1 < whole[0])
        or (box[3] > y1 - near and y1 < whole[1])
    )
