"""The run lengths of Label Studio's brush: bits to one byte for each channel of each pixel. Knows no JSON.

The layout, as ``label_studio_sdk.converter.brush`` reads it: 32 bits count the values, 5 bits hold their width less one,
then come four times 4 bits, lengths of numbers less one. Blocks follow: one bit says whether it is a run, two bits which
length its count less one is written with, then the count, then one value for a run, else a value for each.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError

_CHANNELS = 4

_Bytes: TypeAlias = NDArray[np.uint8]
_Ints: TypeAlias = NDArray[np.int64]


class _Bits:
    """Bits of some bytes, read in order."""

    def __init__(self, data: bytes) -> None:
        """Begin with the first, which is the highest of the first byte."""
        self._data, self._at = data, 0

    def take(self, count: int) -> int:
        """Return the next ``count`` bits as a number; raises InputError at the end."""
        first, last = self._at, self._at + count
        if last > 8 * len(self._data):
            raise InputError("brush run lengths end too early; export the task again")
        self._at = last
        inside = int.from_bytes(self._data[first // 8 : (last + 7) // 8])
        return inside >> (-last % 8) & ((1 << count) - 1)

    def values(self, many: int, width: int) -> list[int]:
        """Return the next ``many`` numbers of ``width`` bits."""
        if width == 8:
            return list(self.take(8 * many).to_bytes(many))
        return [self.take(width) for _ in range(many)]


def alpha(runs: Sequence[int], size: tuple[int, int]) -> _Bytes:
    """Return how much each pixel is painted, uint8 (H, W), 0 to 255.

    Raises:
        InputError: it is no such list, ends too early, or is of another size than (height, width).
    """
    lengths, values = alpha_runs(runs, size)
    return np.repeat(values, lengths).reshape(size)


def alpha_runs(runs: Sequence[int], size: tuple[int, int]) -> tuple[_Ints, _Bytes]:
    """Return how much pixels are painted, as run lengths along the rows and the value of each run, 0 to 255.

    A run may be 0 long, and neighbouring ones may have one value. No picture is made: a ball is a hundred runs.

    Raises:
        InputError: as for ``alpha``.
    """
    if not all(isinstance(byte, int) and 0 <= byte < 256 for byte in runs):
        raise InputError("brush run lengths are no list of bytes; export the task again")
    bits, total = _Bits(bytes(runs)), size[0] * size[1] * _CHANNELS
    count, width = bits.take(32), bits.take(5) + 1
    lengths = [bits.take(4) + 1 for _ in range(4)]
    if count != total or width > 8:
        raise InputError(
            f"brush run lengths of {count} values of {width} bits, expected {total} of 8 for {size[1]} x {size[0]} pixels"
        )
    ends, values = _blocks(bits, lengths=lengths, width=width, total=total)
    # the alpha of pixel k is value 4k + 3: so many pixels are told once the first 4k + 4 values are
    pixels = np.array(ends, np.int64) // _CHANNELS
    return np.diff(pixels, prepend=0), np.array(values, np.uint8)


def _blocks(
    bits: _Bits, *, lengths: Sequence[int], width: int, total: int
) -> tuple[list[int], list[int]]:
    """Return after how many values each run ends, and its value."""
    ends: list[int] = []
    values: list[int] = []
    at = 0
    while at < total:
        same = bits.take(1)
        many = bits.take(lengths[bits.take(2)]) + 1
        if at + many > total:
            raise InputError(f"brush run lengths hold more than {total} values; export it again")
        values.extend(bits.values(1 if same else many, width))
        ends.extend([at + many] if same else range(at + 1, at + many + 1))
        at += many
    return ends, values
