"""Ranges on Label Studio's time line: when balls are in play, and where somebody should look. Here its frames that count from 1 end.

A range there names its first and its last frame, both counted from 1 and both in it: frames ``a`` up to ``b`` are ``a + 1`` to ``b``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil, hypot
from typing import Any, Final, TypeAlias

from engine import geometry, rle
from engine.doubts import PICTURE, Doubt, worst
from engine.types import Box, Clip, FrameMasks
from ml_backend.names import EVENT, VIDEO
from ml_backend.regions import Name

PLAY, LOOK = "in play", "look"
EVENTS: Final = (PLAY, LOOK, "pot", "collision", "cushion")
"""Labels of ranges: the first two are set by us, the others by people."""

MOST: Final = 12
"""Ranges that a time line shows at most; more are no help to anybody."""

_MOVED = 0.1  # of a ball's width in a tenth of a second: a slow ball rolls that far
_TREMBLE = 1.5  # pixels
_STEP = 0.1  # seconds over which a ball's place is compared
_SHORT = 0.2  # seconds: what moves no longer is a mask's mistake
_REST = 0.5  # seconds of rest that are no pause in the play
_MOST_LOOKS = 8

_Boxes: TypeAlias = Mapping[int, Box]


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
    looks = _looks(doubts, clip)
    plays = playing(rows, clip, most=MOST - len(looks))
    told = [(span, PLAY, "") for span in plays] + [(span, LOOK, why) for span, why in looks]
    return [_region(revision, number, *one) for number, one in enumerate(told)]


def looking(doubts: Sequence[Doubt], clip: Clip, *, most: int = _MOST_LOOKS) -> tuple[range, ...]:
    """Return the frames of the gravest doubts, a range for each place to go to, in order."""
    return tuple(span for span, _ in _looks(doubts, clip, most=most))


def _looks(
    doubts: Sequence[Doubt], clip: Clip, *, most: int = _MOST_LOOKS
) -> list[tuple[range, str]]:
    """Return the frames of the gravest doubts, in order, and why each is one."""
    first = [visit.doubts[0] for visit in worst(doubts)]
    found = [(range(max(0, one.start), min(clip.frames, one.stop)), said(one)) for one in first]
    inside = [(span, why) for span, why in found if span][:most]
    return sorted(inside, key=lambda look: (look[0].start, look[0].stop))


def said(doubt: Doubt) -> str:
    """Return what a doubt says, and of which track."""
    return doubt.why if doubt.track == PICTURE else f"track {doubt.track}: {doubt.why}"


def playing(rows: Iterable[FrameMasks], clip: Clip, *, most: int = MOST) -> tuple[range, ...]:
    """Return the frames on which any ball moves, in order; short rests between them are part of them.

    A ball moves where it is elsewhere a tenth of a second later, for some time: masks of balls in a heap jump once in a while.
    Where there would be more than ``most`` ranges, the shortest rests count as play too. Memory holds a tenth of a second.
    """
    step, short, rest = (ceil(seconds * clip.rate) for seconds in (_STEP, _SHORT, _REST))
    moves = (span for span in _joined(_moving(rows, step), within=0) if len(span) >= short)
    return tuple(_fewer(list(_joined(moves, within=rest)), max(1, most)))


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


def _moving(rows: Iterable[FrameMasks], step: int) -> Iterator[range]:
    """Yield the frames at which a ball was seen to move, ``step`` frames being compared."""
    held: list[tuple[int, _Boxes]] = []
    for row in rows:
        held.append((row.frame, _boxes(row)))
        if len(held) > step:
            (first, before), (last, now) = held.pop(0), held[-1]
            if any(_moved(before[track], now[track]) for track in before.keys() & now.keys()):
                yield range(0 if first == 0 else last - 1, last + 1)


def _boxes(row: FrameMasks) -> _Boxes:
    """Return the box of every ball of a frame."""
    boxes = {mask.track: rle.bbox(mask.rle) for mask in row.masks}
    return {track: box for track, box in boxes.items() if box is not None}


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


def _fewer(spans: Sequence[range], most: int) -> list[range]:
    """Return at most ``most`` ranges: the shortest rests between them are closed."""
    rests = sorted(range(1, len(spans)), key=lambda place: spans[place].start - spans[place - 1].stop)  # fmt: skip
    kept = sorted(rests[max(0, len(spans) - most) :])
    parts = [spans[a:b] for a, b in pairwise([0, *kept, len(spans)])] if spans else []
    return [range(part[0].start, part[-1].stop) for part in parts]


def _region(revision: int, number: int, span: range, label: str, why: str) -> dict[str, Any]:
    """Return one range as a region; ``why`` stands beside it when it is selected."""
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
        **({"meta": {"text": [why]}} if why else {}),
    }
