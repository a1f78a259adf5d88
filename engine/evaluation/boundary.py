"""F, the contour accuracy of DAVIS, computed on crops. Knows pairs of masks, not clips.

Definition: Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for Video Object Segmentation", CVPR 2016, in the
reading of DAVIS 2017: a pixel is boundary where its mask differs from the neighbour to the right, below, or right below; a
boundary pixel counts as met where the other boundary comes within a tolerance, the pixels of 0.008 of the picture's
diagonal, rounded up. Since a disk of that radius is what DAVIS dilates with, "within" is the Euclidean distance.
"""

from math import ceil, hypot

import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.errors import InputError
from engine.types import RLE, Mask

SHARE = 0.008
_CHUNK = 1 << 22  # distances held at once: 32 MB
_Places = NDArray[np.int64]


def tolerance(size: tuple[int, int], *, share: float = SHARE) -> int:
    """Return the DAVIS tolerance in pixels for pictures of ``size`` (height, width)."""
    return ceil(share * hypot(*size))


def contour_accuracy(true: RLE | None, found: RLE | None, *, within: int | None = None) -> float:
    """Return F, 0..1: the harmonic mean of the shares of both boundaries that the other comes near to.

    None is a mask that is not there. Two without boundary agree by 1; one alone is worth 0.

    Args:
        true: the true mask, or None.
        found: the mask to be judged, or None; of the same picture size.
        within: tolerance in pixels; without it that of DAVIS for the picture.

    Raises:
        InputError: the masks are of pictures of different size.
    """
    ours, theirs = boundary(true), boundary(found)
    if true is None or found is None or not len(ours) or not len(theirs):
        return 1.0 if len(ours) == len(theirs) == 0 else 0.0
    if true.size != found.size:
        raise InputError(f"masks of different pictures: {true.size} and {found.size}")
    reach = tolerance(true.size) if within is None else within
    met_ours, met_theirs = _met(ours, theirs, reach)
    precision, recall = met_theirs / float(len(theirs)), met_ours / float(len(ours))
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def boundary(mask: RLE | None) -> _Places:
    """Return the boundary pixels, int64 (n, 2) as (row, column), lying up and left of the true edge by half a pixel."""
    box = rle.bbox(mask) if mask is not None else None
    if mask is None or box is None:
        return np.zeros((0, 2), np.int64)
    high, wide = mask.size
    x0, y0 = max(0, int(box[0]) - 1), max(0, int(box[1]) - 1)
    x1, y1 = min(wide, int(box[2]) + 1), min(high, int(box[3]) + 1)
    edge = boundary_map(
        rle.decode_crop(mask, (x0, y0, x1, y1)), at_right=x1 == wide, at_foot=y1 == high
    )
    places: _Places = np.argwhere(edge) + np.array([y0, x0])
    return places


def boundary_map(mask: Mask, *, at_right: bool = True, at_foot: bool = True) -> Mask:
    """Return the boundary pixels of ``mask``, bool (h, w), as bool (h, w).

    ``at_right`` and ``at_foot`` say whether its last column and row are the picture's: there nothing is compared
    with what lies beyond. Elsewhere, what lies beyond a crop is background.
    """
    around = np.pad(mask, ((0, 1), (0, 1)), mode="constant")
    if at_right:
        around[:, -1] = around[:, -2]
    if at_foot:
        around[-1] = around[-2]
    right, below, across = around[:-1, 1:], around[1:, :-1], around[1:, 1:]
    edge: Mask = (mask != right) | (mask != below) | (mask != across)
    return edge


def _met(ours: _Places, theirs: _Places, reach: int) -> tuple[int, int]:
    """Return how many of ours come within ``reach`` pixels of any of theirs, and how many of theirs of any of ours."""
    met_theirs = np.zeros(len(theirs), bool)
    met_ours = 0
    rows = max(1, _CHUNK // len(theirs))
    for start in range(0, len(ours), rows):
        apart = ours[start : start + rows, None] - theirs[None]
        near = (apart**2).sum(-1) <= reach**2
        met_ours += int(near.any(1).sum())
        met_theirs |= near.any(0)
    return met_ours, int(met_theirs.sum())
