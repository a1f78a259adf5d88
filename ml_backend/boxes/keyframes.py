"""A box through time as few keyframes, and what an editor shows of keyframes. Knows pixels and 0-based frames, no JSON and no percent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.types import Box, Clip
from ml_backend.boxes.corridor import corners

_INSIDE = 0.45
"""The part of a box's smaller side by which a side may be off at most: both together leave it some size."""


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A box at one frame: its top left corner, its size, and by how many degrees it is turned about that corner.

    From here on the box is shown up to the next keyframe, moving there evenly; where it is not ``enabled``, only on this frame.
    """

    frame: int
    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0
    enabled: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What an editor shows of a region: bool (frames,) and float64 (frames, 4), xyxy pixels, not clipped to the picture.

    ``keyframes`` are the frames of its keyframes, in order, also such that lie outside the clip. ``label`` is None where it has none.
    """

    label: str | None
    keyframes: tuple[int, ...]
    visible: NDArray[np.bool_]
    boxes: NDArray[np.float64]

    def box(self, frame: int) -> Box | None:
        """Return the box shown on a frame of the clip, None where none is."""
        if not self.visible[frame]:
            return None
        x0, y0, x1, y1 = self.boxes[frame].tolist()
        return x0, y0, x1, y1


def sparse(
    frames: Sequence[int],
    boxes: NDArray[np.float64],
    *,
    clip: Clip,
    tolerance: float,
) -> list[Keyframe]:
    """Return few keyframes that show a box on exactly ``frames`` (in order) of a clip, within ``tolerance`` pixels.

    ``boxes`` float64 (len(frames), 4) are xyxy pixels inside the picture, and so is what is shown. However large the tolerance, no
    box is turned inside out.
    """
    if not len(frames):
        return []
    places = np.asarray(frames)
    cuts = np.flatnonzero(np.diff(places) > 1) + 1
    made: list[Keyframe] = []
    for run, own in zip(np.split(places, cuts), np.split(boxes, cuts), strict=True):
        made += _run(int(run[0]), own, clip=clip, tolerance=tolerance)
    return made


def _run(first: int, boxes: NDArray[np.float64], *, clip: Clip, tolerance: float) -> list[Keyframe]:
    """Return the keyframes of a box that is there without a gap from a frame on."""
    sides = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    room = np.minimum(tolerance, sides * _INSIDE)[:, None]
    most = np.array([clip.width, clip.height] * 2, float)
    goes_on = first + len(boxes) == clip.frames
    low, high = np.maximum(boxes - room, 0), np.minimum(boxes + room, most)
    places, values = corners(low, high, level=goes_on)
    made = [
        Keyframe(first + place, x0, y0, x1 - x0, y1 - y0)
        for place, (x0, y0, x1, y1) in zip(places, values.tolist(), strict=True)
    ]
    return made if goes_on else [*made[:-1], replace(made[-1], enabled=False)]


def shown(sequence: Sequence[Keyframe], frame: int) -> Box | None:
    """Return the box that an editor shows on a frame, None where it shows none (see ``shown_on``)."""
    visible, boxes = shown_on(sequence, np.array([frame]))
    return tuple(boxes[0].tolist()) if visible[0] else None


def shown_on(
    sequence: Sequence[Keyframe], frames: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return on which of ``frames`` an editor shows a box, bool (n,), and the boxes, float64 (n, 4), 0 where it shows none.

    A turned box is shown as the smallest upright one around it. Of two keyframes on one frame the first says what is shown there,
    the last what is shown after it, as the editor has it.
    """
    visible = np.zeros(len(frames), bool)
    boxes = np.zeros((len(frames), 4))
    if not sequence:
        return visible, boxes
    ordered = sorted(sequence, key=lambda key: key.frame)
    at = np.array([key.frame for key in ordered])
    enabled = np.array([key.enabled for key in ordered])
    after = np.searchsorted(at, frames, "right")
    here = np.searchsorted(at, frames, "left")
    exact = here < after
    visible = (after > 0) & (exact | enabled[after - 1])
    start = np.where(exact, here, after - 1)[visible]
    stop = np.where(exact, here, np.minimum(after, len(at) - 1))[visible]
    boxes[visible] = _between(ordered, at, frames[visible], start, stop)
    return visible, boxes


def _between(
    ordered: Sequence[Keyframe],
    at: NDArray[np.int64],
    frames: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the boxes (n, 4) between two keyframes each, given by their places."""
    shapes = np.array([(key.x, key.y, key.width, key.height, key.rotation) for key in ordered])
    gap = at[stop] - at[start]
    part = ((frames - at[start]) / np.maximum(gap, 1))[:, None]
    way = shapes[stop] - shapes[start]
    way[:, 4] = _shortest(way[:, 4])
    return _upright(shapes[start] + way * part)


def _shortest(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return turns as those of at most half a circle that come to the same: so the editor moves between keyframes."""
    turned: NDArray[np.float64] = 180 - (180 - degrees) % 360
    return turned


def _upright(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the boxes (n, 4), xyxy, around shapes (n, 5): corner, size and the degrees by which they are turned about it."""
    x, y, width, height, degrees = shapes.T
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    across = np.stack([np.zeros_like(x), width * cos, width * cos - height * sin, -height * sin])
    down = np.stack([np.zeros_like(x), width * sin, width * sin + height * cos, height * cos])
    return np.stack(
        [x + across.min(0), y + down.min(0), x + across.max(0), y + down.max(0)], axis=1
    )
