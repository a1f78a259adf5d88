"""Which found track is which true one, over a whole clip. Knows overlaps, no class and no model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.assignment import assign
from engine.errors import InputError
from engine.evaluation.overlap import Table, overlaps
from engine.types import FrameMasks


@dataclass(frozen=True, slots=True)
class Compared:
    """One frame's true and found masks; ``iou`` is float64 (true masks, found masks), in their order."""

    true: FrameMasks
    found: FrameMasks
    iou: Table

    @property
    def frame(self) -> int:
        """Return the frame number, 0-based."""
        return self.true.frame


def compare(true: Iterable[FrameMasks], found: Iterable[FrameMasks]) -> tuple[Compared, ...]:
    """Put the frames that carry truth beside what was found there; a frame not found shows nothing.

    Raises:
        InputError: a frame comes twice, or the pictures are of different size.
    """
    ours = {row.frame: row for row in found}
    rows = list(true)
    if len({row.frame for row in rows}) != len(rows):
        raise InputError(f"truth has a frame twice: {[row.frame for row in rows]}")
    return tuple(_beside(row, ours.get(row.frame, FrameMasks(row.frame))) for row in rows)


def match(compared: Sequence[Compared]) -> dict[int, int]:
    """Return the found track of each true one, one to one, so that overlap summed over all frames is greatest.

    True tracks that nothing overlaps are absent. As in the unsupervised task of DAVIS 2019 a track counts for one
    object only: a ball followed by two tracks in turn is served by the better one.
    """
    ours = sorted({mask.track for one in compared for mask in one.true.masks})
    theirs = sorted({mask.track for one in compared for mask in one.found.masks})
    rows, columns = ({t: n for n, t in enumerate(tracks)} for tracks in (ours, theirs))
    total = np.zeros((len(ours), len(theirs)))
    for one in compared:
        at = [rows[mask.track] for mask in one.true.masks]
        to = [columns[mask.track] for mask in one.found.masks]
        total[np.ix_(at, to)] += one.iou
    return {ours[row]: theirs[column] for row, column in assign(total)}


def match_by_number(compared: Sequence[Compared]) -> dict[int, int]:
    """Return the found track of each true one where both bear the same number, as prompted tracks do."""
    ours = {mask.track for one in compared for mask in one.true.masks}
    theirs = {mask.track for one in compared for mask in one.found.masks}
    return {track: track for track in sorted(ours & theirs)}


def strays(compared: Sequence[Compared], matches: Mapping[int, int]) -> tuple[int, ...]:
    """Return the found tracks that serve no true one, in order."""
    theirs = {mask.track for one in compared for mask in one.found.masks}
    return tuple(sorted(theirs - set(matches.values())))


def _beside(true: FrameMasks, found: FrameMasks) -> Compared:
    """Compare one frame."""
    sizes = {mask.rle.size for row in (true, found) for mask in row.masks}
    if len(sizes) > 1:
        raise InputError(
            f"frame {true.frame}: masks of pictures of different size (height, width): {sorted(sizes)}; "
            "prediction and truth must be of the same video"
        )
    return Compared(true, found, overlaps(true, found))
