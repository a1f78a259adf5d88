"""The prediction of a revision: what Label Studio shows of it, as text that is kept. Knows no server and no store.

A text of another version, or a damaged one, counts as absent: whatever is kept can be made anew.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.billiards.events import EventWatch
from engine.billiards.playing import Watch
from engine.doubts import Doubt, worst
from engine.ports.bridge import TaskKind
from engine.types import Box, Clip, FrameMasks, Track
from ml_backend.pages.frames import choose, frames_to_result
from ml_backend.shown.timeline import events_to_result
from ml_backend.translate import tracks_to_result

VERSION: Final = 2
"""Raised when predictions are made otherwise than before: older ones are made anew."""


LOOSEST: Final = 3.0
"""Pixels by which the box of a restless track may be off: its mask is where it was, and a box that is not moved changes nothing."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What Label Studio is told: regions, and how sure we are, 0..1."""

    result: tuple[Mapping[str, Any], ...]
    score: float


def prediction(
    kind: TaskKind,
    clip: Clip,
    revision: int,
    tracks: Sequence[Track],
    rows: Iterable[FrameMasks],
    doubts: Sequence[Doubt],
    *,
    pages: Sequence[int] | None = None,
    pockets: Sequence[Box] = (),
) -> str:
    """Return the text of a revision's prediction for a task of ``kind``.

    Args:
        kind: the clip with boxes and events, or its key frames with masks.
        clip: the clip.
        revision: id of the revision.
        tracks: its tracks.
        rows: its masks on all frames, in order.
        doubts: of the revision.
        pages: the frames that the task's pages show, as ``frames.pages`` keeps them; chosen by the doubts where they are not given.
        pockets: openings that a detector saw, for the pots on the time line.
    """
    if kind is TaskKind.FRAMES:
        shown = choose(doubts, clip) if pages is None else pages
        result = frames_to_result(clip, revision, tracks, rows, frames=shown)
    else:
        result = _boxes_and_events(clip, revision, tracks, rows, doubts, pockets)
    said = {"version": VERSION, "result": result, "score": score(doubts)}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _boxes_and_events(
    clip: Clip,
    revision: int,
    tracks: Sequence[Track],
    rows: Iterable[FrameMasks],
    doubts: Sequence[Doubt],
    pockets: Sequence[Box],
) -> list[dict[str, Any]]:
    """Return the boxes of a clip's balls and the ranges of its time line; the masks are read once."""
    play, table = Watch(clip), EventWatch(clip, pockets)
    passing = table.passing(play.passing(rows))
    result = tracks_to_result(clip, revision, tracks, passing, loosest=LOOSEST)
    plays, happened = play.plays(), table.events()
    return result + events_to_result(clip, revision, plays=plays, doubts=doubts, happened=happened)


def score(doubts: Sequence[Doubt]) -> float:
    """Return how little there is to look at, 0..1: 1 for nothing, less the more places are doubted and the more gravely.

    It is 1 / (1 + the severities of all visits). Sorted by it, the tasks that need somebody most come first.
    """
    return round(1 / (1 + sum(visit.severity for visit in worst(doubts))), 3)


def parse(text: str | None) -> Prediction | None:
    """Read a prediction; None where there is none, or one of another version, or a damaged one."""
    try:
        raw = json.loads(text or "null")
        result, sure = tuple(raw["result"]), float(raw["score"])
        whole = all(isinstance(one, dict) for one in result) and 0 <= sure <= 1
        return Prediction(result, sure) if whole and raw["version"] == VERSION else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
