"""A box through time as few keyframes, and what an editor shows of keyframes. Knows pixels and 0-based frames, no JSON and no percent."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.types import Box


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
    frames: Sequence[int], boxes: NDArray[np.float64], *, length: int, tolerance: float
) -> list[Keyframe]:
    """Return few keyframes that show a box on exactly ``frames`` (in order) of a clip of ``length`` frames.

    ``boxes`` float64 (len(frames), 4) are xyxy pixels. No side of a box shown is further than ``tolerance`` pixels from its own.
    """
    raise NotImplementedError


def shown(sequence: Sequence[Keyframe], frame: int) -> Box | None:
    """Return the box that an editor shows on a frame, None where it shows none.

    A turned box is shown as the smallest upright one around it.
    """
    raise NotImplementedError
