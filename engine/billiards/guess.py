"""Guesses from the balls of one picture which game is played; knows no network and no other picture.

Each game expects its kinds in its own proportions. The game under which what was seen is likeliest is taken; games
of the same kinds of balls (eight-ball and nine-ball) need no telling apart, since they give the same names.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.billiards.classes import KINDS, PROFILES, Profile, profile

AUTO = "auto"
ANY = "any"
LEAST = 1e-3


def guess(kinds: Sequence[str], beliefs: NDArray[np.floating]) -> str:
    """Return the name of the game that the balls of a picture fit best, "any" where there is nothing to go by.

    Args:
        kinds: names of the columns of ``beliefs``; "plain" also stands for kinds that have no column.
        beliefs: (N, K) for each ball how likely each kind is, rows sum to 1.
    """
    if not len(beliefs) or not set(kinds) <= set(KINDS):
        return ANY
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


def check(name: str) -> str:
    """Return the name of a game, or "auto", as it is.

    Raises:
        SettingsError: there is no such profile; the known ones are listed.
    """
    return name if name == AUTO else profile(name).name
