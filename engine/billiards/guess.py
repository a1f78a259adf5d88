"""Guesses from the balls of one picture which game is played; knows no network and no other picture.

Two things tell: kinds and room. A snooker table is twice as large for its balls as any other: from straight above, its cloth is
2,300 to 2,500 times a ball's diameter squared, that of pool and carom at most 1,200; seen from the side both show less.
Of the kinds, each game expects its kinds in its own proportions. The game under which what was seen is likeliest is taken; games
of the same kinds of balls (eight-ball and nine-ball) need no telling apart, since they give the same names.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.billiards.classes import KINDS, PROFILES, Profile, profile
from engine.billiards.cloth import playing_surface
from engine.geometry import height, width
from engine.types import Box

AUTO = "auto"
ANY = "any"
LEAST = 1e-3
ROOMY = 1400.0
LARGE_TABLE = "snooker"


def guess(kinds: Sequence[str], beliefs: NDArray[np.floating], *, room: float | None = None) -> str:
    """Return the name of the game that the balls of a picture fit best, "any" where there is nothing to go by.

    Args:
        kinds: names of the columns of ``beliefs``; "plain" also stands for kinds that have no column.
        beliefs: (N, K) for each ball how likely each kind is, rows sum to 1.
        room: area of the cloth over the square of the balls' usual diameter, None where there is no cloth.
    """
    if not len(beliefs) or not set(kinds) <= set(KINDS):
        return ANY
    if room is not None and room >= ROOMY:
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


def room_for(boxes: Sequence[Box], rgb: NDArray[np.uint8]) -> float | None:
    """Return the area of the cloth of a frame, uint8 (H, W, 3), over the square of its balls' usual longer side."""
    hull = playing_surface(rgb) if boxes else None
    ball = float(np.median([max(width(box), height(box)) for box in boxes])) if boxes else 0.0
    return None if hull is None or ball <= 0 else hull.area / ball**2


def check(name: str) -> str:
    """Return the name of a game, or "auto", as it is.

    Raises:
        SettingsError: there is no such profile; the known ones are listed.
    """
    return name if name == AUTO else profile(name).name
