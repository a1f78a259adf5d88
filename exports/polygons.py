"""Masks as polygons, for formats that hold nothing else, and back. Knows no format and no normalised coordinates.

A polygon runs through the middles of the pixel edges around a mask: filled by the rule that a pixel belongs to it when
its middle is inside, an odd number of times, it is the mask again. Coordinates are pixels, float64 (N, 2), x then y,
origin at the top left corner of the picture; pixels that touch at a corner belong to one part.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.types import RLE, Mask

Polygon: TypeAlias = NDArray[np.float64]

_STEPS: Final = ((1, 0), (0, 1), (-1, 0), (0, -1))
"""East, south, west, north as (dx, dy): with y down each is a right turn from the one before."""

_AHEAD: Final = (((0, -1), (0, 0)), ((0, 0), (-1, 0)), ((-1, 0), (-1, -1)), ((-1, -1), (0, -1)))
"""Offsets (dx, dy) from a corner to the pixels ahead on the left and on the right, for each step."""


def polygon_of(mask: RLE) -> Polygon:
    """Return one polygon for a mask that is not empty: parts and holes are joined by bridges of no width."""
    x0, y0, x1, y1 = map(int, rle.bbox(mask) or (0, 0, 0, 0))
    polygon: Polygon = joined(outlines(rle.decode_crop(mask, (x0, y0, x1, y1)))) + (x0, y0)  # noqa: RUF005 - a sum
    return polygon


def outlines(mask: Mask) -> list[Polygon]:
    """Return the closed outlines of a mask, bool (h, w): of its parts clockwise, of their holes the other way."""
    padded = np.pad(mask, 1)
    rows, columns = np.nonzero(padded[1:] & ~padded[:-1])  # a pixel with none above
    inside, wide = padded.tobytes(), padded.shape[1]
    left = {(int(x), int(y) + 1): None for x, y in zip(columns, rows, strict=True)}
    found = []
    while left:
        corner = next(iter(left))
        ring = list(_walk(inside, wide, corner))
        for start, step in ring:
            if step == 0:
                del left[start]
        corners, steps = np.array([at for at, _ in ring]), np.array([_STEPS[k] for _, k in ring])
        found.append(_straightened(corners + steps / 2.0 - 1.0))
    return found


def joined(rings: list[Polygon]) -> Polygon:
    """Return one polygon through all outlines: each is entered and left by the shortest bridge to those before it.

    A bridge is walked there and back, so that it holds no pixel.
    """
    whole, rest = rings[0], rings[1:]
    while rest:
        links = [_shortest(whole, ring) for ring in rest]
        chosen = min(range(len(rest)), key=lambda index: links[index])
        _, at, start = links[chosen]
        ring = rest.pop(chosen)
        loop = np.concatenate([ring[start:], ring[: start + 1]])
        whole = np.concatenate([whole[: at + 1], loop, whole[at:]])
    return whole


def filled(polygon: Polygon, size: tuple[int, int]) -> Mask:
    """Return bool (height, width): the pixels whose middles are inside an odd number of times."""
    high, wide = size
    after = np.roll(polygon, -1, axis=0)
    level = np.arange(high)[:, None] + 0.5
    crosses = (polygon[:, 1] <= level) != (after[:, 1] <= level)  # (height, N)
    rows, edges = np.nonzero(crosses)
    (x, y), (dx, dy) = polygon[edges].T, (after - polygon)[edges].T
    places = x + (rows + 0.5 - y) / dy * dx
    flips = np.zeros((high, wide + 1), np.int64)
    np.add.at(flips, (rows, np.clip(np.ceil(places - 0.5), 0, wide).astype(np.int64)), 1)
    inside: Mask = np.cumsum(flips, axis=1)[:, :wide] % 2 == 1
    return inside


def kept(mask: RLE, polygon: Polygon) -> float:
    """Return intersection over union, 0..1, of a mask and the pixels that a polygon holds."""
    x0, y0, x1, y1 = map(int, rle.bbox(mask) or (0, 0, 0, 0))
    box = max(0, x0 - 1), max(0, y0 - 1), min(mask.size[1], x1 + 1), min(mask.size[0], y1 + 1)
    drawn = filled(polygon - box[:2], (box[3] - box[1], box[2] - box[0]))
    truth = rle.decode_crop(mask, box)
    either = int((drawn | truth).sum())
    return int((drawn & truth).sum()) / either if either else 1.0


def _walk(
    inside: bytes, wide: int, corner: tuple[int, int]
) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield corners, (x, y) in the padded mask, and steps along an outline: to the left where it can.

    Pixels lie to the right of each step, so that going left keeps pixels that touch at a corner together.
    """
    (x, y), step = corner, 0
    while True:
        yield (x, y), step
        x, y = x + _STEPS[step][0], y + _STEPS[step][1]
        (ax, ay), (bx, by) = _AHEAD[step]
        if inside[(y + ay) * wide + x + ax]:
            step = (step - 1) % 4
        elif not inside[(y + by) * wide + x + bx]:
            step = (step + 1) % 4
        if (x, y) == corner and step == 0:
            return


def _straightened(ring: Polygon) -> Polygon:
    """Return an outline without the points in the middle of straight lines."""
    before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    turns = before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]
    kept_points: Polygon = ring[turns]
    return kept_points


def _shortest(one: Polygon, other: Polygon) -> tuple[float, int, int]:
    """Return the squared length of the shortest bridge between the points of two outlines, and which points those are."""
    gaps = ((one[:, None] - other[None]) ** 2).sum(axis=2)
    at, start = divmod(int(gaps.argmin()), len(other))
    return float(gaps[at, start]), at, start
