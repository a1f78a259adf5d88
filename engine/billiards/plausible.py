"""Knows where and how large balls can be in any billiards picture; knows no detector and no time.

Three facts hold in every broadcast and every phone video: balls lie on one cloth of one colour that fills a
large convex part of the picture; their size changes smoothly with the height in the picture, as the table
recedes; and a ball is about as wide as high, unless it is fast. What contradicts them is no ball.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.billiards.cloth import Hull, playing_surface
from engine.geometry import center, height, width
from engine.types import Box, Detection

MARGIN = 0.35
MOST_ASPECT = 3.0
SIZE_RATIO = 1.8
ENOUGH_TO_FIT = 5
ENOUGH_TO_DOUBT = 4


def plausible(detections: Sequence[Detection], rgb: NDArray[np.uint8]) -> tuple[Detection, ...]:
    """Return the detections of one frame that can be balls on a table, in their order.

    Args:
        detections: what a detector found on this frame, boxes in its pixels.
        rgb: the frame, uint8 (H, W, 3).

    Returns:
        Those that lie on the cloth, have the size of their neighbours and are not too long. Where no
        cloth can be made out (a close-up, a crowd), the input unchanged; so too where what was taken for the cloth
        lies elsewhere than most of four or more balls, for then it is a floor or a wall.
    """
    hull = playing_surface(rgb)
    if hull is None:
        return tuple(detections)
    on_cloth = [item for item in detections if lies_on(hull, item.box)]
    if len(detections) >= ENOUGH_TO_DOUBT and 2 * len(on_cloth) < len(detections):
        return tuple(detections)
    shaped = [item for item in on_cloth if aspect(item.box) <= MOST_ASPECT]
    keep = of_one_size([item.box for item in shaped])
    return tuple(item for item, kept in zip(shaped, keep, strict=True) if kept)


def lies_on(hull: Hull, box: Box) -> bool:
    """Say whether the centre of a box is on the cloth, or beyond its edge by no more than a third of a ball."""
    return hull.distance(center(box)) <= MARGIN * max(width(box), height(box))


def aspect(box: Box) -> float:
    """Return the longer side over the shorter one, infinite for a box without area."""
    short, long = sorted((width(box), height(box)))
    return long / short if short > 0 else float("inf")


def of_one_size(boxes: Sequence[Box]) -> list[bool]:
    """Say for each box whether its size suits its height in the picture.

    The line of size against y is that of Theil and Sen (the median of the slopes of all pairs), which a
    third of wrong boxes does not move. Fewer than five boxes prove nothing: all are kept.
    """
    if len(boxes) < ENOUGH_TO_FIT:
        return [True] * len(boxes)
    sizes = np.array([np.log(max(width(box), height(box), 1e-3)) for box in boxes])
    rows = np.array([center(box)[1] for box in boxes])
    first, second = np.triu_indices(len(boxes), 1)
    apart = np.abs(rows[first] - rows[second]) > 0.5 * float(np.exp(np.median(sizes)))
    slopes = (sizes[first] - sizes[second])[apart] / (rows[first] - rows[second])[apart]
    slope = float(np.median(slopes)) if len(slopes) else 0.0
    rest = sizes - slope * rows
    return [bool(abs(value) <= np.log(SIZE_RATIO)) for value in rest - np.median(rest)]
