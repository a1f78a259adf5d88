"""The masks of a source beside those that a clip has: what differs, under which track numbers. Stores nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine import rle
from engine.errors import InputError
from engine.ports import LabelledClip
from engine.types import RLE, FrameMasks, TrackMask
from engine.workflows.importing_places import Place

LARGEST = 2**31 - 1
"""The largest number of a track that databases, palettes of object folders and JSON readers all hold."""


def numbers_for(tracks: Mapping[int, str]) -> dict[int, int]:
    """Return the number under which each track of a source is kept: its own where that is 1 or more, else a free one."""
    kept = {track for track in tracks if 1 <= track <= LARGEST}
    free = (number for number in range(1, LARGEST) if number not in kept)
    return {track: track if track in kept else next(free) for track in sorted(tracks)}


def rows_of(
    labelled: LabelledClip, place: Place, numbers: Mapping[int, int]
) -> Iterator[FrameMasks]:
    """Yield the masks of the source by the clip's frames and under the numbers that are kept.

    Raises:
        InputError: a mask is of another size or damaged, or a track has no valid number.
    """
    clip = place.status.clip
    for row in labelled.frames():
        for mask in row.masks:
            if mask.rle.size != (clip.height, clip.width):
                raise InputError(
                    f"frame {row.frame}, track {mask.track}: a mask of {mask.rle.size} (height, width), "
                    f"clip {clip.id} has {(clip.height, clip.width)}"
                )
            if mask.track not in numbers and mask.track < 1:
                raise InputError(
                    f"frame {row.frame}: track {mask.track}; tracks are numbered from 1"
                )
        masks = (replace(m, track=numbers.get(m.track, m.track)) for m in row.masks)
        yield FrameMasks(place.frame(row.frame), tuple(m for m in masks if rle.area(m.rle)))


def beside(
    rows: Iterator[FrameMasks], old: Iterator[FrameMasks]
) -> Iterator[tuple[FrameMasks, FrameMasks | None]]:
    """Yield each row with what has to be stored of it: None where the clip's own masks ``old`` are the same pixels.

    Masks whose pixels are the same keep the scores that they have.

    Raises:
        InputError: the rows are not in order, or outside the clip.
    """
    for row in rows:
        was = next((one for one in old if one.frame >= row.frame), None)
        if was is None or was.frame != row.frame:
            raise InputError(f"frame {row.frame}: outside the clip, or not in order")
        known = was.by_track()
        masks = tuple(_kept(mask, known.get(mask.track)) for mask in row.masks)
        same = len(masks) == len(known) and all(m is known.get(m.track) for m in masks)
        yield row, None if same else FrameMasks(row.frame, masks)


def _kept(mask: TrackMask, known: TrackMask | None) -> TrackMask:
    """Return the mask that is there already where its pixels are the same, else the new one, packed as ours are."""
    if known is None:
        return replace(mask, rle=_packed(mask))
    if mask.rle == known.rle:
        return known
    packed = _packed(mask)
    return known if packed == known.rle else replace(mask, rle=packed)


def _packed(mask: TrackMask) -> RLE:
    """Return the run lengths without runs of no pixels, which other writers may leave."""
    return rle.subtract(mask.rle, rle.empty(mask.rle.size))
