"""From pixels as stored to the picture a viewer should see: turned, mirrored, with square pixels, even sizes.

Knows the display matrix of MP4 and its kin, and opens no file.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

import numpy as np
from av import VideoFrame
from av.sidedata.sidedata import SideDataContainer, Type
from numpy.typing import NDArray

from engine.types import Image

UPRIGHT: Final = (1, 0, 0, 1)


@dataclass(frozen=True, slots=True)
class Display:
    """How stored pictures are to be shown.

    ``transposed`` swaps x and y first; ``mirror_x`` and ``mirror_y`` then reverse the columns and the
    rows. ``stretch`` is the width of a pixel over its height.
    """

    transposed: bool = False
    mirror_x: bool = False
    mirror_y: bool = False
    stretch: Fraction = Fraction(1)

    @property
    def upright(self) -> bool:
        """Whether pictures are shown as they are stored, square pixels or not."""
        return not (self.transposed or self.mirror_x or self.mirror_y)

    @property
    def words(self) -> str:
        """Say what has to be done to the pixels: ``rotated by 90 degrees``, ``mirrored``."""
        if self.transposed and self.mirror_x != self.mirror_y:
            return f"rotated by {90 if self.mirror_y else 270} degrees"
        if self.mirror_x and self.mirror_y and not self.transposed:
            return "rotated by 180 degrees"
        return "mirrored"

    def stretched_width(self, width: int) -> int:
        """Return the width of ``width`` stored pixels when they are made square."""
        return max(1, round(width * self.stretch))

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return the shown (width, height) of a stored picture of this size."""
        wide = self.stretched_width(width)
        return (height, wide) if self.transposed else (wide, height)

    def turn(self, rgb: Image) -> Image:
        """Return (H, W, 3), stored but with square pixels already, as it is to be shown."""
        shown = rgb.transpose(1, 0, 2) if self.transposed else rgb
        shown = shown[:, ::-1] if self.mirror_x else shown
        return shown[::-1] if self.mirror_y else shown


def display_of(frame: VideoFrame, *, pixel_aspect: Fraction | None = None) -> Display:
    """Return how this frame is to be shown; ``pixel_aspect`` is the container's word, if it has one.

    The matrix maps stored (x, y) to shown (a x + c y, b x + d y); one that turns by no multiple of
    90 degrees counts as the nearest that does.
    """
    a, b, c, d = _matrix(frame)
    stretch = pixel_aspect if pixel_aspect and pixel_aspect > 0 else Fraction(1)
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Display(transposed=True, mirror_x=c < 0, mirror_y=b < 0, stretch=stretch)
    return Display(mirror_x=a < 0, mirror_y=d < 0, stretch=stretch)


def _matrix(frame: VideoFrame) -> tuple[int, int, int, int]:
    """Return a, b, c, d of the display matrix, in whatever scale; upright where there is none."""
    for data in cast(SideDataContainer, frame.side_data):
        if data.type is Type.DISPLAYMATRIX:
            cells: NDArray[np.int32] = np.frombuffer(bytes(data), np.int32)
            return int(cells[0]), int(cells[1]), int(cells[3]), int(cells[4])
    return UPRIGHT


def even(length: int) -> int:
    """Return the length, or the next one that is even."""
    return length + length % 2


def pad_even(rgb: Image) -> Image:
    """Return (H, W, 3) with its last row and column repeated where its sizes are odd."""
    height, width, _ = rgb.shape
    if not height % 2 and not width % 2:
        return rgb
    return np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
