"""Tracks as Label Studio's video boxes, both ways. It refuses to know who changed what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import rle_crops
from engine.types import Clip, FrameMasks, Track
from ml_backend import names
from ml_backend.boxes.keyframes import Keyframe, Shown, shown_on, sparse
from ml_backend.boxes.percents import DIGITS, from_percent, lost, to_percent
from ml_backend.boxes.regions import Name, Region, regions

VIDEO_BOX = "videorectangle"
"""What Label Studio calls a region that is a box through a video."""

_FEW, _EVERY = 20, 10
"""A track whose keyframes are at most so many, or one for so many of its frames, is calm: 16 of 300 frames come to 60 kB at most."""

_LOOSER = 1.5
"""By how much what a restless track's box may be off grows, each time that its keyframes are still too many."""

_TOGETHER = 64
"""Frames whose masks are read at once."""


@dataclass(slots=True)
class _Seen:
    """What rows held of a track: frames in order, boxes, and the sum of the masks' scores."""

    frames: list[int] = field(default_factory=list)
    boxes: list[tuple[int, int, int, int]] = field(default_factory=list)
    score: float = 0.0


def tracks_to_result(
    clip: Clip,
    revision: int,
    tracks: Sequence[Track],
    rows: Iterable[FrameMasks],
    *,
    tolerance: float = 1.0,
    loosest: float = 0.0,
) -> list[dict[str, Any]]:
    """Return one region for each track that is visible on any frame, in the order of ``tracks``.

    Every side of every box shown is within ``tolerance`` pixels of the mask's box (or what the rounding of percents costs, a
    fiftieth of a pixel at 3840 pixels, if that is more), and a box is shown on exactly the frames where there is a mask. Where
    ``loosest`` is more, the boxes of a track whose masks tremble may be off by up to so much, as far as that is needed to have a
    keyframe for ten frames at most: nobody could correct more. ``rows`` are the clip's frames, in order.
    """
    seen: dict[int, _Seen] = {track.id: _Seen() for track in tracks}
    unread = iter(rows)
    while part := list(islice(unread, _TOGETHER)):
        _see(seen, part)
    return [
        _to_region(clip, revision, track, seen[track.id], rooms=_rooms(clip, tolerance, loosest))
        for track in tracks
        if seen[track.id].frames
    ]


def _rooms(clip: Clip, tolerance: float, loosest: float) -> Iterator[float]:
    """Yield by how many pixels a box may be off, more and more."""
    yield max(0.0, tolerance - lost(clip))
    while tolerance < loosest:
        tolerance = min(tolerance * _LOOSER, loosest)
        yield max(0.0, tolerance - lost(clip))


def _see(seen: Mapping[int, _Seen], rows: Sequence[FrameMasks]) -> None:
    """Add what some rows hold to what was seen."""
    masks = [(row.frame, mask) for row in rows for mask in row.masks if mask.track in seen]
    crops = rle_crops.crops([mask.rle for _, mask in masks])
    for (frame, mask), crop in zip(masks, crops, strict=True):
        if crop.w and crop.h:
            track = seen[mask.track]
            track.frames.append(frame)
            track.boxes.append((crop.x, crop.y, crop.x + crop.w, crop.y + crop.h))
            track.score += mask.score


def _to_region(
    clip: Clip, revision: int, track: Track, seen: _Seen, *, rooms: Iterable[float]
) -> dict[str, Any]:
    """Return the region of a track."""
    boxes, keys = np.array(seen.boxes, float), list[Keyframe]()
    for room in rooms:
        keys = sparse(seen.frames, boxes, clip=clip, tolerance=room)
        if len(keys) <= max(_FEW, len(seen.frames) // _EVERY):
            break
    return {
        "id": str(Name(revision, track.id)),
        "type": VIDEO_BOX,
        "from_name": names.BOX,
        "to_name": names.VIDEO,
        "origin": "prediction",
        "score": round(seen.score / len(seen.frames), DIGITS),
        "meta": {"text": [f"track {track.id}"]},
        "value": {
            "framesCount": clip.frames,
            "duration": round(clip.seconds, DIGITS),
            "labels": [track.label],
            "sequence": [to_percent(key, clip) for key in keys],
        },
    }


def result_to_tracks(result: Sequence[Mapping[str, Any]], clip: Clip) -> Mapping[str, Shown]:
    """Return what the editor shows of each region that is a track of boxes, by the regions' ids (see ``regions.Region``).

    Raises:
        InputError: a region is not as Label Studio stores one; the message names it.
    """
    return {region.id: _shown(region, clip) for region in regions(result) if region.type == VIDEO_BOX}  # fmt: skip


def _shown(region: Region, clip: Clip) -> Shown:
    """Return what the editor shows of a region."""
    sequence = region.value.get("sequence", ())
    keys = sorted(from_percent(region.id, sequence, clip), key=lambda key: key.frame)
    at = tuple(key.frame for key in keys)
    visible, boxes = shown_on(keys, np.arange(clip.frames))
    label = region.labels[0] if region.labels else None
    return Shown(label, at, visible & _meets_picture(boxes, at, clip), boxes)


def _meets_picture(
    boxes: NDArray[np.float64], keyframes: Sequence[int], clip: Clip
) -> NDArray[np.bool_]:
    """Tell on which frames a box is meant to be in the picture, at least in part.

    Somebody who moves it out of the picture says that the ball is not there: from that keyframe on, as long as it stays outside. What
    it does on the way there nobody said.
    """
    x0, y0, x1, y1 = boxes.T
    inside: NDArray[np.bool_] = (x1 > 0) & (y1 > 0) & (x0 < clip.width) & (y0 < clip.height)
    at = np.clip(np.array(keyframes or (0,)), 0, clip.frames - 1)
    last = np.searchsorted(at, np.arange(clip.frames), "right") - 1
    meant: NDArray[np.bool_] = inside | inside[at[np.maximum(last, 0)]]
    return meant
