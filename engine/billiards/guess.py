"""Guesses from the balls of one picture which game is played; knows no network and no other picture.

Two things tell: the table's width and the kinds. A snooker table with its cushions is 36 balls wide, one for pool or carom 24
or 25, and all are twice as long; a picture at times makes it narrower, never wider. Of the kinds, each game expects its own in its own proportions: the game under which what was
seen is likeliest is taken. Games of the same kinds of balls (eight-ball and nine-ball) need no telling apart, since they
give the same names.
"""

from collections.abc import Sequence
from math import atan2, cos, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from engine.billiards.classes import KINDS, PROFILES, Profile, profile
from engine.billiards.cloth import Hull, playing_surface
from engine.geometry import height, width
from engine.types import Box

AUTO = "auto"
ANY = "any"
LEAST = 1e-3
WIDE = 27.0
SLACK = 1.15
LARGE_TABLE = "snooker"


def guess(
    kinds: Sequence[str], beliefs: NDArray[np.floating], *, across: float | None = None
) -> str:
    """Return the name of the game that the balls of a picture fit best, "any" where there is nothing to go by.

    Args:
        kinds: names of the columns of ``beliefs``; "plain" also stands for kinds that have no column.
        beliefs: (N, K) for each ball how likely each kind is, rows sum to 1.
        across: width of the table in balls (see ``table_width``), None where no table is seen.
    """
    if not len(beliefs) or not set(kinds) <= set(KINDS):
        return ANY
    if across is not None and across >= WIDE:
        return LARGE_TABLE
    games = [one for one in PROFILES.values() if one.name != ANY]
    return max(games, key=lambda game: _fit(game, kinds, beliefs)).name


def _fit(game: Profile, kinds: Sequence[str], beliefs: NDArray[np.floating]) -> float:
    """Return the logarithm of how likely the balls are in this game; balls that it does not have count against it."""
    expected = np.array([_share(game, kind, kinds) for kind in kinds])
    likely = np.log(np.maximum(beliefs @ expected, LEAST))
    return float(likely.sum()) + max(0, len(beliefs) - game.balls) * float(np.log(LEAST))


def _share(game: Profile, kind: str, known: Sequence[str]) -> float:
    """Return the share of a game's balls that are called by this kind."""
    most = game.most.get(kind, 0)
    if kind == "plain":
        most += sum(count for other, count in game.most.items() if other not in known)
    return most / game.balls


def balls_across(boxes: Sequence[Box], rgb: NDArray[np.uint8]) -> float | None:
    """Return the width in balls of the table of a frame, uint8 (H, W, 3), None where there is no cloth or no ball."""
    hull = playing_surface(rgb) if boxes else None
    if hull is None:
        return None
    ball = float(np.median([max(width(box), height(box)) for box in boxes]))
    return table_width(hull, ball=ball) if ball > 0 else None


def table_width(hull: Hull, *, ball: float) -> float:
    """Return the least width in balls of a table twice as long as wide that shows this outline to some camera.

    A rectangle of width w that is turned by an angle t from the view along it, and seen at an elevation e, shows the area
    2 w w sin e, the height w (2 cos t + sin t) sin e and the breadth w (2 sin t + cos t). How much of its frame it fills
    gives t or 90 degrees less t; of these the one counts that asks for the smaller table, unless its sin e is clearly above 1.
    Perspective is left out: it is weak where a whole table is in view.
    """
    broad, high = np.ptp(hull.corners, axis=0) / ball
    area = hull.area / ball**2
    turned = min(max((2 * broad * high / area - 2) / 5, 0.0), 0.5)
    angle = atan2(2 * turned, 1 + sqrt(1 - 4 * turned**2))  # half of the arc sine of 2 sin t cos t
    along = area / high * (2 * cos(angle) + sin(angle)) / 2
    aside = area / high * (2 * sin(angle) + cos(angle)) / 2
    return float(aside if area <= SLACK * 2 * aside**2 else along)


def check(name: str) -> str:
    """Return the name of a game, or "auto", as it is.

    Raises:
        SettingsError: there is no such profile; the known ones are listed.
    """
    return name if name == AUTO else profile(name).name
