"""Two masks on one ball: pixels in both, or halves of one disc. Knows pairs of masks of one frame."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import log

from engine import geometry, rle
from engine.doubts.scene import Frame, Scene, Seen, apart, neighbours
from engine.doubts.sight import sight
from engine.doubts.signs import Doubt, Sign, graded, of_frame
from engine.doubts.sizes import ROUND, STRETCHED

SHARED = 0.06
HALVES = 1.2


def shared(now: Frame, *, scene: Scene) -> Iterator[Doubt]:
    """Doubt one of two masks that have pixels in common, or that together are no more than one ball.

    It is the one whose size suits its ball worse, the smaller of two that suit alike.
    """
    for first, second in combinations(now.balls.values(), 2):
        if apart(first, second) > first.usual + second.usual + _longest(first, second):
            continue
        other, doubted = sorted((first, second), key=_suits)
        found = _common(other, doubted, scene) or _halved(now, other, doubted, scene)
        if found:
            yield of_frame(now.number, doubted.sight.track, Sign.OVERLAP, *found)


def _suits(ball: Seen) -> tuple[float, int, int]:
    """Return a key that puts the mask first whose diameter is nearest to its ball's, in tenths."""
    ratio = ball.sight.diameter / ball.usual
    return round(abs(log(ratio)), 1), -ball.sight.area, ball.sight.track


def _longest(first: Seen, second: Seen) -> float:
    return max(first.sight.length, second.sight.length)


def _common(other: Seen, doubted: Seen, scene: Scene) -> tuple[float, str] | None:
    """Return grade and words for pixels in both masks."""
    if geometry.common(other.sight.box, doubted.sight.box) <= 0:
        return None
    pixels = rle.intersection(other.sight.mask.rle, doubted.sight.mask.rle)
    both = pixels / min(other.sight.area, doubted.sight.area)
    if both <= SHARED:
        return None
    why = f"{both:.0%} of the smaller mask is also of {scene.name(other.sight.track)}"
    return graded(both, SHARED, 0.5, least=0.5, most=0.98), why


def _halved(now: Frame, other: Seen, doubted: Seen, scene: Scene) -> tuple[float, str] | None:
    """Return grade and words where two masks side by side are one disc: each lacks what the other has.

    Only away from others: of three balls in a row the one in front hides parts of both behind it.
    """
    disc = min(other.missing, doubted.missing)
    if (
        apart(other, doubted) > 0.75 * min(other.usual, doubted.usual)
        or disc < 0.15
        or 2 - other.missing - doubted.missing > HALVES
    ):
        return None
    if any(len(neighbours(now, ball)) > 1 for ball in (other, doubted)):
        return None
    whole = sight(
        replace(other.sight.mask, rle=rle.merge([ball.sight.mask.rle for ball in (other, doubted)]))
    )
    if whole is None or whole.filled < ROUND or whole.length > STRETCHED * whole.breadth:
        return None
    return 0.6, f"together with {scene.name(other.sight.track)} it covers one disc"
