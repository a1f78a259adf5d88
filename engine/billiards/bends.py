"""Where the way of a ball bends: two straight pieces in place and time, and the moment between them. Knows spots, no other ball."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from math import hypot, sqrt
from typing import TypeAlias

from engine.billiards.spots import Spot

Pair: TypeAlias = tuple[float, float]

_MOST = 5  # spots of a straight piece
_LOOSE = 0.5, 0.04  # pixels, and diameters, that a spot may lie off its piece
_GAP = 4  # frames from a spot to the next, beyond which nobody knows the way
_FIRM = 0.4  # of the way of its middle, that both sides of a ball go
_NOISE = 0.3, 0.012  # pixels, and diameters, by which a spot is wrong


@dataclass(frozen=True, slots=True)
class Piece:
    """A straight piece of a way: at ``frame`` (between frames, too) the ball is at (x, y), and goes (u, v) pixels a frame.

    ``noise`` is how wrong the speed may be, in pixels a frame; ``many`` spots
    lie on the piece. ``firm`` says whether both sides of the ball go where its middle does: a hand before it moves one alone.
    """

    frame: float
    x: float
    y: float
    u: float
    v: float
    noise: float
    many: int
    firm: bool

    @property
    def speed(self) -> float:
        """Pixels a frame."""
        return hypot(self.u, self.v)

    def at(self, frame: float) -> Pair:
        """Return where the ball is at a moment if it goes on."""
        return self.x + self.u * (frame - self.frame), self.y + self.v * (frame - self.frame)


@dataclass(frozen=True, slots=True)
class Bend:
    """A way before and after the moment ``frame``, when the ball of diameter ``wide`` is at ``place``.

    ``clear`` is the change of speed over its noise, less where the pieces do not meet.
    """

    frame: float
    place: Pair
    wide: float
    before: Piece
    after: Piece
    clear: float

    @property
    def firm(self) -> bool:
        """Tell whether the faster piece is a ball's motion, and no hand's before it."""
        return max(self.before, self.after, key=lambda piece: piece.speed).firm

    @property
    def change(self) -> Pair:
        """Return the change of speed, pixels a frame."""
        return self.after.u - self.before.u, self.after.v - self.before.v


def bend(spots: Sequence[Spot], place: int) -> Bend | None:
    """Return how a way bends between spot ``place`` - 1 and spot ``place``; None where too little is known of it."""
    last, first = spots[place - 1], spots[place]
    if first.frame - last.frame > _GAP:
        return None
    before = _straight(spots[max(0, place - _MOST) : place][::-1])
    after = _straight(spots[place : place + _MOST])
    if before is None or after is None:
        return None
    wide = (last.wide + first.wide) / 2
    frame, off = _meeting(before, after, last.frame - 0.7, first.frame + 0.7)
    (x, y), (p, q) = before.at(frame), after.at(frame)
    change = hypot(after.u - before.u, after.v - before.v)
    clear = change / hypot(before.noise, after.noise) / (1 + off / (0.25 * wide + 0.25 * change))
    return Bend(frame, ((x + p) / 2, (y + q) / 2), wide, before, after, clear)


def _meeting(before: Piece, after: Piece, low: float, high: float) -> Pair:
    """Return the moment from ``low`` to ``high`` when two pieces are nearest to each other, and how far apart they are then."""
    u, v = after.u - before.u, after.v - before.v
    (x, y), (p, q) = before.at(low), after.at(low)
    both = u * u + v * v
    later = 0.0 if both == 0 else -((p - x) * u + (q - y) * v) / both
    frame = min(high, max(low, low + later))
    (x, y), (p, q) = before.at(frame), after.at(frame)
    return frame, hypot(p - x, q - y)


def _straight(spots: Sequence[Spot]) -> Piece | None:
    """Return the longest straight piece that begins with the first of some spots; at least two are needed."""
    steps = (abs(two.frame - one.frame) for one, two in pairwise(spots))
    whole = 1 + sum(1 for _ in takewhile(lambda step: step <= _GAP, steps))
    for many in range(whole, 1, -1):
        chosen = spots[:many]
        piece = _fitted(chosen)
        if many == 2 or _lie_on(piece, chosen):
            return replace(piece, firm=_firm(chosen))
    return None


def _lie_on(piece: Piece, spots: Sequence[Spot]) -> bool:
    """Tell whether spots lie on a piece, as well as masks can show."""
    loose = _LOOSE[0] + _LOOSE[1] * spots[0].wide
    for spot in spots:
        later = spot.frame - piece.frame
        if hypot(piece.x + piece.u * later - spot.x, piece.y + piece.v * later - spot.y) > loose:
            return False
    return True


def _fitted(spots: Sequence[Spot]) -> Piece:
    """Return the line of least squares through spots, in place and time."""
    many = len(spots)
    frame = sum([spot.frame for spot in spots]) / many
    x, y = sum([spot.x for spot in spots]) / many, sum([spot.y for spot in spots]) / many
    later = [spot.frame - frame for spot in spots]
    spread = sum([step * step for step in later])
    u = sum([step * spot.x for step, spot in zip(later, spots, strict=True)]) / spread
    v = sum([step * spot.y for step, spot in zip(later, spots, strict=True)]) / spread
    noise = (_NOISE[0] + _NOISE[1] * spots[0].wide) / sqrt(spread)
    return Piece(frame, x, y, u, v, noise, many, False)


def _firm(spots: Sequence[Spot]) -> bool:
    """Tell whether both sides of a ball went about as far as its middle."""
    one, two = spots[0], spots[-1]
    far = hypot(two.x - one.x, two.y - one.y)
    across, down = (
        _common(two.box[k] - one.box[k], two.box[k + 2] - one.box[k + 2]) for k in (0, 1)
    )
    return hypot(across, down) > _FIRM * far


def _common(a: float, b: float) -> float:
    """Return how far both of two sides went, 0 where they went different ways."""
    return min(abs(a), abs(b)) if a * b > 0 else 0.0
