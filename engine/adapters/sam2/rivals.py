"""Which of two masks that claim the same ball is dropped; knows masks and scores only."""

from collections.abc import Collection, Sequence
from itertools import combinations

import numpy as np

from engine import geometry, rle
from engine.types import TrackMask

SAME = 0.7


def thieves(masks: Sequence[TrackMask], *, prompted: Collection[int]) -> set[int]:
    """Return the tracks that lose their mask on this frame.

    Where two masks overlap by more than 0.7 (intersection over union) they show one ball. The one
    that was prompted on this frame keeps it, else the one of higher score times stability, else the
    lower track number. The other is absent on this frame.
    """
    ranked = sorted(masks, key=lambda m: (m.track not in prompted, -m.score * m.stability, m.track))
    boxes = [rle.bbox(mask.rle) or (0.0, 0.0, 0.0, 0.0) for mask in ranked]
    near = geometry.iou_matrix(boxes, boxes) > SAME / 2 if boxes else np.zeros((0, 0), bool)
    lost: set[int] = set()
    for i, j in combinations(range(len(ranked)), 2):
        if (
            near[i, j]
            and ranked[i].track not in lost
            and rle.iou(ranked[i].rle, ranked[j].rle) > SAME
        ):
            lost.add(ranked[j].track)
    return lost
