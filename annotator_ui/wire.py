"""Masks as the browser gets them: every mask as the run lengths of its own box. Knows the shape of the messages, no routes.

A ``Row`` is one frame: ``[[track, x, y, w, h, counts, score], ...]`` in the order of tracks. ``counts`` is the COCO
string of the w x h pixels whose top left corner lies at (x, y) of the picture, down the columns. A box is tight, so the browser
draws and hits small pictures. ``score`` has three decimals; how stable an edge is, no browser asks.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, TypeAlias

from engine.errors import InputError
from engine.rle_crops import Crop, crops, uncropped
from engine.types import FrameMasks, TrackMask

Row: TypeAlias = list[list[Any]]

_BATCH = 4096  # masks turned at once: the arrays of so many stay in the processor's caches


def rows_to_wire(rows: Iterable[FrameMasks]) -> list[Row]:
    """Return a Row for every frame, in their order; a mask without pixels is left out."""
    done: list[Row] = []
    held: list[FrameMasks] = []
    waiting = 0
    for row in rows:
        held.append(row)
        waiting += len(row.masks)
        if waiting >= _BATCH:
            done += _turned(held)
            held, waiting = [], 0
    return done + _turned(held)


def row_to_wire(row: FrameMasks) -> Row:
    """Return one frame's Row."""
    return _turned([row])[0]


def row_from_wire(row: object, frame: int, size: tuple[int, int]) -> FrameMasks:
    """Read a Row of a picture of ``size`` (height, width) back.

    Raises:
        InputError: it is no Row, or a mask reaches beyond the picture.
    """
    if not isinstance(row, list):
        raise InputError(f"frame {frame}: expected a list of masks, got {str(row)[:80]}")
    return FrameMasks(frame, tuple(_mask_from_wire(one, frame, size) for one in row))


def payload(
    rows: Iterable[FrameMasks], *, size: tuple[int, int], revision: int, start: int, stop: int
) -> bytes:
    """Return the JSON of frames ``start`` up to ``stop`` of a revision, as ``/masks`` answers it; it shrinks well."""
    message = {
        "size": list(size),
        "revision": revision,
        "start": start,
        "stop": stop,
        "frames": rows_to_wire(rows),
    }
    return json.dumps(message, separators=(",", ":")).encode()


def _turned(rows: Sequence[FrameMasks]) -> list[Row]:
    """Return the Rows of some frames, all masks in one go."""
    masks = [mask for row in rows for mask in row.masks]
    boxed = iter(zip(masks, crops([mask.rle for mask in masks]), strict=True))
    return [
        [
            [mask.track, crop.x, crop.y, crop.w, crop.h, crop.counts, round(mask.score, 3)]
            for mask, crop in islice(boxed, len(row.masks))
            if crop.counts
        ]
        for row in rows
    ]


def _mask_from_wire(one: object, frame: int, size: tuple[int, int]) -> TrackMask:
    """Read one mask of a Row."""
    match one:
        case [int(track), int(x), int(y), int(w), int(h), str(counts), float() | int() as score]:
            return TrackMask(track, uncropped(Crop(x, y, w, h, counts), size), float(score))
    raise InputError(
        f"frame {frame}: expected [track, x, y, w, h, counts, score], got {str(one)[:80]}"
    )
