"""How large a ball ought to be at a place in the picture. Knows that all balls of a table are of one size, no shapes.

The logarithm of a diameter is nearly a plane over the picture as the table recedes. The plane is fitted to
what was seen of every track at its latest places, by least absolute deviations (iteratively reweighted least
squares), so a third of wrong masks does not tilt it.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import exp, hypot, log
from statistics import median

import numpy as np
from numpy.typing import NDArray

from engine.doubts.sight import Sight

PLACES = 6
EACH = 5
ENOUGH = 4
ALIKE = 1.2
ROUND = 0.95
STRETCHED = 1.25
_ROUNDS = 6
_FLAT = 0.02  # weight of the belief that the table does not recede, against one ball's worth of evidence

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a track stayed, and the logarithms of the first few diameters seen there."""

    x: float
    y: float
    seen: tuple[float, ...]

    @property
    def size(self) -> float:
        return median(self.seen)  # of so few numbers much faster than numpy's


@dataclass(slots=True)
class Sizes:
    """What was learnt so far; memory is bounded by the number of tracks. ``high`` is the picture's height."""

    high: int
    _places: dict[int, deque[_Place]] = field(default_factory=dict)
    _plane: _Floats | None = None

    def learn(self, sights: Iterable[Sight]) -> None:
        """Take in the masks of one frame that show a whole ball at rest or slow: no rim, no blur, nothing before it."""
        for one in sights:
            if _shows_all(one) and self._noted(one):
                self._plane = None

    def _noted(self, one: Sight) -> bool:
        """Note a sight where it tells something new."""
        places = self._places.setdefault(one.track, deque(maxlen=PLACES))
        (x, y), size = one.middle, log(one.diameter)
        last = places[-1] if places else None
        if last is None or hypot(x - last.x, y - last.y) > one.breadth:
            places.append(_Place(x, y, (size,)))
        elif len(last.seen) < EACH:
            places[-1] = _Place(last.x, last.y, (*last.seen, size))
        else:
            return False
        return True

    def usual(self, one: Sight) -> float:
        """Return the diameter that this track had so far, brought to its present place; its own if it is new.

        Balls are of one size: what the others suggest bounds it.
        """
        places, right = self._places.get(one.track), self.right(one)
        own = self._own(one, places) if places else right or one.length
        return min(max(own, right / ALIKE), right * ALIKE) if right else own

    def _own(self, one: Sight, places: Iterable[_Place]) -> float:
        """Return the median diameter of a track's places, each brought to where it is now."""
        (_, across, down), (x, y) = self._fitted().tolist(), one.middle
        return exp(
            median(
                place.size + (across * (x - place.x) + down * (y - place.y)) / self.high
                for place in places
            )
        )

    def right(self, one: Sight) -> float:
        """Return the diameter that the other balls suggest for this place; 0 while there are fewer than four."""
        if len(self._places) < ENOUGH:
            return 0.0
        (base, across, down), (x, y) = self._fitted().tolist(), one.middle
        return exp(base + (across * x + down * y) / self.high)

    def _fitted(self) -> _Floats:
        """Return the plane: value at the origin, slopes along x and y per height of the picture."""
        if self._plane is None:
            rows = [(p.x, p.y, p.size) for places in self._places.values() for p in places]
            self._plane = _plane(np.array(rows, np.float64).reshape(-1, 3), self.high)
        return self._plane


def _shows_all(one: Sight) -> bool:
    """Tell whether a mask can be a whole ball: an ellipse nearly as wide as long, away from the rim."""
    return not one.at_rim and one.filled > ROUND and one.length < STRETCHED * one.breadth


def _plane(points: _Floats, high: int) -> _Floats:
    """Fit the plane to ``points``, float64 (N, 3): x, y in pixels and the logarithm of a diameter."""
    sizes = points[:, 2]
    middle = points[:, :2].mean(0) / high if len(points) else np.zeros(2)
    sides = np.column_stack([np.ones(len(points)), points[:, :2] / high - middle])
    found = np.array([float(np.median(sizes)) if len(points) else 0.0, 0.0, 0.0])
    for _ in range(_ROUNDS if len(points) > 1 else 0):
        weights = 1 / np.maximum(np.abs(sizes - sides @ found), 0.01)
        weights /= weights.mean()
        normal = (sides * weights[:, None]).T @ sides + np.diag([0, _FLAT, _FLAT])
        found = np.linalg.solve(normal, (sides * weights[:, None]).T @ sizes)
    return np.array([found[0] - found[1:] @ middle, *found[1:]])
