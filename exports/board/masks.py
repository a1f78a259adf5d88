"""A mask as FiftyOne keeps it inside a document: the pixels of its box as a zlib'd NumPy array. Knows masks, no documents.

A ball at rest has the same mask from frame to frame; it is built once.
"""

import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

import numpy as np

from engine import rle
from engine.rle_crops import Crop, crops
from engine.types import RLE, FrameMasks, TrackMask

_BLOCK: Final = 64
"""Frames whose masks are built together: enough that one call serves many, few enough to stay small."""
_LEVEL: Final = 1
"""Of zlib: twice as fast as the default, for a quarter more bytes."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A mask's place (x, y, width, height), relative to its picture, and its pixels as bytes."""

    box: list[float]
    pixels: bytes


def inlined(rows: Iterable[FrameMasks]) -> Iterator[tuple[FrameMasks, list[tuple[TrackMask, Inline]]]]:  # fmt: skip
    """Yield each row with its masks in that form; a mask without pixels is left out."""
    rest = iter(rows)
    known: dict[RLE, Inline | None] = {}
    while block := list(islice(rest, _BLOCK)):
        known = _built([mask.rle for row in block for mask in row.masks], known)
        for row in block:
            both = [(mask, known[mask.rle]) for mask in row.masks]
            yield row, [(mask, inline) for mask, inline in both if inline is not None]


def _built(masks: Iterable[RLE], known: dict[RLE, Inline | None]) -> dict[RLE, Inline | None]:
    """Return what each mask is inline, of which some are known; None where it has no pixels."""
    wanted = dict.fromkeys(masks)
    new = [mask for mask in wanted if mask not in known]
    made = dict(zip(new, _inline(new), strict=True))
    return {mask: made[mask] if mask in made else known[mask] for mask in wanted}


def _inline(masks: Sequence[RLE]) -> list[Inline | None]:
    return [_one(mask.size, crop) for mask, crop in zip(masks, crops(masks), strict=True)]


def _one(size: tuple[int, int], crop: Crop) -> Inline | None:
    if not crop.counts:
        return None
    high, wide = size
    pixels = rle.decode(RLE((crop.h, crop.w), crop.counts.encode()))
    written = _header(crop.h, crop.w) + pixels.tobytes()
    box = [crop.x / wide, crop.y / high, crop.w / wide, crop.h / high]
    return Inline(box, zlib.compress(written, _LEVEL))


@lru_cache(maxsize=1 << 12)
def _header(high: int, wide: int) -> bytes:
    """Return what NumPy writes before the pixels of a mask of this size."""
    file = io.BytesIO()
    form = {"descr": "|b1", "fortran_order": False, "shape": (high, wide)}
    np.lib.format.write_array_header_1_0(file, form)
    return file.getvalue()
