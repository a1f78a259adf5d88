"""What a single mask looks like as a shape: size, middle, roundness, pieces. Knows no time and no other ball.

Lengths are pixels. A mask is compared with the ellipse of the same second moments: a disc, an ellipse
and a motion-blurred streak of one width fill theirs; what is torn, bent or hollow does not.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.types import RLE, Box, Mask, TrackMask

_PIXEL = 1 / 12  # second moment of a square of one pixel


@dataclass(frozen=True, slots=True)
class Sight:
    """One mask, measured.

    Attributes:
        mask: what was measured.
        box: tight half-open box, xyxy.
        area: pixels.
        middle: mean place of its pixels, x and y.
        length: longer axis of the ellipse of the same second moments, that is the diameter of a disc.
        breadth: its shorter axis; motion blur adds at most a seventh to it.
        filled: area over that of the ellipse; 1 for a disc, less for what is torn, bent or hollow.
        loose: share of the area outside the largest piece.
        hollow: area of holes over area.
        at_rim: it touches the edge of the picture.
    """

    mask: TrackMask
    box: Box
    area: int
    middle: tuple[float, float]
    length: float
    breadth: float
    filled: float
    loose: float
    hollow: float
    at_rim: bool

    @property
    def track(self) -> int:
        """The track's number."""
        return self.mask.track

    @property
    def diameter(self) -> float:
        """Diameter in pixels of the disc as large as the ellipse."""
        return sqrt(self.length * self.breadth)


def sight(mask: TrackMask) -> Sight | None:
    """Measure a mask; None for one without a pixel."""
    found = _measured(mask.rle)
    return None if found is None else Sight(mask, **found)


@lru_cache(maxsize=64)
def _measured(pixels: RLE) -> dict[str, Any] | None:
    """Return all that a sight says of pixels alone; those of a ball at rest are the same on frame after frame."""
    box = rle.bbox(pixels)
    if box is None:
        return None
    x0, y0, x1, y1 = (int(side) for side in box)
    grid = rle.decode_crop(pixels, (x0, y0, x1, y1))
    rows, columns = np.nonzero(grid)
    (x, y), (length, breadth) = _middle(columns, rows), _axes(columns, rows)
    loose, hollow = _torn(grid)
    high, wide = pixels.size
    return {
        "box": box,
        "area": len(rows),
        "middle": (x0 + x, y0 + y),
        "length": length,
        "breadth": breadth,
        "filled": len(rows) / (pi / 4 * length * breadth),
        "loose": loose,
        "hollow": hollow,
        "at_rim": x0 == 0 or y0 == 0 or x1 == wide or y1 == high,
    }


def _middle(columns: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[float, float]:
    """Return the mean of the pixels' centres, x and y."""
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


def _axes(columns: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[float, float]:
    """Return the longer and the shorter axis of the ellipse of the same second moments."""
    x, y = columns - columns.mean(), rows - rows.mean()
    across, down = float((x * x).mean()) + _PIXEL, float((y * y).mean()) + _PIXEL
    both = float((x * y).mean())
    mean, spread = (across + down) / 2, sqrt(((across - down) / 2) ** 2 + both**2)
    return 4 * sqrt(mean + spread), 4 * sqrt(max(mean - spread, _PIXEL))


def _torn(grid: Mask) -> tuple[float, float]:
    """Return the share of pixels outside the largest piece, and the area of holes over that of the mask."""
    if _is_whole(grid):
        return 0.0, 0.0
    total = int(grid.sum())
    pieces = _pieces(grid, corners=True)
    outside, *holes = _pieces(np.pad(~grid, 1, constant_values=True), corners=False)
    return 1 - max(pieces) / total, sum(holes) / total if outside else 0.0


def _is_whole(grid: Mask) -> bool:
    """Tell quickly whether each column has one run and touches the next: one piece without a hole."""
    starts = grid[0] + (grid[1:] & ~grid[:-1]).sum(0)
    return bool((starts == 1).all() and (grid[:, 1:] & grid[:, :-1]).any(0).all())


def _pieces(grid: Mask, *, corners: bool) -> list[int]:
    """Return the areas of connected pieces, that of the first pixel first; ``corners`` join too."""
    left, areas = grid.copy(), []
    while left.any():
        piece = np.zeros_like(left)
        piece.flat[int(left.argmax())] = True
        while (wider := _grown(piece, corners=corners) & left).sum() > piece.sum():
            piece = wider
        areas.append(int(piece.sum()))
        left &= ~piece
    return areas


def _grown(piece: Mask, *, corners: bool) -> Mask:
    """Return the piece with its neighbours on four sides, or on eight."""
    wide = np.pad(piece, 1)
    columns = wide[1:-1, :-2] | wide[1:-1, 2:] | piece
    if not corners:
        return columns | wide[:-2, 1:-1] | wide[2:, 1:-1]
    tall = np.pad(columns, ((1, 1), (0, 0)))
    return columns | tall[:-2] | tall[2:]
