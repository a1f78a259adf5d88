"""The run lengths of Label Studio's brush: bits to one byte for each channel of each pixel. Knows no JSON.

The layout, as ``label_studio_sdk.converter.brush`` reads it: 32 bits count the values, 5 bits hold their width less one,
then come four times 4 bits, lengths of numbers less one. Blocks follow: one bit says whether it is a run, two bits which
length its count less one is written with, then the count, then one value for a run, else a value for each.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError

_CHANNELS = 4


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


def alpha(runs: Sequence[int], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return how much each pixel is painted, uint8 (H, W), 0 to 255.

    Raises:
        InputError: it is no such list, ends too early, or is of another size than (height, width).
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
    values, at = np.zeros(total, np.uint8), 0
    while at < total:
        same = bits.take(1)
        many = bits.take(lengths[bits.take(2)]) + 1
        if at + many > total:
            raise InputError(f"brush run lengths hold more than {total} values; export it again")
        values[at : at + many] = (
            bits.take(width) if same else [bits.take(width) for _ in range(many)]
        )
        at += many
    return values.reshape(*size, _CHANNELS)[..., -1]
