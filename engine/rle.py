"""Masks as COCO run lengths; the only place that knows the order of runs. Refuses to know whose masks they are.

Runs are counted down the columns (column-major), beginning with a run of background, and packed in the
string form of the COCO API (https://github.com/cocodataset/cocoapi, ``common/maskApi.c``: differences to the
run before the last one, five bits a character, offset 48). Arrays are bool (height, width).
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.types import RLE, Box, Mask

_Ints: TypeAlias = NDArray[np.int64]
_MOST_GROUPS = 7  # 35 bits: more pixels than any picture holds
_REMEMBERED = 1 << 14
"""Masks whose runs stay parsed: those of a clip. For balls that is about ten megabytes."""


def encode(
    mask: Mask, *, origin: tuple[int, int] = (0, 0), size: tuple[int, int] | None = None
) -> RLE:
    """Encode ``mask``, bool (h, w), lying at ``origin`` (x, y) in a picture of ``size`` (height, width).

    Without ``size`` the mask is the whole picture. Encoding the crop around a ball gives the same
    bytes as encoding the whole picture, many times faster.

    Raises:
        InputError: the mask is not two-dimensional, or reaches beyond the picture.
    """
    if mask.ndim != 2:
        raise InputError(f"expected a mask of shape (h, w), got {mask.shape = }")
    high, wide = size or mask.shape
    x, y = origin
    if x < 0 or y < 0 or y + mask.shape[0] > high or x + mask.shape[1] > wide:
        raise InputError(f"mask {mask.shape} at {origin} reaches beyond {size = }")
    padded = np.zeros((mask.shape[1], mask.shape[0] + 2), np.int8)
    padded[:, 1:-1] = mask.T
    columns, rows = np.nonzero(np.diff(padded, axis=1))
    return _from_edges((columns + x) * high + rows + y, (high, wide))


def decode(rle: RLE) -> Mask:
    """Return the whole picture as bool (height, width)."""
    high, wide = rle.size
    return decode_crop(rle, (0, 0, wide, high))


def decode_crop(rle: RLE, box: tuple[int, int, int, int]) -> Mask:
    """Return the pixels inside ``box`` (x0, y0, x1, y1), a part of the picture, as bool (y1-y0, x1-x0)."""
    x0, y0, x1, y1 = box
    high, wide = rle.size
    if not (0 <= x0 <= x1 <= wide and 0 <= y0 <= y1 <= high):
        raise InputError(f"{box = } reaches beyond the picture, {rle.size = }")
    first, last = x0 * high, x1 * high
    inner = np.clip(_edges(rle), first, last)
    runs = np.diff(inner, prepend=first, append=last)
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape(x1 - x0, high).T[y0:y1]


def empty(size: tuple[int, int]) -> RLE:
    """Return the mask of ``size`` (height, width) that holds nothing."""
    return _from_edges(np.zeros(0, np.int64), size)


def area(rle: RLE) -> int:
    """Return the number of pixels."""
    return int(_runs(rle)[1::2].sum())


@lru_cache(maxsize=_REMEMBERED)
def bbox(rle: RLE) -> Box | None:
    """Return the tight half-open box (x0, y0, x1, y1), or None for an empty mask."""
    edges = _edges(rle)
    if not len(edges):
        return None
    high = rle.size[0]
    first, last = edges[0::2], edges[1::2] - 1
    spans = bool(
        (first // high != last // high).any()
    )  # a run over the foot of a column fills both rims
    top, foot = (0, high) if spans else (int((first % high).min()), int((last % high).max()) + 1)
    return float(first[0] // high), float(top), float(last[-1] // high + 1), float(foot)


def runs(rle: RLE) -> list[int]:
    """Return the run lengths in pixels down the columns, beginning with a run of background (which may be 0)."""
    return [int(run) for run in _runs(rle)]


def intersection(a: RLE, b: RLE) -> int:
    """Return the number of pixels in both masks."""
    return area(_combine(a, b, np.logical_and))


def iou(a: RLE, b: RLE) -> float:
    """Return intersection over union, 0..1; two empty masks agree by 1."""
    both = intersection(a, b)
    union = area(a) + area(b) - both
    return both / union if union else 1.0


def merge(masks: Sequence[RLE]) -> RLE:
    """Return the union of one or more masks."""
    if not masks:
        raise InputError(
            "merge: got no mask; a union needs at least one to know the picture's size"
        )
    return reduce(lambda a, b: _combine(a, b, np.logical_or), masks)


def subtract(a: RLE, b: RLE) -> RLE:
    """Return the pixels of ``a`` that are not in ``b``."""
    return _combine(a, b, lambda x, y: x & ~y)


def to_coco(rle: RLE) -> dict[str, Any]:
    """Return the JSON form: ``{"size": [height, width], "counts": str}``."""
    return {"size": list(rle.size), "counts": rle.counts.decode("ascii")}


def from_coco(raw: object) -> RLE:
    """Read the JSON form, checked: the runs are whole, not negative and fill the picture exactly.

    Raises:
        InputError: it says what is wrong; readers that do not check return scrambled masks.
    """
    match raw:
        case {"size": [int(high), int(wide)], "counts": str() | bytes() as counts}:
            packed = counts.encode() if isinstance(counts, str) else counts
            rle = RLE((high, wide), packed)
        case _:
            raise InputError(f"expected {{'size': [h, w], 'counts': str}}, got {str(raw)[:80]}")
    runs = _runs(rle)
    if (runs < 0).any() or runs.sum() != high * wide:
        raise InputError(f"run lengths cover {runs.sum()} pixels, the picture has {high} x {wide}")
    return rle


def _combine(a: RLE, b: RLE, rule: Callable[[Mask, Mask], Mask]) -> RLE:
    """Apply a pixel rule to two masks of one size, between all places where either changes."""
    if a.size != b.size:
        raise InputError(f"masks of different pictures: {a.size} and {b.size}")
    first, second = _edges(a), _edges(b)
    places = np.unique(np.concatenate([first, second]))
    inside = rule(
        np.searchsorted(first, places, "right") % 2 == 1,
        np.searchsorted(second, places, "right") % 2 == 1,
    )
    return _from_edges(places[np.diff(inside, prepend=False)], a.size)


def _from_edges(edges: _Ints, size: tuple[int, int]) -> RLE:
    """Pack the flat places where the value flips, in order; two flips at one place cancel."""
    pairs = np.flatnonzero(edges[1:] == edges[:-1])
    edges = np.delete(edges, np.concatenate([pairs, pairs + 1]))
    total = size[0] * size[1]
    ends = edges if len(edges) and edges[-1] == total else np.append(edges, total)
    return RLE((int(size[0]), int(size[1])), _pack(np.diff(ends, prepend=0)))


def _edges(rle: RLE) -> _Ints:
    """Return the flat places where the value flips; always an even number of them."""
    ends: _Ints = np.cumsum(_runs(rle))
    return ends if len(ends) % 2 == 0 else ends[:-1]


def characters(values: _Ints) -> tuple[bytes, _Ints]:
    """Return numbers in the string form, each with its sign and no longer than it must be, and how long each is."""
    rest = values.astype(np.int64)
    text = np.zeros((len(rest), _MOST_GROUPS), np.uint8)
    used = np.zeros_like(text, bool)
    active = np.ones(len(rest), bool)
    for group in range(_MOST_GROUPS):
        bits = rest & 31
        rest >>= 5
        more = np.where(bits & 16, rest != -1, rest != 0)
        text[:, group] = bits + 32 * more + 48
        used[:, group] = active
        active &= more
        if not active.any():
            break
    return bytes(text[used]), used.sum(1)


def numbers(groups: _Ints, last: _Ints) -> _Ints:
    """Return the numbers that groups of five bits stand for; ``last`` are the places of each number's last group."""
    first = np.concatenate([[0], last[:-1] + 1])
    place = np.arange(len(groups)) - np.repeat(first, last - first + 1)
    values: _Ints = np.add.reduceat((groups & 31) << (5 * place), first)
    negative = (groups[last] & 16) != 0
    values[negative] |= -1 << (5 * (place[last][negative] + 1))
    return values


def _pack(runs: _Ints) -> bytes:
    """Write run lengths in the string form."""
    rest = runs.astype(np.int64)
    rest[3:] -= runs[1:-2]
    return characters(rest)[0]


def _runs(rle: RLE) -> _Ints:
    """Read run lengths from the string form; not to be written to."""
    return _parsed(rle.counts)


@lru_cache(maxsize=_REMEMBERED)
def _parsed(counts: bytes) -> _Ints:
    """Read run lengths; the same masks are asked for area, box and pixels again and again."""
    groups = np.frombuffer(counts, np.uint8).astype(np.int64) - 48
    if not len(groups) or ((groups < 0) | (groups > 63)).any() or groups[-1] & 32:
        raise InputError(f"not a COCO run-length string: {counts[:40]!r}")
    runs = numbers(groups, np.flatnonzero((groups & 32) == 0))
    runs[1::2] = np.cumsum(runs[1::2])
    runs[2::2] = np.cumsum(runs[2::2])
    runs.setflags(write=False)
    return runs
