"""Finds the cloth of a table in a picture by its colour; knows nothing of balls."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONG_SIDE = 192
BINS = 32
REACH = 0.055
LEAST_OF_PICTURE = 0.06
LEAST_FILLED = 0.6

Grid = NDArray[np.bool_]
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hull:
    """A convex region: ``corners`` float64 (N, 2) in pixels x, y, clockwise as seen on the screen."""

    corners: Points

    def distance(self, point: tuple[float, float]) -> float:
        """Return how far a point is outside the region, in pixels; negative inside."""
        start, end = self.corners, np.roll(self.corners, -1, 0)
        along = end - start
        outward = np.stack([along[:, 1], -along[:, 0]], 1) / np.linalg.norm(along, axis=1)[:, None]
        return float(((np.asarray(point) - start) * outward).sum(1).max())

    @property
    def area(self) -> float:
        """Area in square pixels."""
        x, y = self.corners.T
        return float(abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2)


def playing_surface(rgb: NDArray[np.uint8]) -> Hull | None:
    """Return the convex hull of the cloth, cushions included, or None where no cloth can be made out.

    The cloth's colour is the most frequent one of the picture's middle; of the pixels like it, the region
    around the thickest spot counts. It must fill 6 % of the picture and 60 % of its own hull.

    Args:
        rgb: a frame, uint8 (H, W, 3).
    """
    step = max(1, max(rgb.shape[:2]) // LONG_SIDE)
    small = rgb[step // 2 :: step, step // 2 :: step].astype(np.float32)
    region = connected(cloth_coloured(small))
    if region.mean() < LEAST_OF_PICTURE:
        return None
    hull = convex_hull(np.argwhere(region)[:, ::-1].astype(np.float64))
    if hull is None or region.sum() < LEAST_FILLED * hull.area:
        return None
    return Hull((hull.corners + 0.5) * step)


def cloth_coloured(rgb: NDArray[np.float32]) -> Grid:
    """Return bool (H, W): pixels with the chromaticity that is most frequent in the middle, shaded or not."""
    light = rgb.sum(2)
    colour = rgb[..., :2] / np.maximum(light, 1)[..., None]
    height, width = light.shape
    middle = np.zeros(light.shape, np.bool_)
    middle[height // 5 : height - height // 5, width // 5 : width - width // 5] = True
    middle &= light > 90
    if not middle.any():
        return middle
    cells = np.clip(colour[middle] * BINS, 0, BINS - 1).astype(np.int64)
    peak = int(np.bincount(cells[:, 0] * BINS + cells[:, 1]).argmax())
    guess = (np.array(divmod(peak, BINS)) + 0.5) / BINS
    near = middle & (np.abs(colour - guess).max(2) < 1.5 / BINS)
    alike = np.abs(colour - np.median(colour[near], 0)).max(2) < REACH
    usual = float(np.median(light[near]))
    return np.asarray(alike & (light > 0.3 * usual) & (light < 2.2 * usual), np.bool_)


def connected(mask: Grid) -> Grid:
    """Return the connected part of the mask around its thickest spot, pinholes filled and thin bridges cut."""
    opened = _grow(_shrink(_shrink(_grow(mask))))
    if opened.all():  # nothing ever shrinks a mask without an edge
        return opened
    seed = opened
    while (inner := _shrink(seed)).any():
        seed = inner
    if not seed.any():
        return seed
    return _flood(_first(seed), opened)


def _first(mask: Grid) -> Grid:
    """Return a mask of the first set pixel alone."""
    only = np.zeros_like(mask)
    only.flat[int(mask.argmax())] = True
    return only


def _flood(seed: Grid, mask: Grid) -> Grid:
    """Return everything of the mask that the seed reaches."""
    while True:
        grown = _grow(seed) & mask
        if (grown == seed).all():
            return seed
        seed = grown


def _grow(mask: Grid) -> Grid:
    """Return the mask with one more pixel on its four sides."""
    padded = np.pad(mask, 1)
    return mask | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]


def _shrink(mask: Grid) -> Grid:
    """Return the mask with one pixel less on its four sides; beyond the picture counts as set."""
    padded = np.pad(mask, 1, constant_values=True)
    return mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]


def convex_hull(points: Points) -> Hull | None:
    """Return the convex hull of points (N, 2), or None where they have no area (Andrew's monotone chain)."""
    ordered = np.unique(points, axis=0)
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    corners = np.array(lower[:-1] + upper[:-1])
    return Hull(corners) if len(corners) >= 3 else None


def _chain(ordered: Points) -> list[tuple[float, float]]:
    """Return one half of the hull of points sorted by x, then y."""
    chain: list[tuple[float, float]] = []
    for x, y in ordered.tolist():
        while len(chain) > 1 and _turn(chain[-2], chain[-1], (x, y)) <= 0:
            chain.pop()
        chain.append((x, y))
    return chain


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Return twice the signed area of a triangle: positive where c is to the right of a to b on the screen."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
