"""One owner for every pixel, for formats with a single number per pixel. Knows no format.

Where two masks claim a pixel, the one with the higher score has it, then the one with the lower track. Works on run
lengths: only masks whose boxes touch are ever compared.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.errors import ExportError
from engine.types import RLE, FrameMasks, TrackMask
from exports.masks import ClipMasks, visible
from exports.notes import Notes


def separated(masks: ClipMasks, notes: Notes) -> ClipMasks:
    """Return the clip with no pixel in two masks; what each track loses is noted, one with too little left is gone there."""
    lost: dict[int, int] = {}
    rows = tuple(separate(row, lost, min_area=masks.min_area) for row in masks.rows)
    for track, pixels in sorted(lost.items()):
        notes.add(f"{masks.clip.id}: track {track} loses {pixels} pixels to balls in front of it")
    kept = visible(rows, masks.tracks)
    for hidden in masks.tracks:
        if hidden not in kept:
            notes.add(
                f"{masks.clip.id}: track {hidden.id} is behind others wherever it is: left out"
            )
    return replace(masks, rows=rows, tracks=kept)


def separate(row: FrameMasks, lost: dict[int, int], *, min_area: int = 1) -> FrameMasks:
    """Return one frame with every pixel in one mask at most; count in ``lost`` what each track gives up.

    Of a mask that loses any, fewer than ``min_area`` pixels count as none: a dataset that is imported and exported again
    would lose them then.
    """
    order = sorted(row.masks, key=lambda mask: (-mask.score, mask.track))
    boxes = np.array([rle.bbox(mask.rle) or (0, 0, 0, 0) for mask in order]).reshape(-1, 4)
    touching = _touching(boxes)
    kept: list[TrackMask] = []
    for index, mask in enumerate(order):
        left = mask.rle
        for front in np.flatnonzero(touching[index, :index]):
            left = rle.subtract(left, order[front].rle)
        if gone := rle.area(mask.rle) - rle.area(left) if left is not mask.rle else 0:
            lost[mask.track] = lost.get(mask.track, 0) + gone
        if not gone or rle.area(left) >= max(1, min_area):
            kept.append(replace(mask, rle=left) if gone else mask)
    return FrameMasks(row.frame, tuple(kept))


def painted(
    row: FrameMasks, numbers: Mapping[int, int], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Return uint8 (H, W) with the number of the track at every pixel, 0 for none; masks must not overlap.

    Raises:
        ExportError: a mask is not of ``size``.
    """
    canvas = np.zeros(size, np.uint8)
    for mask in row.masks:
        _paint(canvas, mask.rle, numbers[mask.track])
    return canvas


def _paint(canvas: NDArray[np.uint8], mask: RLE, number: int) -> None:
    """Write ``number`` where the mask is."""
    if mask.size != canvas.shape:
        raise ExportError(f"a mask of {mask.size} on pictures of {canvas.shape}")
    if (box := rle.bbox(mask)) is not None:
        x0, y0, x1, y1 = map(int, box)
        canvas[y0:y1, x0:x1][rle.decode_crop(mask, (x0, y0, x1, y1))] = number


def _touching(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return for each pair of boxes, (N, 4) xyxy in pixels, whether they share area: bool (N, N)."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    return (low[..., 0] < high[..., 0]) & (low[..., 1] < high[..., 1])
