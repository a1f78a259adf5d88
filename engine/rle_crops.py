"""Many masks at once, each as the run lengths of its own box. Knows the string form of run lengths; refuses to know pixels.

One mask after another costs a hundred small array operations each; here every operation is done for all masks together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import rle
from engine.errors import InputError
from engine.types import RLE

_Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Crop:
    """A mask as the ``w`` x ``h`` pixels at (x, y): ``counts`` is their COCO string, "" where the mask has no pixels."""

    x: int
    y: int
    w: int
    h: int
    counts: str


EMPTY = Crop(0, 0, 0, 0, "")


def crops(masks: Sequence[RLE]) -> list[Crop]:
    """Return each mask as its tight box.

    Raises:
        InputError: one of them is no string of run lengths.
    """
    if not masks:
        return []
    runs, many = _runs([mask.counts for mask in masks])
    starts, stops, owner = _spans(runs, many)
    if not len(owner):
        return [EMPTY] * len(masks)
    seen, owner = np.unique(owner, return_inverse=True)
    high = np.array([mask.size[0] for mask in masks], np.int64)[seen]
    boxes, starts, stops = _into_boxes(starts, stops, owner, high)
    found = [EMPTY] * len(masks)
    for mask, box, counts in zip(seen.tolist(), boxes.tolist(), _packed(starts, stops, owner, boxes), strict=True):  # fmt: skip
        x, y, w, h = box
        found[mask] = Crop(x, y, w, h, counts)
    return found


def uncropped(crop: Crop, size: tuple[int, int]) -> RLE:
    """Return the mask of a picture of ``size`` (height, width) that a crop is of.

    Raises:
        InputError: the run lengths do not fill the box, or the box reaches beyond the picture.
    """
    part = rle.from_coco({"size": [crop.h, crop.w], "counts": crop.counts})
    return rle.encode(rle.decode(part), origin=(crop.x, crop.y), size=size)


def _runs(strings: Sequence[bytes]) -> tuple[_Ints, _Ints]:
    """Return all run lengths one after another, and how many of them each mask has."""
    groups = np.frombuffer(b"".join(strings), np.uint8).astype(np.int64) - 48
    ends = np.cumsum([len(string) for string in strings]) - 1
    if not all(strings) or ((groups < 0) | (groups > 63)).any() or (groups[ends] & 32).any():
        raise InputError(
            f"not a COCO run-length string among {len(strings)} masks; load them again"
        )
    last = np.flatnonzero((groups & 32) == 0)
    many = np.diff(np.searchsorted(last, ends, "right"), prepend=0)
    runs = rle.numbers(groups, last)
    place = _places(many)
    owner = np.repeat(np.arange(len(many)), many)
    for first in (
        1,
        2,
    ):  # each run is told by what it has more than the run of its colour before it
        chosen = np.flatnonzero((place >= first) & (place % 2 == first % 2))
        runs[chosen] = _sums(runs[chosen], owner[chosen])
    return runs, many


def _places(many: _Ints) -> _Ints:
    """Return 0, 1, 2, ... anew for each mask."""
    places: _Ints = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    return places


def _sums(values: _Ints, owner: _Ints) -> _Ints:
    """Return cumulative sums that begin anew with each owner."""
    total: _Ints = np.cumsum(values)
    first = np.searchsorted(owner, owner, "left")
    return total - (total - values)[first]


def _spans(runs: _Ints, many: _Ints) -> tuple[_Ints, _Ints, _Ints]:
    """Return where runs of pixels start and stop, flat in their pictures, and of which mask each is."""
    owner = np.repeat(np.arange(len(many)), many)
    stops = _sums(runs, owner)
    inside = (_places(many) % 2 == 1) & (runs > 0)
    return (stops - runs)[inside], stops[inside], owner[inside]


def _into_boxes(
    starts: _Ints, stops: _Ints, owner: _Ints, high: _Ints
) -> tuple[_Ints, _Ints, _Ints]:
    """Return the tight boxes (N, 4) as x, y, w, h and the runs' places inside them; ``high`` is each picture's height."""
    whole = high[owner]
    left, top = starts // whole, starts % whole
    right, low = (stops - 1) // whole, (stops - 1) % whole + 1
    tall = left != right  # a run over the foot of a column fills both rims
    first = np.searchsorted(owner, np.arange(len(high)), "left")
    x = left[first]
    w = np.maximum.reduceat(right, first) + 1 - x
    y = np.minimum.reduceat(np.where(tall, 0, top), first)
    h = np.maximum.reduceat(np.where(tall, whole, low), first) - y
    begins = (left - x[owner]) * h[owner] + top - y[owner]
    ends = (right - x[owner]) * h[owner] + low - y[owner]
    return np.stack([x, y, w, h], 1), begins, ends


def _packed(starts: _Ints, stops: _Ints, owner: _Ints, boxes: _Ints) -> list[str]:
    """Return the string of each mask from where its runs start and stop in its box."""
    area = boxes[:, 2] * boxes[:, 3]
    joined = np.flatnonzero((stops[:-1] == starts[1:]) & (owner[:-1] == owner[1:]))
    starts, begun = np.delete(starts, joined + 1), np.delete(owner, joined + 1)
    stops, owner = np.delete(stops, joined), begun
    last = np.flatnonzero(np.append(owner[1:] != owner[:-1], True))
    base = np.cumsum(area) - area
    edges = np.stack([starts, stops], 1).ravel() + np.repeat(base[owner], 2)
    open_ = stops[last] < area  # what follows the last pixel is a run too
    edges = np.insert(edges, 2 * last[open_] + 2, (base + area)[open_])
    many = 2 * np.bincount(owner, minlength=len(area)) + open_
    characters, lengths = rle.characters(_differences(np.diff(edges, prepend=0), _places(many)))
    ends = np.cumsum(lengths)[np.cumsum(many) - 1].tolist()
    text = characters.decode("ascii")
    return [text[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def _differences(runs: _Ints, places: _Ints) -> _Ints:
    """Return each run as what it has more than the one before the last, from the fourth of a mask on."""
    rest = runs.copy()
    later = np.flatnonzero(places >= 3)
    rest[later] -= runs[later - 2]
    return rest
