"""Whose a pixel is that two balls' masks claim; knows pixels, masks and what balls look like, no network.

Two windows draw two touching balls without knowing of each other, and their masks may run into each other. No
pixel is of two balls: it goes to the one whose colours it shows, and between balls of one colour, as two reds are, to
the nearer one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine import geometry, rle
from engine.adapters.sam2.colours import Colours, likeness, tell
from engine.types import RLE, Box, Image

_SHARED = 0.04  # of the smaller mask; less is the blur between two edges
_TWINS = 0.6  # likeness of balls that colours do not tell apart
_REACH = 5  # pixels over which a pixel's neighbours have a say


@dataclass(frozen=True, slots=True)
class Claim:
    """A mask, the box in which its ball was expected, and what the ball is known to look like."""

    mask: RLE
    place: Box
    colours: Colours | None


def settle(
    rgb: Image, claims: Mapping[int, Claim], *, firm: Collection[int] = ()
) -> dict[int, RLE]:
    """Return the masks that had to give up pixels, smaller than they were, perhaps empty.

    Args:
        rgb: the picture, uint8 (H, W, 3).
        claims: by track.
        firm: tracks that give up nothing: what a person asked for.
    """
    masks = {track: claim.mask for track, claim in claims.items()}
    changed: set[int] = set()
    for a, b in _rivals(claims):
        common = _common(masks[a], masks[b])
        least = min(rle.area(masks[a]), rle.area(masks[b]))
        if common is None or not least or rle.intersection(masks[a], masks[b]) < _SHARED * least:
            continue
        losses = _losses(rgb, common, masks, (a, b), claims)
        for track, loss in zip((a, b), losses, strict=True):
            if track not in firm and rle.area(loss):
                masks[track] = rle.subtract(masks[track], loss)
                changed.add(track)
    return {track: _tidy(masks[track]) for track in changed}


def _rivals(claims: Mapping[int, Claim]) -> Sequence[tuple[int, int]]:
    """Return the pairs of tracks whose masks' boxes meet."""
    boxes = {track: box for track, claim in claims.items() if (box := rle.bbox(claim.mask))}
    return [
        (a, b)
        for a, b in combinations(sorted(boxes), 2)
        if _overlap(boxes[a], boxes[b]) is not None
    ]


def _overlap(a: Box, b: Box) -> tuple[int, int, int, int] | None:
    """Return the common part of two boxes."""
    x0, y0, x1, y1 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return (int(x0), int(y0), int(x1), int(y1)) if x0 < x1 and y0 < y1 else None


def _common(a: RLE, b: RLE) -> tuple[int, int, int, int] | None:
    """Return the common part of two masks' boxes."""
    first, second = rle.bbox(a), rle.bbox(b)
    return None if first is None or second is None else _overlap(first, second)


def _losses(
    rgb: Image,
    box: tuple[int, int, int, int],
    masks: Mapping[int, RLE],
    pair: tuple[int, int],
    claims: Mapping[int, Claim],
) -> tuple[RLE, RLE]:
    """Return what each of two balls gives up of what both claim."""
    both = rle.decode_crop(masks[pair[0]], box) & rle.decode_crop(masks[pair[1]], box)
    first, second = claims[pair[0]], claims[pair[1]]
    nearer = _nearness(box, first.place) < _nearness(box, second.place)
    mine = nearer
    if (
        first.colours is not None
        and second.colours is not None
        and likeness(first.colours, second.colours) < _TWINS
    ):
        pixels = rgb[box[1] : box[3], box[0] : box[2]]
        shown = tell(pixels, first.colours) - tell(pixels, second.colours)
        lead = np.asarray(cv2.blur(shown, (_REACH, _REACH)))
        mine = np.where(np.abs(lead) > 1e-4, lead > 0, nearer)
    size = masks[pair[0]].size
    return _at(both & ~mine, box, size), _at(both & mine, box, size)


def _nearness(box: tuple[int, int, int, int], place: Box) -> NDArray[np.float64]:
    """Return for each pixel of a box how far it is from the middle of a ball, in radii of the ball."""
    x, y = geometry.center(place)
    columns, rows = np.arange(box[0], box[2]) + 0.5 - x, np.arange(box[1], box[3]) + 0.5 - y
    radius = max(1.0, (geometry.width(place) + geometry.height(place)) / 4)
    return np.asarray(np.hypot(columns[None], rows[:, None]) / radius)


def _tidy(mask: RLE) -> RLE:
    """Return a mask without the threads and crumbs that giving up pixels leaves: its largest part, opened."""
    box = rle.bbox(mask)
    if box is None:
        return mask
    x0, y0, x1, y1 = map(int, box)
    part = np.pad(rle.decode_crop(mask, (x0, y0, x1, y1)).astype(np.uint8), 1)
    opened = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if len(stats) < 2:
        return rle.empty(mask.size)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return _at(np.asarray(labels[1:-1, 1:-1] == largest), (x0, y0, x1, y1), mask.size)


def _at(part: NDArray[np.bool_], box: tuple[int, int, int, int], size: tuple[int, int]) -> RLE:
    """Return a part of the picture as a mask of the whole."""
    return rle.encode(part, origin=(box[0], box[1]), size=size)
