"""Pictures that say their own number, and a FrameSource made of them. Knows no file and no codec.

The number is drawn as 4 x 4 black or white blocks over the whole picture, 16 bits, so that it survives
compression, scaling and colour conversion, and no turned or mirrored picture passes for the right one.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from engine.errors import InputError
from engine.types import Clip, FrameBatch, Image

SIDE: Final = 4
BITS: Final = SIDE * SIDE
SCRAMBLE: Final = (
    0x9E37  # odd, so that multiplying modulo 2^16 can be undone; neighbours differ in many bits
)


def numbered(number: int, *, width: int, height: int) -> Image:
    """Return uint8 (height, width, 3), at least 8 x 8, that shows ``number``, 0 up to 65536.

    Raises:
        InputError: the number has more than 16 bits, or the picture no room for them.
    """
    if not 0 <= number < 1 << BITS or width < 2 * SIDE or height < 2 * SIDE:
        raise InputError(
            f"cannot draw {number} into {width}x{height}; expected 16 bits and 8x8 or more"
        )
    code = number * SCRAMBLE % (1 << BITS)
    bits = np.array([code >> bit & 1 for bit in range(BITS)], np.uint8).reshape(SIDE, SIDE)
    rows, columns = np.arange(height) * SIDE // height, np.arange(width) * SIDE // width
    plane = bits[np.ix_(rows, columns)] * np.uint8(255)
    return np.repeat(plane[..., None], 3, axis=2)


def read_number(rgb: Image) -> int:
    """Return the number that ``numbered`` drew, from the middle of each block of ``rgb`` (H, W, 3)."""
    height, width, _ = rgb.shape
    code = 0
    for bit in range(BITS):
        row, column = divmod(bit, SIDE)
        block = rgb[_middle(row, height), _middle(column, width)]
        code |= int(block.mean() > 127) << bit
    return code * pow(SCRAMBLE, -1, 1 << BITS) % (1 << BITS)


def _middle(block: int, length: int) -> slice:
    """Return the middle half of one of the blocks along ``length`` pixels, at least one pixel."""
    first = -(-(4 * block + 1) * length // (4 * SIDE))  # rounded up: never the block before
    return slice(first, max(first + 1, (4 * block + 3) * length // (4 * SIDE)))


def numbered_frame(clip: Clip, frame: int) -> Image:
    """Return the picture of the clip's ``frame``: its number in the media."""
    return numbered(clip.start + frame, width=clip.width, height=clip.height)


class FakeFrameSource:
    """Paints every frame on demand; ``paint(clip, frame)`` returns uint8 (clip.height, clip.width, 3)."""

    def __init__(self, paint: Callable[[Clip, int], Image] = numbered_frame) -> None:
        """Paint the frame numbers unless told otherwise."""
        self.paint = paint

    def batches(
        self, clip: Clip, *, size: int = 4, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameBatch]:
        """Yield frames ``start`` up to ``stop`` (default: the end) in order, ``size`` at a time.

        Raises:
            InputError: the range is not inside the clip, or ``size`` is not positive.
        """
        end = clip.frames if stop is None else stop
        if size < 1 or not 0 <= start <= end <= clip.frames:
            raise InputError(
                f"clip {clip.id}: cannot read frames {start} to {end} by {size}; it has {clip.frames} frames"
            )
        for first in range(start, end, size):
            numbers = range(first, min(first + size, end))
            yield FrameBatch(first, np.stack([self.paint(clip, number) for number in numbers]))
