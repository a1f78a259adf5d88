"""The fewest corners of a line that stays between two walls, in several dimensions at once. Knows numbers only, nothing of boxes.

The corners need not lie on what was measured, only between the walls: that is what makes them few where a measurement jitters.
From the first place on, all places are found that one straight piece reaches, then all that two reach, and so on. Of each place the
values that can be reached are known as one interval a dimension; on the way back a value is chosen in each. Where places
can be reached in several ways, that with the widest intervals is kept, and only the last few places of each round are followed: what
starts later gets further. So the number of corners is close to the least there is, not proven to be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_Floats: TypeAlias = NDArray[np.float64]
_STARTS = 7
"""Values of an interval from which pieces are tried: what lies between two that are possible is possible too."""

_FOLLOWED = 6
"""Places of a round that are followed further."""

_WINDOW = 32
"""Places looked at ahead at first; twice as many as long as all of them are reached."""

_SLACK = 1e-9
"""What rounding may cost."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A place that can be reached, the values (d,) it can be reached with, and the node before it."""

    place: int
    low: _Floats
    high: _Floats
    before: "_Node | None" = None


def corners(low: _Floats, high: _Floats, *, level: bool) -> tuple[list[int], _Floats]:
    """Return the places of the corners and their values (corners, d); the walls ``low`` and ``high`` are (n, d), n >= 1.

    The first corner is at place 0, the last at n - 1; with ``level`` it may come earlier, as long as the line runs on level from it.
    """
    floor = np.maximum.accumulate(low[::-1])[::-1]
    roof = np.minimum.accumulate(high[::-1])[::-1]
    last = len(low) - 1
    nodes = [_Node(0, low[0], high[0])]
    while True:
        for node in nodes:
            if node.place == last or (level and _meets(node, floor, roof)):
                return _back(_onto(node, floor, roof), low, high)
        nodes = _further(nodes, low, high)


def _meets(node: _Node, floor: _Floats, roof: _Floats) -> bool:
    """Tell whether a level line leads from a node to the end."""
    found = _onto(node, floor, roof)
    return bool((found.low <= found.high).all())


def _onto(node: _Node, floor: _Floats, roof: _Floats) -> _Node:
    """Return the node with the values alone from which a level line leads to the end."""
    low, high = np.maximum(node.low, floor[node.place]), np.minimum(node.high, roof[node.place])
    return _Node(node.place, low, high, node.before)


def _further(nodes: Sequence[_Node], low: _Floats, high: _Floats) -> list[_Node]:
    """Return the places that one more piece reaches and that were not reached before, in order."""
    known = nodes[-1].place
    best: dict[int, tuple[float, _Node]] = {}
    for node in nodes[-_FOLLOWED:]:
        lows, highs = _reach(node, low, high)
        first = known - node.place
        widths = (highs - lows)[first:]
        worth = widths.min(1) + widths.mean(1) / 16
        for step, value in enumerate(worth.tolist(), first):
            place = node.place + 1 + step
            if place not in best or best[place][0] < value:
                best[place] = value, _Node(place, lows[step], highs[step], node)
    return [best[place][1] for place in sorted(best)]


def _reach(node: _Node, low: _Floats, high: _Floats) -> tuple[_Floats, _Floats]:
    """Return the values (m, d) with which a straight piece from a node reaches the m places after it."""
    ahead, window = len(low) - 1 - node.place, _WINDOW
    while True:
        lows, highs = _look(node, low, high, min(window, ahead))
        if len(lows) < min(window, ahead) or len(lows) == ahead:
            return lows, highs
        window *= 2


def _look(node: _Node, low: _Floats, high: _Floats, many: int) -> tuple[_Floats, _Floats]:
    """Return the same, looking at most ``many`` places ahead."""
    chosen = slice(node.place + 1, node.place + 1 + many)
    steps = np.arange(1, many + 1, dtype=float)[:, None]
    starts = np.linspace(node.low, node.high, _STARTS)[:, None]
    least = np.maximum.accumulate((low[chosen] - starts) / steps, axis=1)
    most = np.minimum.accumulate((high[chosen] - starts) / steps, axis=1)
    open_ = least <= most + _SLACK
    count = int(np.count_nonzero(np.all(np.any(open_, axis=0), axis=1)))
    open_, steps = open_[:, :count], steps[:count]
    lows = np.where(open_, starts + least[:, :count] * steps, np.inf).min(0)
    highs = np.where(open_, starts + most[:, :count] * steps, -np.inf).max(0)
    return lows, highs


def _back(node: _Node, low: _Floats, high: _Floats) -> tuple[list[int], _Floats]:
    """Return the corners that lead to a node."""
    values = [(node.low + node.high) / 2]
    places = [node.place]
    while node.before is not None:
        node = _towards(node.before, places[-1], values[-1], low, high)
        values.append((node.low + node.high) / 2)
        places.append(node.place)
    return places[::-1], np.array(values[::-1])


def _towards(node: _Node, place: int, value: _Floats, low: _Floats, high: _Floats) -> _Node:
    """Return the node with the values alone from which a straight piece leads to ``value`` at ``place``."""
    between = slice(node.place + 1, place)
    part = ((place - node.place) / (place - np.arange(node.place + 1, place)))[:, None]
    lows = value + (low[between] - value) * part
    highs = value + (high[between] - value) * part
    return _Node(
        node.place,
        np.maximum(node.low, lows.max(0, initial=-np.inf)),
        np.minimum(node.high, highs.min(0, initial=np.inf)),
        node.before,
    )
