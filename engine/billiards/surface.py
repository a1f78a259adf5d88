"""Where a table ends, told from where balls were and from its pockets. Knows places; no masks, no pictures."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import hypot
from typing import Final

import numpy as np

from engine.billiards.cloth import Hull, convex_hull
from engine.billiards.spots import Spot
from engine.types import Box

_ENOUGH: Final = 4  # pockets that make an outline
_BEYOND: Final = 2.5  # diameters from a ball at a cushion to beyond the line through the pockets


@dataclass(slots=True)
class Surface:
    """The outline of all places at which balls were seen whole; memory holds its corners."""

    pockets: tuple[Box, ...] = ()
    _corners: list[tuple[float, float]] = field(default_factory=list)
    _hull: Hull | None = None

    def learn(self, spots: Iterable[Spot]) -> None:
        """Take in where balls are on a frame."""
        new = [_rounded(spot) for spot in spots if spot.whole and self._is_news(spot)]
        if new:
            self._corners += new
            self._hull = convex_hull(np.array(self._corners))
            if self._hull is not None:
                self._corners = [(float(x), float(y)) for x, y in self._hull.corners]

    def _is_news(self, spot: Spot) -> bool:
        """Tell whether a place lies outside of what is known, and in no pocket."""
        if any(outside(box, spot.x, spot.y) < 0 for box in self.pockets):
            return False
        if self._hull is None:
            return True
        return self._hull.distance((spot.x, spot.y)) > 0.02 * spot.wide

    def ends(self, place: tuple[float, float], outward: tuple[float, float], wide: float) -> bool:
        """Tell whether the table ends where a ball of diameter ``wide`` is, in direction ``outward``."""
        far = hypot(*outward)
        if self._hull is None or far == 0:
            return False
        x, y = outward[0] / far * wide, outward[1] / far * wide
        beyond = self._hull.distance((place[0] + 0.8 * x, place[1] + 0.8 * y)) > 0
        line = self._line()
        if line is None or not beyond:
            return beyond
        return line.distance((place[0] + _BEYOND * x, place[1] + _BEYOND * y)) > 0

    def rim(self, place: tuple[float, float], wide: float) -> bool:
        """Tell whether a place is less than a diameter from where balls never were, or beyond."""
        return self._hull is not None and self._hull.distance(place) > -wide

    def _line(self) -> Hull | None:
        """Return the outline through the pockets, None where too few are known."""
        if len(self.pockets) < _ENOUGH:
            return None
        middles = [((x0 + x1) / 2, (y0 + y1) / 2) for x0, y0, x1, y1 in self.pockets]
        return convex_hull(np.array(middles))


def _rounded(spot: Spot) -> tuple[float, float]:
    """Return a place to a sixteenth of a pixel: corners nearer to each other than that have no line between them."""
    return round(16 * spot.x) / 16, round(16 * spot.y) / 16


def outside(box: Box, x: float, y: float) -> float:
    """Return how far a point is outside a box, in pixels; negative inside."""
    across, down = max(box[0] - x, x - box[2]), max(box[1] - y, y - box[3])
    return hypot(across, down) if min(across, down) > 0 else max(across, down)
