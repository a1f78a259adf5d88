"""Fills a gap in a track from its two rims: the ball moves evenly and looks like the nearer rim. Pure; knows no pictures."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine import rle
from engine.errors import InputError
from engine.geometry import center
from engine.masklets import replaced
from engine.types import RLE, FrameMasks, TrackMask


def filled(rows: Iterable[FrameMasks], track: int) -> Iterator[FrameMasks]:
    """Yield the rows between the first and the last with a mask of the track, where they have none.

    The middle of the mask's box goes on a straight line from rim to rim, in whole pixels; its shape is that of the nearer
    rim, of the first of two equally near ones. Where it is out of the picture nothing is shown. Masks
    that are there already stay.

    Args:
        rows: consecutive frames, the first and the last of which are the gap's rims.
        track: whose gap it is.

    Raises:
        InputError: the track is not visible on a rim.
    """
    known = list(rows)
    first, last = _rim(known[:1], track), _rim(known[-1:], track)
    span = len(known) - 1
    for place, row in enumerate(known[1:-1], start=1):
        if track not in row.by_track():
            mask = _between(first, last, place / span)
            if mask is not None:
                yield replaced(row, [mask])


def moved(mask: RLE, dx: int, dy: int) -> RLE:
    """Return a mask moved by whole pixels; what leaves the picture is cut off."""
    box = rle.bbox(mask)
    if box is None:
        return mask
    high, wide = mask.size
    x0, y0, x1, y1 = map(int, box)
    left, top = max(x0, -dx), max(y0, -dy)
    right, foot = min(x1, wide - dx), min(y1, high - dy)
    if left >= right or top >= foot:
        return rle.empty(mask.size)
    part = rle.decode_crop(mask, (left, top, right, foot))
    return rle.encode(part, origin=(left + dx, top + dy), size=mask.size)


def _between(first: TrackMask, last: TrackMask, part: float) -> TrackMask | None:
    """Return the mask at ``part`` of the way, 0..1; None where it is out of the picture."""
    near = first if part <= 0.5 else last
    (x0, y0), (x1, y1), (x, y) = (_middle(mask) for mask in (first, last, near))
    dx, dy = round(x0 + part * (x1 - x0) - x), round(y0 + part * (y1 - y0) - y)
    there = moved(near.rle, dx, dy)
    return replace(near, rle=there) if rle.area(there) else None


def _rim(rows: list[FrameMasks], track: int) -> TrackMask:
    """Return the track's mask on a rim."""
    mask = rows[0].by_track().get(track) if rows else None
    if mask is None:
        where = f"frame {rows[0].frame}" if rows else "any frame"
        raise InputError(
            f"fill: track {track} is not visible on {where}; choose a gap with the ball on both rims"
        )
    return mask


def _middle(mask: TrackMask) -> tuple[float, float]:
    """Return the middle (x, y) of a mask's box in pixels."""
    return center(rle.bbox(mask.rle) or (0, 0, 0, 0))
