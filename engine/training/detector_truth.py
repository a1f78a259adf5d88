"""Knows which balls and pockets of a clip's truth a detector is asked to find; knows no picture and no file.

A ball of which almost nothing is seen is no lesson, and neither is a pocket at the picture's edge.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine import rle
from engine.billiards.classes import BALL, POCKET, kind_of
from engine.models.yolo import CLASSES
from engine.types import RLE, FrameMasks

BALL_INDEX = CLASSES.index(BALL)
POCKET_INDEX = CLASSES.index(POCKET)
SMALLEST_AREA = 24
SMALLEST_SIDE = 4.0
SMALLEST_SHARE = 0.15
LEAST_POCKET = 0.5

Labelled = tuple[int, tuple[float, float, float, float]]


def ball_boxes(truth: Mapping[str, Any], frame: int) -> list[Labelled]:
    """Return (class, box) of the balls of a frame of rendered footage, slivers left out (see ``large_enough``)."""
    labels = _kinds(truth)
    masks = truth["masks"][frame]
    return large_enough(
        [(labels[mask["track"]], tuple(mask["box"])) for mask in masks],
        [rle.area(_mask(mask)) for mask in masks],
    )


def mask_boxes(masks: FrameMasks) -> list[Labelled]:
    """Return (class, box) of the balls of a frame of any dataset, whose kinds nobody vouches for."""
    boxes = [rle.bbox(mask.rle) for mask in masks.masks]
    areas = [rle.area(mask.rle) for mask in masks.masks]
    seen = [(box, area) for box, area in zip(boxes, areas, strict=True) if box is not None]
    return large_enough([(BALL_INDEX, box) for box, _ in seen], [area for _, area in seen])


def large_enough(balls: Sequence[Labelled], areas: Sequence[int]) -> list[Labelled]:
    """Return the balls of a frame of which enough is seen to be found by sight.

    Dropped are slivers: less than 24 pixels, a side under 4, or under 15 % of the area that balls have in this frame.
    """
    least = max(SMALLEST_AREA, SMALLEST_SHARE * float(np.median(areas))) if areas else 0
    return [
        ball
        for ball, area in zip(balls, areas, strict=True)
        if area >= least and min(sides(ball[1])) >= SMALLEST_SIDE
    ]


def _kinds(truth: Mapping[str, Any]) -> dict[int, int]:
    """Return the class of every track."""
    game = truth.get("profile")
    return {
        item["track"]: CLASSES.index(
            kind_of(item["label"], int(item.get("number") or 0), game=game)
        )
        for item in truth["objects"]
    }


def pocket_boxes(truth: Mapping[str, Any], frame: int, shape: tuple[int, ...]) -> list[Labelled]:
    """Return (class, box) of every pocket that is seen, clipped to a picture of ``shape`` (height, width).

    Pockets of which less than half is inside the picture are left out; so are all where the truth has none.
    """
    given = truth.get("pockets") or []
    seen = []
    for pocket in given[frame] if given else []:
        x, y, radius = pocket["x"], pocket["y"], pocket["radius"]
        box = pocket.get("box") or (x - radius, y - radius, x + radius, y + radius)
        x0, x1 = (min(max(value, 0.0), shape[1]) for value in (box[0], box[2]))
        y0, y1 = (min(max(value, 0.0), shape[0]) for value in (box[1], box[3]))
        inside = max(0.0, x1 - x0) * max(0.0, y1 - y0)
        if pocket["visible"] and inside > LEAST_POCKET * (box[2] - box[0]) * (box[3] - box[1]):
            seen.append((POCKET_INDEX, (x0, y0, x1, y1)))
    return seen


def _mask(mask: Mapping[str, Any]) -> RLE:
    """Return the run lengths of one entry."""
    counts = mask["counts"]
    height, width = mask["size"]
    return RLE((height, width), counts.encode() if isinstance(counts, str) else counts)


def sides(box: Sequence[float]) -> tuple[float, float]:
    """Return width and height of a box."""
    return box[2] - box[0], box[3] - box[1]
