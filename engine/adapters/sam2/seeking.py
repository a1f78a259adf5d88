"""Where to look for a ball that is not in its window, and what to take for it; knows boxes and masks, no network.

A struck ball covers several of its diameters between two frames, more than its window holds. So around the
place where it was expected a grid of windows of the same scale is tried, for a few frames, wider each time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine import geometry, rle
from engine.adapters.sam2.colours import Colours, colours_of, likeness
from engine.models.place import Place, expected
from engine.models.windows import View, window
from engine.types import RLE, Box, Image, TrackMask

_STEP = 0.6  # of a window's side, from one window of the grid to the next
_RINGS = {1: 2, 2: 3}  # of windows around, by how many frames the ball is missing; then _MOST
_MOST = 4
ALIKE = 0.6
_SIZES = 0.45, 1.9  # of the expected area; a smeared ball is longer
_WHEN = (1, 2, 4, 8)
LONGEST = 8
"""Frames after which a ball is no longer looked for."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is known of a ball that is looked for."""

    place: Place
    colours: Colours | None


def due(place: Place) -> bool:
    """Return whether a ball is looked for on this frame, the ``absent + 1``-th without it."""
    return place.absent + 1 in _WHEN


def grid(place: Place, *, context: float) -> list[View]:
    """Return the windows around the one in which the ball is not, nearest first."""
    box = expected(place)
    side = context * max(geometry.width(box), geometry.height(box)) * _STEP
    rings = _RINGS.get(place.absent + 1, _MOST)
    steps = range(-rings, rings + 1)
    around = sorted((abs(i) + abs(j), i, j) for i in steps for j in steps if i or j)
    return [window(geometry.shift(box, i * side, j * side), context=context) for _, i, j in around]


def choose(
    found: Sequence[tuple[TrackMask, View]],
    sought: Sought,
    *,
    rgb: Image,
    taken: Collection[RLE],
) -> int | None:
    """Return the index of the mask that is the ball sought, or None.

    It has about the ball's size and colours, lies whole in its window, and is no ball of another track.
    """
    best: tuple[float, int] | None = None
    for index, (mask, view) in enumerate(found):
        box = rle.bbox(mask.rle)
        if box is None or not (ball_sized(mask.rle, sought.place) and whole(box, view, rgb)):
            continue
        if any(rle.iou(mask.rle, other) > 0.1 for other in taken):
            continue
        alike = (
            1.0 if sought.colours is None else likeness(sought.colours, colours_of(rgb, mask.rle))
        )
        rank = alike * mask.score * mask.stability
        if alike >= ALIKE and (best is None or rank > best[0]):
            best = rank, index
    return None if best is None else best[1]


def ball_sized(mask: RLE, place: Place) -> bool:
    """Return whether a mask has about the area that the ball had."""
    low, high = _SIZES
    area = 0.785 * place.width * place.height
    return low * area <= rle.area(mask) <= high * area


def whole(box: Box, view: View, rgb: Image) -> bool:
    """Return whether a mask's box is not cut by its window's edge inside the picture."""
    return (
        (box[0] > view[0] or view[0] <= 0)
        and (box[1] > view[1] or view[1] <= 0)
        and (box[2] < view[2] or view[2] >= rgb.shape[1])
        and (box[3] < view[3] or view[3] >= rgb.shape[0])
    )
