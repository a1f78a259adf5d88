"""On how many frames people changed each track, from the line of revisions. Knows no event log and no format."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from engine.errors import StoreError
from engine.ports import RevisionStore
from engine.types import FrameMasks, Kind, Revision

EDITED = "edited"
"""The entry of a provenance that holds, as JSON, on how many frames each track was edited before it was imported."""


def edited(
    revisions: RevisionStore,
    line: Sequence[Revision],
    frames: range,
    *,
    step: int = 1,
    tracks: frozenset[int] | None = None,
) -> Mapping[int, int]:
    """Return by track on how many of every ``step``-th of ``frames`` a person changed its mask.

    ``line`` is a revision's ancestors, oldest first, and itself. Only what came after the models last drew the whole
    clip counts. What an import brought along counts as well; where the two together are more than the frames, all of
    them are edited. ``tracks`` are those to look at (None: all).

    Raises:
        StoreError: what an import left in a provenance cannot be read.
    """
    base, counts = _base(line)
    seen: dict[int, set[int]] = {}
    for frame, track in _changes(revisions, line[base:], frames):
        if (frame - frames.start) % step == 0:
            seen.setdefault(track, set()).add(frame)
    most = len(frames[::step])
    total = {
        track: min(most, counts.get(track, 0) + len(seen.get(track, ())))
        for track in sorted(counts.keys() | seen.keys())
    }
    return {track: n for track, n in total.items() if n and (tracks is None or track in tracks)}


def _base(line: Sequence[Revision]) -> tuple[int, dict[int, int]]:
    """Return the place of the youngest revision that models drew or that an import brought, with the import's counts.

    A revision may carry the provenance of its parent on: only the first of them was imported.
    """
    said = [made.provenance.get(EDITED) for made in line]
    for place in reversed(range(len(line))):
        text = said[place]
        if text and (place == 0 or said[place - 1] != text):
            return place, _counts(line[place].id, text)
        if line[place].kind is Kind.AUTO:
            return place, {}
    return 0, {}


def _counts(revision: int, text: str) -> dict[int, int]:
    """Read ``{"track": frames}``."""
    try:
        return {int(track): max(0, int(count)) for track, count in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise StoreError(
            f"revision {revision}: its provenance says of edited frames {text!r}, expected "
            '{"TRACK": FRAMES}; import the clip again'
        ) from error


def _changes(
    revisions: RevisionStore, line: Sequence[Revision], frames: range
) -> Iterator[tuple[int, int]]:
    """Yield frame and track of every mask that a person's revision changed, each once for each such revision.

    All revisions are read side by side, so that each is read once; memory holds a frame of each.
    """
    pairs = [(old.id, new.id) for old, new in pairwise(line) if new.kind is Kind.MANUAL]
    needed = sorted({number for pair in pairs for number in pair})
    streams = [revisions.frames(number, start=frames.start, stop=frames.stop) for number in needed]
    for rows in zip(*streams, strict=True):
        table = dict(zip(needed, rows, strict=True))
        for old, new in pairs:
            yield from ((rows[0].frame, track) for track in _differing(table[old], table[new]))


def _differing(old: FrameMasks, new: FrameMasks) -> Iterator[int]:
    """Yield the tracks whose pixels differ; a score alone is no edit."""
    was, now = old.by_track(), new.by_track()
    for track in was.keys() | now.keys():
        before, after = was.get(track), now.get(track)
        if before is None or after is None or before.rle != after.rle:
            yield track
