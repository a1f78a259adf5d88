"""Two tracks on one ball: notices them and says which is wrong. Knows masks by track, refuses to know detections."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

from engine import rle
from engine.geometry import iou
from engine.tracks import Tracks, Twins
from engine.types import Box, FrameMasks

JUMP = 0.3


def watch(tracks: Tracks, row: FrameMasks, boxes: Mapping[int, Box], *, overlap: float) -> Tracks:
    """Note which tracks lie on one another on this frame. Call it before ``tracks.observe``.

    ``boxes`` are those of the frame's masks by track; ``overlap`` is the intersection over union of two masks, 0..1, from which on they show one ball.
    """
    known = {frozenset((twins.wrong, twins.other)): twins for twins in tracks.twins}
    found = []
    for a, b in combinations(row.masks, 2):
        rivals = iou(boxes[a.track], boxes[b.track]) > overlap / 2
        if rivals and rle.iou(a.rle, b.rle) > overlap:
            pair = frozenset((a.track, b.track))
            found.append(known.get(pair) or _accuse(tracks, a.track, b.track, boxes, row.frame))
    return replace(tracks, twins=tuple(found))


def guilty(tracks: Tracks, *, frame: int, frames: int) -> tuple[Twins, ...]:
    """Return the twins that have been on one ball for ``frames`` frames, each wrong track once."""
    due = (twins for twins in tracks.twins if frame - twins.since + 1 >= frames)
    return tuple({twins.wrong: twins for twins in due}.values())


def _accuse(tracks: Tracks, a: int, b: int, boxes: Mapping[int, Box], frame: int) -> Twins:
    """Choose the wrong one of two tracks: the one that jumped onto the other, else the younger."""
    younger, older = max(a, b), min(a, b)
    jumped = _stayed(tracks, younger, boxes) - _stayed(tracks, older, boxes) > JUMP
    wrong, other = (older, younger) if jumped else (younger, older)
    before = tracks.get(wrong)
    apart = before is not None and before.born < frame
    if before is None or not apart:
        return Twins(wrong, other, frame, boxes[wrong], -1)
    return Twins(wrong, other, frame, before.box, before.seen)


def _stayed(tracks: Tracks, track: int, boxes: Mapping[int, Box]) -> float:
    """Return how much of a track's last box its present one covers, 0..1; 1 for one just born."""
    known = tracks.get(track)
    return 1.0 if known is None else iou(known.box, boxes[track])
