"""When balls are in play, told from how their masks' boxes move. Knows rows of masks; refuses to know who is told."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, hypot
from typing import TypeAlias

from engine import geometry, rle
from engine.types import Box, Clip, FrameMasks

_MOVED = 0.1  # of a ball's width in a tenth of a second: a slow ball rolls that far
_TREMBLE = 1.5  # pixels
_STEP = 0.1  # seconds over which a ball's place is compared
_SHORT = 0.2  # seconds: what moves no longer is a mask's mistake
_REST = 0.5  # seconds of rest that are no pause in the play

_Boxes: TypeAlias = Mapping[int, Box]


@dataclass(slots=True)
class Watch:
    """Watches a clip's rows as they pass on to somebody else, and tells afterwards when balls were in play.

    Memory holds a tenth of a second of boxes, and the frames on which something moved.
    """

    clip: Clip
    _moves: list[range] = field(default_factory=list)

    def passing(self, rows: Iterable[FrameMasks]) -> Iterator[FrameMasks]:
        """Yield the rows, which come in the order of frames, as they are."""
        step = ceil(_STEP * self.clip.rate)
        held: deque[tuple[int, _Boxes]] = deque(maxlen=step + 1)
        for row in rows:
            held.append((row.frame, _boxes(row)))
            first, before = held[0]
            if len(held) > step and _any_moved(before, held[-1][1]):
                self._moves.append(range(0 if first == 0 else row.frame - 1, row.frame + 1))
            yield row

    def plays(self) -> tuple[range, ...]:
        """Return the frames on which any ball moved, in order; short rests between them are part of them.

        A ball moves where it is elsewhere a tenth of a second later, for some time: masks of balls in a heap jump now and then.
        """
        short, rest = (ceil(seconds * self.clip.rate) for seconds in (_SHORT, _REST))
        moves = (span for span in _joined(self._moves, within=0) if len(span) >= short)
        return tuple(_joined(moves, within=rest))


def fewer(spans: Sequence[range], most: int) -> tuple[range, ...]:
    """Return at most ``most`` ranges, in order: the shortest rests between them are closed."""
    rests = sorted(range(1, len(spans)), key=lambda k: spans[k].start - spans[k - 1].stop)
    kept = sorted(rests[max(0, len(spans) - most) :])
    parts = [spans[a:b] for a, b in pairwise([0, *kept, len(spans)])] if spans else []
    return tuple(range(part[0].start, part[-1].stop) for part in parts)


def _joined(spans: Iterable[range], *, within: int) -> Iterator[range]:
    """Yield ranges, in order, those together that lie at most ``within`` frames apart."""
    now: range | None = None
    for span in spans:
        if now is None or span.start - now.stop > within:
            if now is not None:
                yield now
            now = span
        else:
            now = range(now.start, max(now.stop, span.stop))
    if now is not None:
        yield now


def _boxes(row: FrameMasks) -> _Boxes:
    """Return the box of every ball of a frame."""
    boxes = {mask.track: rle.bbox(mask.rle) for mask in row.masks}
    return {track: box for track, box in boxes.items() if box is not None}


def _any_moved(before: _Boxes, now: _Boxes) -> bool:
    """Tell whether any ball that is on both frames is elsewhere."""
    return any(_moved(before[track], now[track]) for track in before.keys() & now.keys())


def _moved(before: Box, now: Box) -> bool:
    """Tell whether a ball is elsewhere: opposite sides of its box went the same way.

    A hand before a ball moves one side alone, and a mask's rim trembles by a pixel.
    """
    wide = max(geometry.width(before), geometry.height(before))
    across, down = (_common(now[k] - before[k], now[k + 2] - before[k + 2]) for k in (0, 1))
    return hypot(across, down) > max(_TREMBLE, _MOVED * wide)


def _common(a: float, b: float) -> float:
    """Return how far both of two sides went, 0 where they went different ways."""
    return min(abs(a), abs(b)) if a * b > 0 else 0.0
