"""How much the masks of two versions of a frame overlap. Knows nothing of time and identity."""

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from engine import rle
from engine.types import RLE, FrameMasks

Table = NDArray[np.float64]


def overlaps(true: FrameMasks, found: FrameMasks) -> Table:
    """Return intersection over union of every pair of masks, float64 (true masks, found masks)."""
    if not true.masks or not found.masks:
        return np.zeros((len(true.masks), len(found.masks)))
    ours = [rle.to_coco(mask.rle) for mask in true.masks]
    theirs = [rle.to_coco(mask.rle) for mask in found.masks]
    return np.asarray(coco.iou(ours, theirs, [0] * len(theirs)), np.float64)


def jaccard(true: RLE | None, found: RLE | None) -> float:
    """Return J, the region similarity of DAVIS: intersection over union of two masks, 0..1.

    None is a mask that is not there; two that are not there agree by 1, as in DAVIS.
    """
    if true is None or found is None:
        one = true if true is not None else found
        return 1.0 if one is None or rle.area(one) == 0 else 0.0
    return rle.iou(true, found)
