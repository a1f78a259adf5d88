"""Where the model looks on each frame of a sequence, as it would in use, and what goes wrong there; knows no pixels.

The window follows the ball's last place and velocity (``engine.models.place``), so after a hit it shows the
old place, and while the ball is hidden it waits where the ball was seen last.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import cos, pi, sin

from engine import geometry
from engine.models import place
from engine.models.place import Place
from engine.models.windows import View, window
from engine.training.segmenter_films import Ball
from engine.types import Box


class Mishap(StrEnum):
    """What may happen to a ball: hidden, taken off the table, hit, or its window lands on another ball."""

    NONE = "none"
    COVERED = "covered"
    BRUSHED = "brushed"
    TAKEN = "taken"
    HIT = "hit"
    ASTRAY = "astray"


SHARES = {
    Mishap.COVERED: 0.15,
    Mishap.BRUSHED: 0.09,
    Mishap.TAKEN: 0.11,
    Mishap.HIT: 0.14,
    Mishap.ASTRAY: 0.07,
}


@dataclass(frozen=True, slots=True)
class Fate:
    """A mishap from the ``begin``-th frame of a sequence up to the ``end``-th; the first frame is spared."""

    mishap: Mishap
    begin: int
    end: int

    def at(self, step: int) -> Mishap:
        """Return what happens on one frame of the sequence."""
        return self.mishap if self.begin <= step < self.end else Mishap.NONE


def draw_fate(frames: int, dice: random.Random) -> Fate:
    """Draw what happens to a ball over ``frames`` frames: to about half of them, nothing."""
    begin = dice.randint(1, max(1, frames - 1))
    end = frames if dice.random() < 0.4 else dice.randint(begin + 1, max(begin + 1, frames))
    kinds, shares = list(SHARES), list(SHARES.values())
    mishap = dice.choices([*kinds, Mishap.NONE], [*shares, 1 - sum(shares)])[0]
    return Fate(mishap, begin, end)


def draw_times(count: int, frames: int, dice: random.Random) -> list[int]:
    """Draw which of ``count`` frames to see, forward or backward.

    Behind the first, which is remembered for good, come frames in a row, as in use, or spread over at most seven:
    older ones would be forgotten in use.
    """
    rest = frames - 1
    spread = rest < 5 and dice.random() < 0.3
    span = min(count - 1, dice.randint(rest, 7) if spread else rest)
    begin = dice.randint(1, count - span)
    inner = sorted(dice.sample(range(begin, begin + span), rest)) if spread else None
    later = inner or list(range(begin, begin + rest))
    first = later[0] - 1 if dice.random() < 0.5 else dice.randint(0, later[0] - 1)
    times = [first, *later]
    return [count - 1 - t for t in times] if dice.random() < 0.3 else times


def follow(
    rows: Sequence[Mapping[int, Ball]],
    track: int,
    times: Sequence[int],
    *,
    context: float,
    fate: Fate,
    dice: random.Random,
) -> list[View]:
    """Return the windows for all but the first of ``times``, at which the ball is seen.

    Args:
        rows: the balls of every frame by track.
        track: the ball.
        times: indices into ``rows``, all in one direction.
        context: side of a window in sizes of the ball.
        fate: what goes wrong.
        dice: randomness of errors and of mishaps.
    """
    direction = 1 if times[-1] > times[0] else -1
    spot = place.begin(_shaken(rows[times[0]][track].box, dice))
    step, views = 0, list[View]()
    for t in range(times[0] + direction, times[-1] + direction, direction):
        looked = t in times
        step += looked
        now = fate.at(step) if looked else Mishap.NONE
        spot = _displaced(spot, rows[t], track, now, first=step == fate.begin, dice=dice)
        if looked and step == fate.end and track in rows[t]:
            spot = place.begin(rows[t][track].box)  # found again, by a detector or a person
        view = window(place.expected(spot), context=context)
        if looked:
            views.append(view)
        spot = _after(spot, view, rows[t].get(track), now, dice)
    return views


def _displaced(
    spot: Place,
    row: Mapping[int, Ball],
    track: int,
    now: Mishap,
    *,
    first: bool,
    dice: random.Random,
) -> Place:
    """Return where the ball is expected once it was hit, or its window has gone astray."""
    size = max(spot.width, spot.height)
    if now is Mishap.HIT and first:
        far, angle = dice.uniform(0.4, 3.2) * size, dice.uniform(0, 2 * pi)
        box = geometry.shift(place.expected(spot), far * cos(angle), far * sin(angle))
        return place.begin(box)
    others = [ball.box for key, ball in row.items() if key != track]
    if now is Mishap.ASTRAY and others:
        x, y = place.expected(spot)[:2]
        others.sort(key=lambda box: (box[0] - x) ** 2 + (box[1] - y) ** 2)
        return place.begin(_shaken(dice.choice(others[: 1 if dice.random() < 0.5 else 16]), dice))
    return spot


def _after(spot: Place, view: View, ball: Ball | None, now: Mishap, dice: random.Random) -> Place:
    """Return the place after a frame: seen as far as the window shows it, or missed."""
    if ball is None or now in (Mishap.COVERED, Mishap.TAKEN):
        return place.missed(spot)
    x0, y0, x1, y1 = ball.box
    inside = max(x0, view[0]), max(y0, view[1]), min(x1, view[2]), min(y1, view[3])
    if geometry.area(inside) < 0.15 * geometry.area(ball.box):
        return place.missed(spot)
    return place.seen(spot, _shaken(inside, dice))


def _shaken(box: Box, dice: random.Random, spread: float = 0.03) -> Box:
    """Return a box as a mask of a few wrong pixels would have it."""
    size = max(geometry.width(box), geometry.height(box))
    x0, y0, x1, y1 = (edge + dice.gauss(0, spread) * size for edge in box)
    return min(x0, x1 - 1), min(y0, y1 - 1), x1, y1
