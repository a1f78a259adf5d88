"""Radial lens distortion after Brown and Conrady: straight lines bend, and back. Knows no camera and no picture.

Coordinates are those of an ideal pinhole at focal length 1: (0, 0) is the optical axis.
A distorted point lies at x (1 + k1 r^2 + k2 r^4). Beyond the radius ``limit`` the factor stays as it is
there, so that the map goes on growing outwards and points far outside never fold back into the picture.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.errors import InputError

Floats: TypeAlias = NDArray[np.float64]

ROUNDS = 7
"""Newton steps of ``undistort``; five reach 1e-12 for every lens that ``random_lens`` draws."""


@dataclass(frozen=True, slots=True)
class Lens:
    """Coefficients of the distortion: ``k1`` and ``k2`` below 0 make barrels, above 0 cushions.

    Raises ``InputError`` when points within ``limit`` would fold over each other.
    """

    k1: float = 0.0
    k2: float = 0.0
    limit: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a lens that is not one to one."""
        square = np.linspace(0, self.limit, 65) ** 2
        if (1 + 3 * self.k1 * square + 5 * self.k2 * square**2 <= 0.05).any():
            raise InputError(
                f"lens k1={self.k1}, k2={self.k2} folds the picture within radius {self.limit}: "
                "expected 1 + 3 k1 r^2 + 5 k2 r^4 > 0 there; take smaller coefficients"
            )

    @property
    def straight(self) -> bool:
        """Tell whether nothing is distorted."""
        return self.k1 == 0 and self.k2 == 0


STRAIGHT = Lens()


def distort(lens: Lens, points: Floats) -> Floats:
    """Return where ideal ``points`` (..., 2) are seen."""
    square = np.minimum((points**2).sum(axis=-1, keepdims=True), lens.limit**2)
    return np.asarray(points * _factor(lens, square))


def undistort(lens: Lens, points: Floats) -> Floats:
    """Return the ideal places of distorted ``points`` (..., 2): the inverse of ``distort``, by Newton's method."""
    far = np.sqrt((points**2).sum(axis=-1, keepdims=True))
    edge = float(_factor(lens, np.float64(lens.limit**2)))
    inside = np.minimum(far, lens.limit * edge)
    radius = inside.copy()
    for _ in range(ROUNDS):
        square = radius**2
        slope = 1 + 3 * lens.k1 * square + 5 * lens.k2 * square**2
        radius = np.clip(radius - (radius * _factor(lens, square) - inside) / slope, 0, lens.limit)
    share = np.where(far > lens.limit * edge, 1 / edge, radius / np.maximum(inside, 1e-12))
    return np.asarray(points * np.where(far < 1e-9, 1.0, share))


def stretch(lens: Lens, radius: float) -> float:
    """Return how much larger than ideal small things near ``radius`` may be seen, at least 1."""
    square = min(radius, lens.limit) ** 2 * np.array([0.8, 1.0, 1.2])
    along = 1 + 3 * lens.k1 * square + 5 * lens.k2 * square**2
    return float(np.maximum(np.maximum(along, _factor(lens, square)), 1.0).max())


def random_lens(rng: Generator, reach: float) -> Lens:
    """Return a lens for pictures whose corners lie ``reach`` from the axis: barrel, cushion, or a mix.

    Corners move by at most about a tenth of their distance.
    """
    bend = float(-abs(rng.normal(0, 0.04)) if rng.random() < 0.7 else abs(rng.normal(0, 0.02)))
    bend = float(np.clip(bend, -0.09, 0.06))
    share = float(rng.uniform(0.7, 1.3))
    k1, k2 = bend * share / reach**2, bend * (1 - share) / reach**4
    return Lens(k1, k2, limit=1.15 * reach)


def _factor(lens: Lens, square: Floats | np.float64) -> Floats:
    return np.asarray(1 + lens.k1 * square + lens.k2 * square**2)
