"""What a bend of a ball's way says: another ball pushed it, a cushion sent it back, or neither. Knows bends alone, no table."""

from itertools import product
from math import hypot
from typing import Final

from engine.billiards.bends import Bend

CLEAR: Final = 5.0
"""How often its noise a change of speed must be."""

SURE, LIKELY = 0.9, 0.6
"""Certainty of two balls that pushed each other alike, and of those among others that they touch, too."""

_ABRUPT = 1.8  # diameters a second: a change of speed that counts
_PUSHED = 0.6  # of what is asked of the clearer one of two balls, that is asked of the other
_ROLLS = 1.2  # diameters a second: a ball that reaches a cushion
_TOUCH = 1.35  # diameters between middles of balls that touch, as told from their ways
_AGAINST, _EVEN = 0.6, 0.35  # how opposite and how alike in size the changes of two balls are
_LIES = 0.5  # diameters a second that a ball that lies seems to move
_HEAP = 5.0  # diameters across a heap of balls
_AT_ONCE = 1.5  # frames in which all of a heap are struck
_GRAZES = 0.25  # of its speed: a ball that hardly touches a cushion is not told
_GAINS = 1.25  # how much faster a cushion may seem to make a ball


def is_abrupt(turn: Bend, rate: float) -> bool:
    """Tell whether a ball surely changed its speed at once; ``rate`` is frames a second."""
    return turn.firm and turn.clear >= CLEAR and hypot(*turn.change) * rate >= _ABRUPT * turn.wide


def touches(one: Bend, other: Bend) -> bool:
    """Tell whether two balls come together about the time of their bends, by their ways before it or after it."""
    times = (one.frame, (one.frame + other.frame) / 2, other.frame)
    pieces = ((one.before, other.before), (one.after, other.after))
    ways = [(a.at(time), b.at(time)) for (a, b), time in product(pieces, times)]
    near = min(hypot(x - u, y - v) for (x, y), (u, v) in ways)
    return near < _TOUCH * (one.wide + other.wide) / 2


def pushed(turn: Bend, other: Bend, rate: float) -> float:
    """Return how sure it is, 0..1, that a ball that turned and one that it touched pushed each other.

    Balls weigh the same: what one gains the other loses, also as a camera sees it that looks from the side.
    """
    (u, v), (p, q) = turn.change, other.change
    first, second = hypot(u, v), hypot(p, q)
    if second * rate < _PUSHED * _ABRUPT * other.wide or other.clear < _PUSHED * CLEAR:
        return 0.0
    against = -(u * p + v * q) / (first * second)
    if against > _AGAINST and min(first, second) > _EVEN * max(first, second):
        return SURE
    x, y = turn.place[0] - other.place[0], turn.place[1] - other.place[1]
    apart = u * x + v * y > 0 > p * x + q * y
    return LIKELY if against > 0 and apart else 0.0


def begins(turn: Bend, rate: float) -> bool:
    """Tell whether a ball that lay was set in motion at once."""
    return is_abrupt(turn, rate) and turn.before.speed * rate < _LIES * turn.wide


def burst(turn: Bend, other: Bend) -> bool:
    """Tell whether two turns may be of one heap that is struck, where balls hand on what they get: near in place and time."""
    (x, y), (u, v) = turn.place, other.place
    near = hypot(x - u, y - v) < _HEAP * max(turn.wide, other.wide)
    return near and abs(turn.frame - other.frame) < _AT_ONCE


def returns(turn: Bend, rate: float) -> bool:
    """Tell whether a ball that rolled was sent back as by a cushion, and not made faster."""
    (u, v), before = turn.change, turn.before
    if before.u * u + before.v * v >= 0 or hypot(u, v) < _GRAZES * before.speed:
        return False
    rolled = before.speed * rate > _ROLLS * turn.wide
    known = before.many > 2 or before.speed > turn.wide
    return rolled and known and turn.after.speed < _GAINS * before.speed + turn.after.noise


def same_way(one: Bend, other: Bend) -> bool:
    """Tell whether two changes of speed go the same way, within 60 degrees."""
    (u, v), (p, q) = one.change, other.change
    return u * p + v * q > 0.5 * hypot(u, v) * hypot(p, q)
