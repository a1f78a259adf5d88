"""Makes one doubt of neighbouring ones. Knows ranges, nothing of what is doubted."""

from collections.abc import Iterable
from dataclasses import replace

from engine.doubts.signs import Doubt, Sign


def gathered(found: Iterable[Doubt], *, within: int) -> tuple[Doubt, ...]:
    """Join doubts of one sign and track that lie no more than ``within`` frames apart, in the order of time.

    What is joined is as grave as its worst part, and says of it why. Memory holds what is returned.
    """
    last: dict[tuple[Sign, int], Doubt] = {}
    done: list[Doubt] = []
    for doubt in found:
        key = doubt.sign, doubt.track
        known = last.get(key)
        if known is not None and _near(known, doubt, within):
            last[key] = _joined(known, doubt)
        else:
            done.extend([known] if known is not None else [])
            last[key] = doubt
    return tuple(sorted([*done, *last.values()], key=_in_time))


def _near(a: Doubt, b: Doubt, within: int) -> bool:
    """Tell whether two ranges touch, or lie a few frames apart."""
    return b.start <= a.stop + within and a.start <= b.stop + within


def _joined(a: Doubt, b: Doubt) -> Doubt:
    """Return one doubt for both; of two equally grave ones the earlier counts."""
    worst = min(a, b, key=lambda doubt: (-doubt.severity, doubt.frame))
    return replace(worst, start=min(a.start, b.start), stop=max(a.stop, b.stop))


def _in_time(doubt: Doubt) -> tuple[int, int, int, str]:
    return doubt.start, doubt.stop, doubt.track, doubt.sign
