"""Ranges on Label Studio's time line: when balls are in play, and where somebody should look. Here its frames that count from 1 end.

A range there names its first and its last frame, both counted from 1 and both in it: frames ``a`` up to ``b`` are ``a + 1`` to ``b``.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil, dist
from typing import Any, Final

from engine import geometry, rle
from engine.doubts import Doubt, worst
from engine.types import Clip, FrameMasks
from ml_backend.names import EVENT, VIDEO
from ml_backend.regions import Name

PLAY, LOOK = "in play", "look"
EVENTS: Final = (PLAY, LOOK, "pot", "collision", "cushion")
"""Labels of ranges: the first two are set by us, the others by people."""

MOST: Final = 20
"""Ranges that a time line shows at most; more are no help to anybody."""

_MOVED = 0.15  # of a ball's width in a tenth of a second: a mask's rim trembles by less, a slow ball rolls more
_STEP = 0.1  # seconds over which a ball's centre is compared
_GAP = 0.5  # seconds of rest that are no pause in the play
_MOST_LOOKS = 10

_Spots = Mapping[int, tuple[float, float, float]]


def events_to_result(
    clip: Clip, revision: int, *, rows: Iterable[FrameMasks], doubts: Sequence[Doubt]
) -> list[dict[str, Any]]:
    """Return the ranges of a clip's time line as regions, at most ``MOST``.

    Args:
        clip: the clip.
        revision: id of the revision whose masks they are about.
        rows: its masks, in the order of frames.
        doubts: of that revision.
    """
    looks = looking(doubts, clip)
    plays = playing(rows, clip, most=MOST - len(looks))
    told = [(span, PLAY) for span in plays] + [(span, LOOK) for span in looks]
    return [_region(revision, number, span, label) for number, (span, label) in enumerate(told)]


def looking(doubts: Sequence[Doubt], clip: Clip, *, most: int = _MOST_LOOKS) -> tuple[range, ...]:
    """Return the frames of the gravest doubts, a range for each place to go to, in order."""
    spans = (
        range(max(0, visit.doubts[0].start), min(clip.frames, visit.doubts[0].stop))
        for visit in worst(doubts)
    )
    inside = [span for span in spans if span][:most]
    return tuple(sorted(inside, key=lambda span: (span.start, span.stop)))


def playing(
    rows: Iterable[FrameMasks], clip: Clip, *, most: int = _MOST_LOOKS
) -> tuple[range, ...]:
    """Return the frames on which any ball moves, in order; short rests between them are part of them.

    A ball moves where its centre is elsewhere a tenth of a second later. Where there would be more than ``most`` ranges, the
    shortest rests count as play too. Memory holds a tenth of a second.
    """
    step, gap = ceil(_STEP * clip.rate), ceil(_GAP * clip.rate)
    spans: list[range] = []
    for first, last in _moving(rows, step):
        if spans and first - spans[-1].stop <= gap:
            spans[-1] = range(spans[-1].start, last)
        else:
            spans.append(range(first, last))
    return tuple(_fewer(spans, max(1, most)))


def _moving(rows: Iterable[FrameMasks], step: int) -> Iterable[tuple[int, int]]:
    """Yield first and one past the last of any frames between which a ball moves, ``step`` apart."""
    held: list[tuple[int, _Spots]] = []
    for row in rows:
        held.append((row.frame, _spots(row)))
        if len(held) > step:
            (first, before), (last, now) = held.pop(0), held[-1]
            if any(_moved(before[track], now[track]) for track in before.keys() & now.keys()):
                yield first, last + 1


def _spots(row: FrameMasks) -> _Spots:
    """Return the centre of every ball of a frame, and how wide it is, in pixels."""
    boxes = {mask.track: rle.bbox(mask.rle) for mask in row.masks}
    return {
        track: (*geometry.center(box), max(geometry.width(box), geometry.height(box)))
        for track, box in boxes.items()
        if box is not None
    }


def _moved(before: tuple[float, float, float], now: tuple[float, float, float]) -> bool:
    """Tell whether a ball is elsewhere; what trembles by a pixel rests."""
    return dist(before[:2], now[:2]) > max(1.5, _MOVED * max(before[2], now[2]))


def _fewer(spans: Sequence[range], most: int) -> list[range]:
    """Return at most ``most`` ranges: the shortest rests between them are closed."""
    rests = sorted(range(1, len(spans)), key=lambda place: spans[place].start - spans[place - 1].stop)  # fmt: skip
    kept = sorted(rests[max(0, len(spans) - most) :])
    parts = [spans[a:b] for a, b in pairwise([0, *kept, len(spans)])] if spans else []
    return [range(part[0].start, part[-1].stop) for part in parts]


def _region(revision: int, number: int, span: range, label: str) -> dict[str, Any]:
    """Return one range as a region."""
    return {
        "id": str(Name(revision, event=number)),
        "type": "timelinelabels",
        "from_name": EVENT,
        "to_name": VIDEO,
        "origin": "prediction",
        "value": {
            "ranges": [{"start": span.start + 1, "end": span.stop}],
            "timelinelabels": [label],
        },
    }
