"""Looks for one ball around the window that it has left; knows how to ask for drawings, not how they are made.

First on the grid of ``seeking``; a mask of the right colours that is cut by its window, or grown together with
something, is drawn once more in a window around it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import geometry, rle
from engine.adapters.sam2 import motion, views
from engine.adapters.sam2.colours import colours_of, likeness
from engine.adapters.sam2.seeking import ALIKE, Sought, choose, grid
from engine.adapters.sam2.sighting import Sighting, believe
from engine.models.windows import View, window
from engine.types import RLE, Box, Image

Draw: TypeAlias = Callable[[Sequence[View]], list[Sighting]]

MOVED = 0.4  # of a ball's box
_AGAIN = 3  # masks that are drawn once more


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a ball is looked for: the picture, where it has changed (see ``motion.change``), what other balls have."""

    rgb: Image
    changed: NDArray[np.bool_]
    taken: Collection[RLE]
    context: float


def search(sought: Sought, ground: Ground, draw: Draw) -> Sighting | None:
    """Return the sighting of the ball that is sought, or None."""
    looks = [
        look
        for look in grid(sought.place, context=ground.context)
        if views.touches(look, ground.rgb) and motion.share(ground.changed, look)
    ]
    seen = _lively(draw(looks), ground)
    found = _pick(seen, sought, ground)
    if found is not None or not seen:
        return found
    return _pick(_lively(draw(_closer(seen, sought, ground)), ground), sought, ground)


def _lively(seen: Sequence[Sighting], ground: Ground) -> list[Sighting]:
    """Return what was seen, doubtful or not, where something has changed."""
    return [
        one
        for one in map(believe, seen)
        if one.mask
        and motion.share(ground.changed, rle.bbox(one.mask.rle) or one.want.look) > MOVED
    ]


def _pick(seen: Sequence[Sighting], sought: Sought, ground: Ground) -> Sighting | None:
    """Return the best of what may be the ball."""
    masks = [(one.mask, one.want.look) for one in seen if one.mask]
    best = choose(masks, sought, rgb=ground.rgb, taken=ground.taken)
    return None if best is None else seen[best]


def _closer(seen: Sequence[Sighting], sought: Sought, ground: Ground) -> list[View]:
    """Return windows around the masks that look most like the ball."""
    if sought.colours is None:
        return []
    known = sought.colours
    ranked = sorted(
        (
            (likeness(known, colours_of(ground.rgb, one.mask.rle)), k)
            for k, one in enumerate(seen)
            if one.mask
        ),
        reverse=True,
    )
    half = max(sought.place.width, sought.place.height) / 2
    boxes = [_box(seen[k]) for alike, k in ranked[:_AGAIN] if alike >= ALIKE]
    middles = [geometry.center(box) for box in boxes]
    return [
        window((x - half, y - half, x + half, y + half), context=ground.context) for x, y in middles
    ]


def _box(one: Sighting) -> Box:
    """Return the box of a mask that is there."""
    box = None if one.mask is None else rle.bbox(one.mask.rle)
    return one.want.look if box is None else box
