"""Masks at another resolution: each pixel takes the nearest of the old ones, so that masks that were apart stay apart."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.types import RLE, Clip, FrameMasks, TrackMask
from exports.masks import ClipMasks, visible
from exports.notes import Notes


def scaled_clip(clip: Clip, height: int) -> Clip:
    """Return the clip at ``height`` lines and the width, in whole pixels, that keeps its shape."""
    return replace(clip, height=height, width=max(1, round(clip.width * height / clip.height)))


def scaled(masks: ClipMasks, clip: Clip, notes: Notes) -> ClipMasks:
    """Return the masks at the size of ``clip``; one of which too little is left is not visible, which is noted."""
    gone: dict[int, int] = {}
    size = clip.height, clip.width
    rows = tuple(_row(row, size, max(1, masks.min_area), gone) for row in masks.rows)
    for track, frames in sorted(gone.items()):
        notes.add(
            f"{clip.id}: track {track} is too small at {clip.width}x{clip.height} on {frames} frames"
        )
    return replace(masks, clip=clip, rows=rows, tracks=visible(rows, masks.tracks))


def _row(row: FrameMasks, size: tuple[int, int], least: int, gone: dict[int, int]) -> FrameMasks:
    """Scale the masks of one frame; count in ``gone`` those under ``least`` pixels."""
    kept: list[TrackMask] = []
    for mask in row.masks:
        small = scaled_mask(mask.rle, size)
        if rle.area(small) >= least:
            kept.append(replace(mask, rle=small))
        else:
            gone[mask.track] = gone.get(mask.track, 0) + 1
    return FrameMasks(row.frame, tuple(kept))


def scaled_mask(mask: RLE, size: tuple[int, int]) -> RLE:
    """Return ``mask`` at ``size`` (height, width); only the part around it is ever decoded."""
    box = rle.bbox(mask)
    if box is None:
        return rle.empty(size)
    x0, y0, x1, y1 = map(int, box)
    rows, columns = _sources(mask.size[0], size[0]), _sources(mask.size[1], size[1])
    top, foot = np.searchsorted(rows, [y0, y1])
    left, right = np.searchsorted(columns, [x0, x1])
    crop = rle.decode_crop(mask, (x0, y0, x1, y1))
    part = crop[np.ix_(rows[top:foot] - y0, columns[left:right] - x0)]
    return rle.encode(part, origin=(int(left), int(top)), size=size)


def _sources(old: int, new: int) -> NDArray[np.int64]:
    """Return for each of ``new`` pixels the old one that lies under its centre."""
    return ((2 * np.arange(new) + 1) * old) // (2 * new)
