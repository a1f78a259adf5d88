"""Brightness and colour of pictures as a video stores them, so that both can be compared without turning a video into RGB.

A video's planes are made of RGB by the matrix and range that the stream names; a JPEG's pixels are put through the same
formula. Brightness alone would not do: a red ball is as bright as green cloth. Knows no format of datasets.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image

from engine.media.colour import ToRgb, matrix_of, range_of

Plane: TypeAlias = NDArray[np.uint8]
Levels: TypeAlias = NDArray[np.float32]

_PLANAR: Final = {
    "yuv420p": (2, 2),
    "yuvj420p": (2, 2),
    "yuv422p": (2, 1),
    "yuvj422p": (2, 1),
    "yuv444p": (1, 1),
    "yuvj444p": (1, 1),
}
"""Pixels of brightness for one of colour, across and down, of what is stored as three planes of bytes."""

_RED_BLUE: Final = {
    Colorspace.ITU709: (0.2126, 0.0722),
    Colorspace.FCC: (0.30, 0.11),
    Colorspace.ITU601: (0.299, 0.114),
    Colorspace.SMPTE240M: (0.212, 0.087),
    Colorspace.BT2020: (0.2627, 0.0593),
}
"""Shares of red and blue in brightness (ITU-T H.273, table 4); green has the rest."""


class Planes:
    """The planes of the frames of one stream, and of RGB pictures by its formula: brightness, blue and red difference."""

    def __init__(self, first: VideoFrame) -> None:
        """Take matrix, range and layout from a frame of the stream."""
        red, blue = _RED_BLUE[matrix_of(first)]
        shares = np.array([red, 1 - red - blue, blue])
        wide = range_of(first) is ColorRange.JPEG
        bright, colour = (1.0, 1.0) if wide else (219 / 255, 224 / 255)
        self._matrix = np.stack(
            [
                shares * bright,
                (np.array([0, 0, 1]) - shares) / (2 * (1 - blue)) * colour,
                (np.array([1, 0, 0]) - shares) / (2 * (1 - red)) * colour,
            ]
        ).astype(np.float32)
        self._offsets = (0.0 if wide else 16.0, 128.0, 128.0)
        self._to_rgb = None if first.format.name in _PLANAR else ToRgb()
        self.steps = ((1, 1), *(2 * [_PLANAR.get(first.format.name, (1, 1))]))

    def of_frame(self, frame: VideoFrame) -> tuple[Plane, ...]:
        """Return the planes of a frame, uint8 (H, W) and twice its size in pixels of colour; or computed ones."""
        if self._to_rgb is not None:
            levels = self.of_rgb(self._to_rgb(frame))
            return tuple(np.clip(np.rint(plane), 0, 255).astype(np.uint8) for plane in levels)
        return tuple(_view(frame, index, self.steps[index]) for index in range(3))

    def of_rgb(self, rgb: Plane) -> tuple[Levels, ...]:
        """Return three planes, each float32 (H, W), 0..255, of RGB uint8 (H, W, 3)."""
        return tuple(
            np.asarray(rgb @ row + offset, np.float32)
            for row, offset in zip(self._matrix, self._offsets, strict=True)
        )


def shrunk(planes: Sequence[Plane], steps: Sequence[tuple[int, int]], by: int) -> Levels:
    """Return the means of blocks of ``by`` x ``by`` pixels of a picture, float32 (3, ceil(H / by), ceil(W / by)).

    ``steps`` are the pixels of the picture for one of each plane. Blocks at the right and foot are of what is left.
    """
    parts = (
        Image.fromarray(plane).reduce((by // across, by // down))
        for plane, (across, down) in zip(planes, steps, strict=True)
    )
    return np.stack([np.asarray(part, np.float32) for part in parts])


def cells(values: Levels, grid: tuple[int, int]) -> Levels:
    """Return the means of the cells of a coarse grid of (columns, rows) in each plane of (3, H, W)."""
    parts = (Image.fromarray(plane).resize(grid, Image.Resampling.BOX) for plane in values)
    return np.stack([np.asarray(part, np.float32) for part in parts])


def _view(frame: VideoFrame, index: int, step: tuple[int, int]) -> Plane:
    """Return one plane without copying it."""
    plane = frame.planes[index]
    wide, high = -(-frame.width // step[0]), -(-frame.height // step[1])
    rows = np.frombuffer(plane, np.uint8)[: plane.line_size * high]  # type: ignore[call-overload]  # a plane is a buffer
    return np.asarray(rows.reshape(high, plane.line_size)[:, :wide])
