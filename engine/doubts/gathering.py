"""Makes one doubt of neighbouring ones. Knows ranges, nothing of what is doubted."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Generic, TypeVar

from engine.doubts.signs import Doubt, Sign

Item = TypeVar("Item")


class Spaced(Generic[Item]):
    """Frames of a witness that looks now and then: passes them on, and knows how far the last two were apart."""

    def __init__(self, looks: Iterable[tuple[int, Item]]) -> None:
        """Pass on ``looks``, frame numbers with what was seen there, in order."""
        self._looks = looks
        self.apart = 0

    def __iter__(self) -> Iterator[tuple[int, Item]]:
        """Yield the looks."""
        before: int | None = None
        for frame, item in self._looks:
            if before is not None:
                self.apart = frame - before
            before = frame
            yield frame, item


def gathered(
    found: Iterable[Doubt], *, within: int, looks: Spaced[Item] | None = None
) -> tuple[Doubt, ...]:
    """Join doubts of one sign and track that lie no more than ``within`` frames apart, in the order of time.

    Those of the detector, whose ``looks`` may be far apart, are one where they are about one look and the next.

    What is joined is as grave as its worst part, and says of it why. Memory holds what is returned.
    """
    last: dict[tuple[Sign, int], Doubt] = {}
    done: list[Doubt] = []
    for doubt in found:
        key = doubt.sign, doubt.track
        known = last.get(key)
        rare = looks.apart if looks is not None and doubt.sign is Sign.DETECTOR else 0
        if known is not None and _near(known, doubt, max(within, rare)):
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
