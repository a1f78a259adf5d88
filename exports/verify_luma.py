"""Brightness of pictures as a video stores it, so that both can be compared without turning a video into RGB.

A video's first plane is its brightness, made of RGB by the matrix and range that the stream names; a JPEG's pixels
are put through the same formula. Knows no format of datasets.
"""

from typing import Final

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image

from engine.media.colour import ToRgb, matrix_of, range_of

_PLANAR: Final = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12")
_RED_BLUE: Final = {
    Colorspace.ITU709: (0.2126, 0.0722),
    Colorspace.FCC: (0.30, 0.11),
    Colorspace.ITU601: (0.299, 0.114),
    Colorspace.SMPTE240M: (0.212, 0.087),
    Colorspace.BT2020: (0.2627, 0.0593),
}
"""Shares of red and blue in brightness (ITU-T H.273, table 4); green has the rest."""


class Luma:
    """The brightness of the frames of one stream, and of RGB pictures by its formula."""

    def __init__(self, first: VideoFrame) -> None:
        """Take matrix and range from a frame of the stream."""
        red, blue = _RED_BLUE[matrix_of(first)]
        wide = range_of(first) is ColorRange.JPEG
        self._shares = np.array([red, 1 - red - blue, blue], np.float32)
        self._scale, self._black = (1.0, 0.0) if wide else (219 / 255, 16.0)
        self._planar = first.format.name in _PLANAR
        self._to_rgb = ToRgb()

    def of_frame(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """Return uint8 (H, W) of a frame: its first plane, or computed where pixels are stored otherwise."""
        if not self._planar:
            return np.rint(self.of_rgb(self._to_rgb(frame))).astype(np.uint8)
        plane = frame.planes[0]
        rows = np.frombuffer(plane, np.uint8)[: plane.line_size * frame.height]  # type: ignore[call-overload]  # a plane is a buffer
        return np.asarray(rows.reshape(frame.height, plane.line_size)[:, : frame.width])

    def of_rgb(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return float32 (H, W), 0..255, of RGB uint8 (H, W, 3)."""
        return np.asarray(rgb @ self._shares * self._scale + self._black, np.float32)


def shrunk(luma: NDArray[np.uint8], by: int) -> NDArray[np.float32]:
    """Return the means of blocks of ``by`` x ``by`` pixels, those at the right and foot of what is left there."""
    return np.asarray(Image.fromarray(luma).reduce(by), np.float32)


def cells(values: NDArray[np.float32], grid: tuple[int, int]) -> NDArray[np.float32]:
    """Return the means of the cells of a coarse grid of (columns, rows)."""
    return np.asarray(Image.fromarray(values).resize(grid, Image.Resampling.BOX), np.float32)
