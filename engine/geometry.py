"""Boxes as plain tuples: area, overlap, shift, clip. Knows nothing of masks, models or pictures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.types import Box


def width(box: Box) -> float:
    """Return the width in pixels, 0 for an inverted box."""
    return max(0.0, box[2] - box[0])


def height(box: Box) -> float:
    """Return the height in pixels, 0 for an inverted box."""
    return max(0.0, box[3] - box[1])


def area(box: Box) -> float:
    """Return the area in square pixels."""
    return width(box) * height(box)


def center(box: Box) -> tuple[float, float]:
    """Return the centre (x, y) in pixels."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def shift(box: Box, dx: float, dy: float) -> Box:
    """Return the box moved by (dx, dy) pixels."""
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def scale(box: Box, factor: float) -> Box:
    """Return the box ``factor`` times as large around its centre."""
    (x, y), wide, high = center(box), width(box) * factor / 2, height(box) * factor / 2
    return x - wide, y - high, x + wide, y + high


def clip_to(box: Box, *, width: int, height: int) -> Box:
    """Return the part of the box inside a picture of ``width`` x ``height`` pixels (may have no area)."""
    x0, y0, x1, y1 = box
    return (
        min(max(x0, 0), width),
        min(max(y0, 0), height),
        min(max(x1, 0), width),
        min(max(y1, 0), height),
    )


def common(a: Box, b: Box) -> float:
    """Return the area in square pixels that two boxes have in common."""
    return area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))


def iou(a: Box, b: Box) -> float:
    """Return intersection over union of two boxes, 0..1; two empty boxes overlap by 0."""
    inter = common(a, b)
    union = area(a) + area(b) - inter
    return inter / union if union > 0 else 0.0


def iou_matrix(a: Sequence[Box], b: Sequence[Box]) -> NDArray[np.float64]:
    """Return float64 (len(a), len(b)): intersection over union of every pair of boxes."""
    first = np.asarray(a, np.float64).reshape(-1, 1, 4)
    second = np.asarray(b, np.float64).reshape(1, -1, 4)
    low = np.maximum(first[..., :2], second[..., :2])
    high = np.minimum(first[..., 2:], second[..., 2:])
    inter = np.clip(high - low, 0, None).prod(-1)
    areas = [np.clip(x[..., 2:] - x[..., :2], 0, None).prod(-1) for x in (first, second)]
    union = areas[0] + areas[1] - inter
    overlap: NDArray[np.float64] = np.divide(
        inter, union, out=np.zeros_like(inter), where=union > 0
    )
    return overlap
