"""What is told of a spread while it goes on, and what it would do to confirmed frames. Knows no threads and no log."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from annotator_ui.service_parts import Parts, Running, Sheet
from annotator_ui.wire import row_to_wire
from engine import rle
from engine.masklets import replaced
from engine.propagate import Correction, Rows
from engine.propagate_reading import stretches
from engine.types import Clip, FrameMasks, TrackMask
from engine.workflows.correct import rows_of

PICTURE = 0
SHOWN = 12
"""How many frames a proposal shows before and after."""

PAUSE = 0.1  # seconds between two messages about progress
LATELY = 1.0
"""Seconds whose pace says how long a spread still takes: its beginning, when pictures are read, is slower."""


def against_confirmed(correction: Correction, sheet: Sheet, parent: Rows) -> tuple[int, ...]:
    """Return the confirmed frames that a correction would change, in order."""
    inside = {frame for frames in sheet.session.confirmed() for frame in frames}
    ours = {frame: masks for frame, masks in correction.masks.items() if frame in inside}
    return tuple(row.frame for row in Correction(ours, 0).rows(parent))


def proposal(
    seq: int, correction: Correction, frames: tuple[int, ...], parent: Rows
) -> dict[str, Any]:
    """Return how confirmed frames would change, as the page reads it."""
    before = {frame: row for frame in frames for row in parent(frame, frame + 1)}
    ours = {frame: correction.masks[frame] for frame in frames}
    after = {row.frame: row for row in Correction(ours, 0).rows(parent)}
    shown = frames[:: -(-len(frames) // SHOWN)] if frames else ()
    return {
        "seq": seq,
        "frames": [[run.start, run.stop] for run in stretches(frames)],
        "total_frames": len(frames),
        "tracks": _by_track([(before[frame], after[frame]) for frame in frames]),
        "rows": {
            str(frame): {"before": row_to_wire(before[frame]), "after": row_to_wire(after[frame])}
            for frame in shown
        },
    }


class Ticker:
    """Tells the tabs of a clip how a spread goes on: what was drawn, and how long it takes; not more often than they can show."""

    def __init__(
        self,
        clip: Clip,
        running: Running,
        parts: Parts,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to count."""
        self._clip, self._running, self._parts, self._now = clip, running, parts, now
        self._told = now()
        self._paces: deque[tuple[float, int]] = deque()  # when how many frames were done
        self._rows: dict[str, Any] = {}
        base = running.asked.parent
        revision = None if base is None else parts.revisions.revision(base)
        self._parent = rows_of(parts.revisions, clip, revision)

    def __call__(self, row: FrameMasks, done: int, total: int) -> None:
        """Take what was drawn on a frame; ``done`` of about ``total`` frames are through."""
        self._running.done, self._running.total = done, total
        self._rows[str(row.frame)] = row_to_wire(self._whole(row))
        if self._now() - self._told >= PAUSE:
            self.flush()

    def flush(self) -> None:
        """Tell what was not told yet."""
        clip, seq, running = self._clip.id, self._running.action.seq, self._running
        if self._rows:
            self._parts.hub.publish(clip, "drawn", {"seq": seq, "rows": self._rows})
        self._rows, self._told = {}, self._now()
        pace = self._pace()
        left = None if pace is None else round(pace * max(0, running.total - running.done), 1)
        news = {"seq": seq, "done": running.done, "total": running.total, "seconds_left": left}
        self._parts.hub.publish(clip, "progress", news)

    def _pace(self) -> float | None:
        """Return how many seconds a frame took lately; None while too few went by to say."""
        paces = self._paces
        paces.append((self._told, self._running.done))
        while len(paces) > 2 and paces[1][0] <= self._told - LATELY and paces[1][1] < paces[-1][1]:
            paces.popleft()
        (began, before), (now, done) = paces[0], paces[-1]
        return (
            (now - began) / (done - before) if done > before and now - began >= LATELY / 2 else None
        )

    def _whole(self, row: FrameMasks) -> FrameMasks:
        """Return a frame with what was drawn in the place of what was there; held places stay as they are."""
        held = self._running.asked.held
        masks = [
            mask for mask in row.masks if not {(row.frame, mask.track), (row.frame, PICTURE)} & held
        ]
        old = next(iter(self._parent(row.frame, row.frame + 1)), FrameMasks(row.frame))
        return replaced(old, masks)


def _by_track(pairs: list[tuple[FrameMasks, FrameMasks]]) -> list[dict[str, int]]:
    """Return by track on how many frames it would change, and by how many pixels."""
    found: dict[int, dict[str, int]] = {}
    for before, after in pairs:
        old, new = before.by_track(), after.by_track()
        for track in sorted(old.keys() | new.keys()):
            if old.get(track) != new.get(track):
                line = found.setdefault(
                    track, {"track": track, "frames": 0, "pixels_added": 0, "pixels_removed": 0}
                )
                line["frames"] += 1
                line["pixels_added"] += _more(old.get(track), new.get(track))
                line["pixels_removed"] += _more(new.get(track), old.get(track))
    return [found[track] for track in sorted(found)]


def _more(one: TrackMask | None, other: TrackMask | None) -> int:
    """Return how many pixels the other mask has that the one lacks."""
    if other is None:
        return 0
    return rle.area(other.rle if one is None else rle.subtract(other.rle, one.rle))
