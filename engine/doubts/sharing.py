"""Two masks on one ball: pixels in both, or halves of one disc. Knows pairs of masks of one frame."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from engine import geometry, rle
from engine.doubts.scene import Frame, Scene, Seen, apart, neighbours
from engine.doubts.sight import sight
from engine.doubts.signs import Doubt, Sign, graded, of_frame
from engine.doubts.sizes import ROUND, STRETCHED

SHARED = 0.06
HALVES = 1.2


def shared(now: Frame, *, scene: Scene) -> Iterator[Doubt]:
    """Doubt the smaller of two masks that have pixels in common, or that together are no more than one ball."""
    for first, second in combinations(now.balls.values(), 2):
        if apart(first, second) > first.usual + second.usual + _longest(first, second):
            continue
        large, small = sorted(
            (first, second), key=lambda ball: (-ball.sight.area, ball.sight.track)
        )
        grade, why = _common(large, small, scene) or _halved(now, large, small, scene) or (0.0, "")
        if grade:
            yield of_frame(now.number, small.sight.track, Sign.OVERLAP, grade, why)


def _longest(first: Seen, second: Seen) -> float:
    return max(first.sight.length, second.sight.length)


def _common(large: Seen, small: Seen, scene: Scene) -> tuple[float, str] | None:
    """Return grade and words for pixels in both masks."""
    if geometry.common(large.sight.box, small.sight.box) <= 0:
        return None
    both = rle.intersection(large.sight.mask.rle, small.sight.mask.rle) / small.sight.area
    if both <= SHARED:
        return None
    why = f"{both:.0%} of its pixels are also of {scene.name(large.sight.track)}"
    return graded(both, SHARED, 0.5, least=0.5, most=0.98), why


def _halved(now: Frame, large: Seen, small: Seen, scene: Scene) -> tuple[float, str] | None:
    """Return grade and words where two masks side by side are one disc: each lacks what the other has.

    Only away from others: of three balls in a row the one in front hides parts of both behind it.
    """
    disc = min(large.missing, small.missing)
    if (
        apart(large, small) > 0.75 * min(large.usual, small.usual)
        or disc < 0.15
        or 2 - large.missing - small.missing > HALVES
    ):
        return None
    if any(len(neighbours(now, ball)) > 1 for ball in (large, small)):
        return None
    whole = sight(
        replace(large.sight.mask, rle=rle.merge([ball.sight.mask.rle for ball in (large, small)]))
    )
    if whole is None or whole.filled < ROUND or whole.length > STRETCHED * whole.breadth:
        return None
    return 0.6, f"together with {scene.name(large.sight.track)} it covers one disc"
