"""Whether a ball that a corrected track has come to is another track's. Knows masks of two frames; refuses to know models."""

from collections.abc import Collection

from engine import geometry
from engine.propagate_way import continues
from engine.rle import bbox, iou
from engine.types import FrameMasks, TrackMask

COLLIDES = 0.5


def rivals(mask: TrackMask, row: FrameMasks, *, ours: Collection[int]) -> tuple[TrackMask, ...]:
    """Return the masks of other tracks than ``ours`` that lie where ``mask`` lies: IoU above one half."""
    box = bbox(mask.rle)
    return tuple(
        other
        for other in row.masks
        if other.track not in ours
        and box is not None
        and geometry.iou(box, bbox(other.rle) or (0, 0, 0, 0)) > 0
        and iou(mask.rle, other.rle) > COLLIDES
    )


def stolen(mask: TrackMask, row: FrameMasks, before: FrameMasks, *, ours: Collection[int]) -> bool:
    """Return whether a mask lies on a ball that one of its rivals was on already.

    A rival whose own mask has only just come there, from elsewhere, has no better claim than the corrected track.

    Args:
        mask: what was drawn for a corrected track.
        row: the parent's masks of that frame.
        before: the parent's masks of the frame before in the direction of the pass.
        ours: tracks that count as no rivals.
    """
    known = before.by_track()
    return any(
        other.track in known and continues(known[other.track].rle, other.rle)
        for other in rivals(mask, row, ours=ours)
    )
