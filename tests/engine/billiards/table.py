"""A small table seen from above, on which balls go where a test says, drawn as discs to a part of a pixel."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from engine import rle
from engine.types import RLE, Clip, FrameMasks, TrackMask

WIDE, HIGH = 640, 360
RADIUS = 9.0
LEFT, TOP, RIGHT, BOTTOM = 60.0, 50.0, 580.0, 310.0
"""Where middles of balls are that touch the cushions."""

POCKETS = tuple(
    (x - 14.0, y - 14.0, x + 14.0, y + 14.0)
    for x in (LEFT - 10, 320.0, RIGHT + 10)
    for y in (TOP - 12, BOTTOM + 12)
)

Way = Sequence[tuple[float, float] | None]


def clip(frames: int, rate: Fraction = Fraction(30)) -> Clip:
    """Return a clip of this table."""
    return Clip("game-1", "v", "game.mp4", 0, frames, WIDE, HIGH, rate)


def disc(x: float, y: float, *, radius: float = RADIUS, right_of: float = 0.0) -> RLE | None:
    """Return a ball, less what lies left of ``right_of``; None where nothing of it is in the picture."""
    x0, y0 = max(0, int(x - radius) - 1), max(0, int(y - radius) - 1)
    x1, y1 = min(WIDE, int(x + radius) + 2), min(HIGH, int(y + radius) + 2)
    columns, rows = np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5)
    drawn = ((columns - x) ** 2 + (rows - y) ** 2 < radius**2) & (columns >= right_of)
    return rle.encode(drawn, origin=(x0, y0), size=(HIGH, WIDE)) if drawn.any() else None


def rows(*ways: Way, draw: Callable[..., RLE | None] = disc) -> list[FrameMasks]:
    """Return frames in which ball k + 1 is at ``ways[k][frame]``, or absent."""
    out = []
    for frame, places in enumerate(zip(*ways, strict=True)):
        drawn = {k + 1: draw(*place) for k, place in enumerate(places) if place is not None}
        masks = [TrackMask(track, mask) for track, mask in drawn.items() if mask is not None]
        out.append(FrameMasks(frame, tuple(masks)))
    return out


def rests(x: float, y: float, frames: int) -> list[tuple[float, float] | None]:
    """Return the way of a ball that lies."""
    return [(x, y)] * frames


def rolls(
    start: tuple[float, float], *legs: tuple[int, float, float]
) -> list[tuple[float, float] | None]:
    """Return the way of a ball that begins at ``start`` and goes (u, v) pixels a frame on so many frames, leg after leg.

    The first leg's frames include the one at ``start``; a bend lies half a frame after the last frame of a leg.
    """
    way: list[tuple[float, float] | None] = [start]
    x, y = start
    before = legs[0][1:]
    for number, (many, u, v) in enumerate(legs):
        for k in range(many - (number == 0)):
            mean = ((u + before[0]) / 2, (v + before[1]) / 2) if number and k == 0 else (u, v)
            x, y = x + mean[0], y + mean[1]
            way.append((x, y))
        before = (u, v)
    return way


def corners(frames: int) -> list[list[tuple[float, float] | None]]:
    """Return balls that lie at the four corners: they say where the table ends."""
    return [rests(x, y, frames) for x in (LEFT, RIGHT) for y in (TOP, BOTTOM)]
