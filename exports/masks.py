"""The masks of one clip as a format sees them: read once, cleaned, small enough to send to a worker. Knows no format."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from engine import rle
from engine.errors import ExportError
from engine.ports import ExportItem
from engine.types import Clip, FrameMasks, Track, TrackMask
from exports.notes import Notes


@dataclass(frozen=True, slots=True)
class ClipMasks:
    """The masks of one clip.

    ``clip`` is what is exported, after any thinning: its frames are numbered from 0. ``rows`` holds the annotated frames
    0, ``step``, 2 * ``step``, ... in order, without specks; ``auto`` the model's own masks of the same frames, or
    nothing. ``tracks`` are those visible somewhere in ``rows``, in the order of their ids; ``edited`` says by track on
    how many frames a person changed it. ``reviewed``: a person has accepted the clip. Masks under ``min_area`` pixels count as not visible. ``thin``: picture k of the export
    is picture k * ``thin`` of the item. ``about`` goes into the facts of the clip as it is (JSON).
    """

    clip: Clip
    rows: tuple[FrameMasks, ...]
    tracks: tuple[Track, ...]
    step: int = 1
    thin: int = 1
    auto: tuple[FrameMasks, ...] = ()
    auto_tracks: tuple[Track, ...] = ()
    edited: Mapping[int, int] = field(default_factory=dict)
    reviewed: bool = True
    min_area: int = 1
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures."""
        return self.clip.height, self.clip.width

    def areas(self) -> dict[int, list[int]]:
        """Return by track its area in pixels on each annotated frame, 0 where it is not visible."""
        return areas_of(self.rows, self.tracks)


def areas_of(rows: tuple[FrameMasks, ...], tracks: Iterable[Track]) -> dict[int, list[int]]:
    """Return by track its area in pixels on each of ``rows``, 0 where it is not visible."""
    columns = {track.id: [0] * len(rows) for track in tracks}
    for number, row in enumerate(rows):
        for mask in row.masks:
            columns[mask.track][number] = rle.area(mask.rle)
    return columns


def read_masks(item: ExportItem, *, min_area: int, sparse: bool, notes: Notes) -> ClipMasks:
    """Read a clip's masks; those under ``min_area`` pixels count as not visible.

    Where a format cannot leave frames without annotation (not ``sparse``), a step thins pictures and masks alike.

    Raises:
        ExportError: a mask is not of the pictures' size.
    """
    for line in item.notes:
        notes.add(line)
    clip = exported_clip(item, sparse=sparse)
    rows = _read(item.frames(), item, renumber=not sparse, min_area=min_area, notes=notes)
    kept = visible(rows, item.revision.tracks)
    for track in item.revision.tracks:
        if track not in kept:
            notes.add(f"{item.clip.id}: track {track.id} is visible nowhere: left out")
    auto = _read(item.auto(), item, renumber=not sparse, min_area=min_area) if item.auto else ()
    return ClipMasks(
        clip,
        rows,
        kept,
        step=item.step if sparse else 1,
        thin=1 if sparse else item.step,
        auto=auto,
        auto_tracks=visible(auto, item.revision.tracks),
        edited=dict(item.edited()),
        reviewed=item.reviewed,
        min_area=min_area,
        about=_about(item, clip) | {"step": item.step if sparse else 1},
    )


def exported_clip(item: ExportItem, *, sparse: bool) -> Clip:
    """Return the clip as it is exported: thinned where a format cannot leave frames without annotation."""
    return item.clip if sparse or item.step == 1 else _thinned(item.clip, item.step)


def _thinned(clip: Clip, step: int) -> Clip:
    """Return the clip that shows every ``step``-th frame."""
    return replace(clip, frames=-(-clip.frames // step), rate=clip.rate / step)


def _read(
    frames: Iterator[FrameMasks],
    item: ExportItem,
    *,
    renumber: bool,
    min_area: int,
    notes: Notes | None = None,
) -> tuple[FrameMasks, ...]:
    """Take every ``item.step``-th row, without specks."""
    specks: dict[int, int] = {}
    rows = []
    for number, row in enumerate(islice(frames, 0, None, item.step)):
        kept = tuple(_kept(row, item.clip, min_area, specks))
        rows.append(FrameMasks(number if renumber else row.frame, kept))
    for track, count in sorted(specks.items()) if notes else ():
        notes.add(  # type: ignore[union-attr]  # the loop is empty without notes
            f"{item.clip.id}: track {track} is smaller than {min_area} pixels on {count} frames: not visible there"
        )
    return tuple(rows)


def _kept(
    row: FrameMasks, clip: Clip, min_area: int, specks: dict[int, int]
) -> Iterator[TrackMask]:
    """Yield the masks of a row that are large enough, and count the others."""
    for mask in row.masks:
        if mask.rle.size != (clip.height, clip.width):
            raise ExportError(
                f"{clip.id}: track {mask.track} has a mask of {mask.rle.size} "
                f"on pictures of {(clip.height, clip.width)}; draw the clip anew with `engine preannotate`"
            )
        if rle.area(mask.rle) >= max(1, min_area):
            yield mask
        else:
            specks[mask.track] = specks.get(mask.track, 0) + 1


def visible(rows: tuple[FrameMasks, ...], tracks: Iterable[Track]) -> tuple[Track, ...]:
    """Return the tracks of ``rows`` in the order of their ids; one that nobody named is a ball."""
    named = {track.id: track for track in tracks}
    seen = sorted({mask.track for row in rows for mask in row.masks})
    return tuple(named.get(number, Track(number, "ball")) for number in seen)


def _about(item: ExportItem, clip: Clip) -> dict[str, Any]:
    """Return what is known of the clip, as JSON."""
    return {
        "revision": item.revision.id,
        "recording": clip.video,
        "start": clip.start,
        "camera": item.camera,
        "licence": item.licence,
        "split": clip.split,
        "rate": [clip.rate.numerator, clip.rate.denominator],
        "frames": clip.frames,
        "size": [clip.height, clip.width],
        "provenance": dict(item.revision.provenance),
    }
