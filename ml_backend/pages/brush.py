"""Label Studio's brush run lengths and masks, each made into the other. Knows the order of bits; refuses to know regions.

Label Studio packs the four channels of every pixel along the rows, as ``engine.datasets.label_studio_brush`` reads them.
What is written here is byte for byte what ``label_studio_sdk.converter.brush.mask2rle`` writes, from runs to runs: no
picture of 1080p is ever made for one ball.
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.datasets.label_studio_brush import alpha_runs
from engine.types import RLE

_Ints: TypeAlias = NDArray[np.int64]

HALF: Final = 127
"""A pixel that is painted more than this, of 255, is in the mask."""

_CHANNELS = 4
_WIDTHS = (3, 4, 8, 16)
"""Bits that a count less one is written with."""


def to_brush(mask: RLE) -> list[int]:
    """Return a mask as the bytes of Label Studio's brush: pixels inside are 255 in all channels, the others 0."""
    high, wide = mask.size
    starts, stops = _along_rows(mask)
    bits = [
        f"{high * wide * _CHANNELS:032b}{8 - 1:05b}",
        *(f"{width - 1:04b}" for width in _WIDTHS),
    ]
    at = 0
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        bits.extend(_blocks(start - at, 0))
        bits.extend(_blocks(stop - start, 255))
        at = stop
    bits.extend(_blocks(high * wide - at, 0))
    text = "".join(bits)
    text += "0" * (8 - len(text) % 8)
    return list(int(text, 2).to_bytes(len(text) // 8))


def from_brush(values: Sequence[int], size: tuple[int, int]) -> RLE:
    """Return the mask of a picture of ``size`` (height, width) that was painted: what is painted by more than half.

    Raises:
        InputError: it is no such list, ends too early, or is of a picture of another size.
    """
    lengths, painted = alpha_runs(values, size)
    stops = np.cumsum(lengths)
    inside = (painted > HALF) & (lengths > 0)
    return _down_columns((stops - lengths)[inside], stops[inside], size)


def _along_rows(mask: RLE) -> tuple[_Ints, _Ints]:
    """Return where runs of a mask's pixels start and stop along the rows, flat in the picture."""
    box = rle.bbox(mask)
    if box is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    x0, y0, x1, y1 = (int(side) for side in box)
    inside = rle.decode_crop(mask, (x0, y0, x1, y1))
    padded = np.zeros((inside.shape[0], inside.shape[1] + 2), np.int8)
    padded[:, 1:-1] = inside
    step = np.diff(padded, axis=1)
    starts, stops = (_flat(step == sign, x0, y0, wide=mask.size[1]) for sign in (1, -1))
    joined = np.flatnonzero(stops[:-1] == starts[1:])  # over the end of a row
    return np.delete(starts, joined + 1), np.delete(stops, joined)


def _flat(places: NDArray[np.bool_], x: int, y: int, *, wide: int) -> _Ints:
    """Return places of a crop at (x, y), flat in a picture ``wide`` pixels wide."""
    rows, columns = np.nonzero(places)
    flat: _Ints = (rows + y) * wide + columns + x
    return flat


def _down_columns(starts: _Ints, stops: _Ints, size: tuple[int, int]) -> RLE:
    """Return the mask of runs along the rows; only the rows between the first and the last of them are drawn."""
    if not len(starts):
        return rle.empty(size)
    wide = size[1]
    top, foot = int(starts[0]) // wide, (int(stops[-1]) - 1) // wide + 1
    step = np.zeros((foot - top) * wide + 1, np.int8)
    np.add.at(step, starts - top * wide, 1)
    np.add.at(step, stops - top * wide, -1)
    band = np.cumsum(step[:-1], dtype=np.int8).astype(bool).reshape(foot - top, wide)
    columns = np.flatnonzero(band.any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return rle.encode(band[:, left:right], origin=(left, top), size=size)


def _blocks(pixels: int, value: int) -> Iterator[str]:
    """Yield the bits of a run of pixels, in as many blocks as its channels need."""
    left, most = pixels * _CHANNELS, 1 << _WIDTHS[-1]
    while left > 0:
        many = min(left, most)
        which = next(place for place, width in enumerate(_WIDTHS) if many <= 1 << width)
        yield f"1{which:02b}{many - 1:0{_WIDTHS[which]}b}{value:08b}"
        left -= many
