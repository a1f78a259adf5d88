"""What a person does to the table of masks without a model: who is who, and what is not there. Pure; knows no storage.

Every function takes the rows of the frames it is about and yields those that it changes, whole; tracks that it is
not about keep the very masks they had. Done twice, each but ``swapped`` changes nothing more; ``swapped`` takes itself back, and
``propagate_reading.restored`` takes back any of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from engine import rle
from engine.errors import InputError
from engine.masklets import replaced, without
from engine.propagate_fill import filled
from engine.propagate_reading import Rows
from engine.types import RLE, FrameMasks, Track, TrackMask


class Deed(StrEnum):
    """What is done. A brush replaces; a ball that is absent on a frame is deleted there."""

    SWAP = "swap"
    SPLIT = "split"
    MERGE = "merge"
    DELETE = "delete"
    RELABEL = "relabel"
    REPLACE = "replace"
    FILL = "fill"


PAIRS = (Deed.SWAP, Deed.SPLIT, Deed.MERGE)


@dataclass(frozen=True, slots=True)
class Edit:
    """One deed on one track over a range of frames.

    ``other`` is the second track of a swap, the one that a merge takes in, or the new one that a split makes. ``label`` is
    the class of a relabelled track, of a split's new one ("" for the old one's), or of a new one that a mask is painted for. ``mask`` replaces the track's; an
    empty one says that it is not there. ``frames`` of a fill is the gap, without its rims; a relabelled track is so on all
    frames, whatever ``frames`` says.
    """

    deed: Deed
    track: int
    frames: range
    other: int = 0
    label: str = ""
    mask: RLE | None = None

    def __post_init__(self) -> None:
        """Refuse an edit that does not say what it needs."""
        if not self.frames or self.frames.step != 1 or self.frames.start < 0:
            raise InputError(
                f"{self.deed} of track {self.track}: {self.frames} is no run of frames"
            )
        if self.deed in PAIRS and (self.other < 1 or self.other == self.track):
            raise InputError(
                f"{self.deed} of track {self.track}: expected another track, got {self.other}"
            )
        if self.deed is Deed.RELABEL and not self.label:
            raise InputError(f"relabel of track {self.track}: name the class")
        if self.deed is Deed.REPLACE and (self.mask is None or len(self.frames) != 1):
            raise InputError(f"replace of track {self.track}: give one mask and one frame")


def changes(edit: Edit, parent: Rows) -> Iterator[FrameMasks]:
    """Yield the rows of the parent that an edit changes, in order; a relabelling changes none.

    Raises:
        InputError: a gap has no rims.
    """
    if edit.deed is Deed.RELABEL:
        return iter(())
    rims = edit.deed is Deed.FILL
    start, stop = max(0, edit.frames.start - rims), edit.frames.stop + rims
    return _DEEDS[edit.deed](parent(start, stop), edit)


def tracks_after(edit: Edit, tracks: Sequence[Track]) -> tuple[Track, ...]:
    """Return the revision's tracks after an edit; one of which nothing is left stays listed.

    Raises:
        InputError: a track is not there, or a split's new one is there already.
    """
    known = {track.id: track for track in tracks}
    if edit.deed is Deed.REPLACE and edit.label:
        known.setdefault(edit.track, Track(edit.track, edit.label))
    needed = {edit.track} | ({edit.other} if edit.deed in {Deed.SWAP, Deed.MERGE} else set())
    if missing := sorted(needed - known.keys()):
        raise InputError(f"{edit.deed}: no track {missing[0]}; there are {sorted(known)}")
    if edit.deed is Deed.SPLIT:
        if edit.other in known:
            raise InputError(f"split: track {edit.other} is there already; take {max(known) + 1}")
        known[edit.other] = Track(edit.other, edit.label or known[edit.track].label)
    if edit.deed is Deed.RELABEL:
        known[edit.track] = replace(known[edit.track], label=edit.label)
    return tuple(known[number] for number in sorted(known))


def swapped(rows: Iterable[FrameMasks], track: int, other: int) -> Iterator[FrameMasks]:
    """Yield the rows with two tracks' masks in each other's place."""
    return _renumbered(rows, {track: other, other: track})


def split(rows: Iterable[FrameMasks], track: int, into: int) -> Iterator[FrameMasks]:
    """Yield the rows with a track's masks under the number of a new one."""
    return _renumbered(rows, {track: into})


def merged(rows: Iterable[FrameMasks], track: int, other: int) -> Iterator[FrameMasks]:
    """Yield the rows with the masks of ``other`` added to those of ``track``: both are one ball, seen in parts.

    Where both are visible the mask is their union, the score the higher and the stability the lower one.
    """
    for row in rows:
        masks = row.by_track()
        if other in masks:
            yield replaced(without(row, (other,)), [_union(masks.get(track), masks[other], track)])


def deleted(rows: Iterable[FrameMasks], track: int) -> Iterator[FrameMasks]:
    """Yield the rows without a track's masks."""
    return (without(row, (track,)) for row in rows if track in row.by_track())


def brushed(rows: Iterable[FrameMasks], track: int, mask: RLE) -> Iterator[FrameMasks]:
    """Yield the rows with the very pixels that a person painted; an empty mask takes the track off."""
    if rle.area(mask) == 0:
        yield from deleted(rows, track)
        return
    new = TrackMask(track, mask)
    for row in rows:
        if row.by_track().get(track) != new:
            yield replaced(row, [new])


def _renumbered(rows: Iterable[FrameMasks], numbers: Mapping[int, int]) -> Iterator[FrameMasks]:
    """Yield the rows that hold one of ``numbers``, with new ones."""
    for row in rows:
        masks = (replace(mask, track=numbers.get(mask.track, mask.track)) for mask in row.masks)
        new = FrameMasks(row.frame, tuple(masks))
        if new != row:
            yield new


def _union(first: TrackMask | None, second: TrackMask, track: int) -> TrackMask:
    """Return two parts of one ball as one."""
    if first is None:
        return replace(second, track=track)
    both = rle.merge([first.rle, second.rle])
    return TrackMask(
        track, both, max(first.score, second.score), min(first.stability, second.stability)
    )


def _brushed(rows: Iterable[FrameMasks], edit: Edit) -> Iterator[FrameMasks]:
    """Yield what a brush changes; an edit has checked that there is a mask."""
    return iter(()) if edit.mask is None else brushed(rows, edit.track, edit.mask)


_DEEDS: Mapping[Deed, Callable[[Iterable[FrameMasks], Edit], Iterator[FrameMasks]]] = {
    Deed.SWAP: lambda rows, edit: swapped(rows, edit.track, edit.other),
    Deed.SPLIT: lambda rows, edit: split(rows, edit.track, edit.other),
    Deed.MERGE: lambda rows, edit: merged(rows, edit.track, edit.other),
    Deed.DELETE: lambda rows, edit: deleted(rows, edit.track),
    Deed.REPLACE: _brushed,
    Deed.FILL: lambda rows, edit: filled(rows, edit.track),
}
