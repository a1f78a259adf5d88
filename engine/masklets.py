"""Masks by time and masks by object are one table, read by row or by column. Knows neither models nor storage."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.types import FrameMasks, Masklet, Track, TrackMask


def overlay(parent: Iterable[FrameMasks], child: Iterable[FrameMasks]) -> Iterator[FrameMasks]:
    """Yield the parent's frames with those of the child in their place; both come in frame order.

    Frames that only the child has are added where they belong. Memory holds one frame of each.
    """
    ours = iter(child)
    new = next(ours, None)
    for old in parent:
        while new is not None and new.frame < old.frame:
            yield new
            new = next(ours, None)
        if new is not None and new.frame == old.frame:
            yield new
            new = next(ours, None)
        else:
            yield old
    if new is not None:
        yield new
        yield from ours


def complete(frames: Iterable[FrameMasks], *, start: int, stop: int) -> Iterator[FrameMasks]:
    """Yield every frame from ``start`` to ``stop`` once, empty where ``frames`` has none."""
    inside = (frame for frame in frames if start <= frame.frame < stop)
    return overlay((FrameMasks(index) for index in range(start, stop)), inside)


def masklets(frames: Iterable[FrameMasks], tracks: Sequence[Track]) -> tuple[Masklet, ...]:
    """Read the table by column: one masklet for each of ``tracks``, in their order, empty ones too."""
    columns: dict[int, dict[int, TrackMask]] = {track.id: {} for track in tracks}
    for row in frames:
        for mask in row.masks:
            columns.setdefault(mask.track, {})[row.frame] = mask
    return tuple(Masklet(track, columns[track.id]) for track in tracks)


def frames_of(columns: Sequence[Masklet], *, start: int, stop: int) -> Iterator[FrameMasks]:
    """Read the table by row: every frame from ``start`` to ``stop``, with whatever is visible there."""
    rows: list[Mapping[int, TrackMask]] = [column.masks for column in columns]
    for frame in range(start, stop):
        yield FrameMasks(frame, tuple(row[frame] for row in rows if frame in row))


def without(row: FrameMasks, tracks: Iterable[int]) -> FrameMasks:
    """Return the frame without some of its tracks."""
    dropped = set(tracks)
    return FrameMasks(row.frame, tuple(mask for mask in row.masks if mask.track not in dropped))


def replaced(row: FrameMasks, masks: Iterable[TrackMask]) -> FrameMasks:
    """Return the frame with ``masks`` in the place of what it held for the same tracks."""
    return FrameMasks(row.frame, tuple({**row.by_track(), **{m.track: m for m in masks}}.values()))
