"""Whose a pixel is that two balls' masks claim; knows pixels, masks and what balls look like, no network.

Two windows draw two touching balls without knowing of each other, and their masks may run into each other. No
pixel is of two balls: it goes to the one whose colours it shows, and between balls of one colour, as two reds are, to
the nearer one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from engine import geometry, rle
from engine.adapters.sam2.colours import Colours, likeness, tell
from engine.types import RLE, Box, Image

_SHARED = 0.04  # of the smaller mask; less is the blur between two edges
_TWINS = 0.6  # likeness of balls that colours do not tell apart
_REACH = 5  # pixels over which a pixel's neighbours have a say
_TOLD, _CLEAR = 1e-4, 0.01  # how much more often one ball shows a colour: at all, and beyond doubt
_LARGE, _LEFT, _LONG = 1.3, 0.5, 1.5  # of a ball's area, and of its diameter
_FOREIGN, _PALE, _AROUND = (
    0.04,
    0.3,
    0.65,
)  # of the mask, of the ball's own colours, of its diameter
Pixels: TypeAlias = tuple[int, int, int, int]


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
        region = _region(masks[a], masks[b])
        if region is None:
            continue
        losses = _losses(rgb, region, (masks[a], masks[b]), (claims[a], claims[b]))
        for track, loss in zip((a, b), losses, strict=True):
            if track not in firm and rle.area(loss):
                masks[track] = rle.subtract(masks[track], loss)
                changed.add(track)
    return {track: _tidy(masks[track]) for track in changed}


def trim(rgb: Image, mask: RLE, colours: Colours, *, thickness: float) -> RLE | None:
    """Return a mask without what its ball never showed, or None where it is well as it is.

    A mask that runs into a neighbour of which nobody knows is larger than its ball, and what lies beyond the ball is of
    other colours. A mask of the right size is left alone: a ball that turns shows new colours.

    Args:
        rgb: the picture, uint8 (H, W, 3).
        mask: as it was drawn.
        colours: what the ball is known to look like.
        thickness: its diameter in pixels.
    """
    full, box = np.pi / 4 * thickness**2, rle.bbox(mask)
    if box is None:
        return None
    long = max(geometry.width(box), geometry.height(box))
    if rle.area(mask) < _LARGE * full and long < _LONG * thickness:
        return None
    region = int(box[0]), int(box[1]), int(box[2]), int(box[3])
    part = rle.decode_crop(mask, region)
    pixels = rgb[region[1] : region[3], region[0] : region[2]]
    shown = tell(pixels, colours) * part
    core = part & _best_disc(shown, thickness)
    rest = part & ~core
    if rest.sum() < _FOREIGN * part.sum() or shown[rest].mean() > _PALE * shown[core].mean():
        return None
    left = _tidy(_at(core, region, mask.size))
    return left if rle.area(left) > _LEFT * full else None


def _best_disc(shown: NDArray[np.float32], thickness: float) -> NDArray[np.bool_]:
    """Return the disc, a little larger than the ball, around the place where most of the ball is shown."""
    side = max(3, round(thickness) // 2 * 2 + 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)).astype(np.float32)
    found = cv2.filter2D(shown, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    y, x = np.unravel_index(int(np.argmax(found)), found.shape)
    rows, columns = np.mgrid[: shown.shape[0], : shown.shape[1]]
    return np.asarray(np.hypot(rows - y, columns - x) < _AROUND * thickness)


def _rivals(claims: Mapping[int, Claim]) -> Sequence[tuple[int, int]]:
    """Return the pairs of tracks of which a mask's box meets that of the other's mask or place."""
    boxes = {
        track: (box, claim.place)
        for track, claim in claims.items()
        if (box := rle.bbox(claim.mask))
    }
    return [
        (a, b)
        for a, b in combinations(sorted(boxes), 2)
        if any(_meet(boxes[a][0], box) for box in boxes[b]) or _meet(boxes[a][1], boxes[b][0])
    ]


def _meet(a: Box, b: Box) -> bool:
    """Return whether two boxes have a part in common."""
    return max(a[0], b[0]) < min(a[2], b[2]) and max(a[1], b[1]) < min(a[3], b[3])


def _region(a: RLE, b: RLE) -> Pixels | None:
    """Return the box around two masks, or None when one of them is empty by now."""
    first, second = rle.bbox(a), rle.bbox(b)
    if first is None or second is None:
        return None
    x0, y0 = min(first[0], second[0]), min(first[1], second[1])
    return int(x0), int(y0), int(max(first[2], second[2])), int(max(first[3], second[3]))


def _losses(
    rgb: Image, box: Pixels, masks: tuple[RLE, RLE], claims: tuple[Claim, Claim]
) -> tuple[RLE, RLE]:
    """Return what each of two balls gives up."""
    one, other = (rle.decode_crop(mask, box) for mask in masks)
    far = [_nearness(box, claim.place) for claim in claims]
    lead = _lead(rgb[box[1] : box[3], box[0] : box[2]], *claims)
    mine = np.where(np.abs(lead) > _TOLD, lead > 0, far[0] < far[1])
    both = one & other
    if both.sum() < _SHARED * min(one.sum(), other.sum()):
        both = np.zeros_like(both)
    first = (both & ~mine) | _strayed(one, (far[1] < 1) & (lead < -_CLEAR))
    second = (both & mine) | _strayed(other, (far[0] < 1) & (lead > _CLEAR))
    return _at(first, box, masks[0].size), _at(second, box, masks[1].size)


def _strayed(mask: NDArray[np.bool_], wrong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the wrong pixels of a mask when they are more than a rim's blur."""
    strayed = mask & wrong
    return strayed if strayed.sum() >= _SHARED * mask.sum() else np.zeros_like(mask)


def _lead(pixels: Image, one: Claim, other: Claim) -> NDArray[np.float32]:
    """Return by how much pixels show one ball rather than the other, float32 (h, w); 0 where colours do not tell."""
    if one.colours is None or other.colours is None:
        return np.zeros(pixels.shape[:2], np.float32)
    if likeness(one.colours, other.colours) >= _TWINS:
        return np.zeros(pixels.shape[:2], np.float32)
    shown = tell(pixels, one.colours) - tell(pixels, other.colours)
    return np.asarray(cv2.blur(shown, (_REACH, _REACH)), np.float32)


def _nearness(box: Pixels, place: Box) -> NDArray[np.float64]:
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


def _at(part: NDArray[np.bool_], box: Pixels, size: tuple[int, int]) -> RLE:
    """Return a part of the picture as a mask of the whole."""
    return rle.encode(part, origin=(box[0], box[1]), size=size)
