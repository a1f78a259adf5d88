"""What masks are like, in numbers to choose by: how good, how long visible, how large. Pure."""

from collections.abc import Iterable
from operator import itemgetter

from engine import rle
from engine.types import FrameMasks


def quality(rows: Iterable[FrameMasks]) -> float:
    """Return the mean over all masks of score times stability, 0..1; 0 where there is no mask.

    The score is the probability that the ball is there, the stability how sure its edge is; a mask that a person drew
    has 1 for both.
    """
    worth = [mask.score * mask.stability for row in rows for mask in row.masks]
    return sum(worth) / len(worth) if worth else 0.0


def longest(rows: Iterable[FrameMasks], most: int) -> tuple[frozenset[int], dict[int, int]]:
    """Return the ``most`` tracks that are visible on most rows, and of the others on how many rows each is.

    Of tracks that are visible equally long the larger one is kept, then the lower number.
    """
    seen: dict[int, tuple[int, int]] = {}
    for row in rows:
        for mask in row.masks:
            frames, pixels = seen.get(mask.track, (0, 0))
            seen[mask.track] = frames + 1, pixels + rle.area(mask.rle)
    order = sorted(seen.items())
    order.sort(key=itemgetter(1), reverse=True)  # stable: the lower number comes first
    kept = frozenset(track for track, _ in order[:most])
    return kept, {track: frames for track, (frames, _) in sorted(order[most:])}
