"""What the masks of a revision come to, measured in one reading and kept as text. Knows ports; finds no doubts, shows nothing.

A text of another version, or a damaged one, counts as absent: measures can be taken anew.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from engine.billiards.events import EventWatch
from engine.billiards.playing import Watch
from engine.doubts import Doubt
from engine.errors import SelectionError
from engine.ports import Findings, RevisionStore
from engine.ports.board import Happening, Measures, TableEvent
from engine.types import Clip, FrameMasks, Revision
from engine.workflows.findings import VERSION as DOUBTS_VERSION
from engine.workflows.measuring import quality
from engine.workflows.prepare import witnesses_of

MEASURES: Final = "measures"
"""Kind of finding: what the masks of a revision come to."""

VERSION: Final = 1
"""Raised when something is measured otherwise than before: older measures are taken anew, as those of older doubts are."""


def measured(
    revisions: RevisionStore,
    findings: Findings,
    clip: Clip,
    revision: Revision,
    *,
    doubts: Sequence[Doubt],
) -> Measures:
    """Return what the masks of a revision come to, and keep it. The masks are read once.

    ``doubts`` are those of the revision. Where a detector saw the pockets of the clip, pots are told by them.

    Raises:
        DamagedChunk: stored masks do not decode.
    """
    seen = witnesses_of(revisions, findings, clip.id)
    table = EventWatch(clip, () if seen is None else seen.pockets)
    play, crowd = Watch(clip), _Crowd()
    rows = table.passing(play.passing(crowd.passing(revisions.frames(revision.id))))
    found = Measures(
        quality=quality(rows),  # draws the rows through all who watch
        balls=len(revision.tracks),
        together=crowd.most,
        moving=float(sum(len(span) for span in play.plays()) / clip.rate),
        doubts=len(doubts),
        severity=sum(one.severity for one in doubts),
        signs=_signs(doubts),
        events=table.events(),
    )
    findings.put(revision.id, MEASURES, measures_to_text(found))
    return found


def measures_to_text(measures: Measures) -> str:
    """Write measures."""
    one = measures
    told = [
        [event.kind.value, event.start, event.stop, list(event.tracks), event.certainty]
        for event in one.events
    ]
    raw = {
        "version": _version(),
        "quality": one.quality,
        "balls": [one.balls, one.together],
        "moving": one.moving,
        "doubts": [one.doubts, one.severity, list(one.signs)],
        "events": told,
    }
    return json.dumps(raw, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def measures_from_text(text: str) -> Measures | None:
    """Read measures; None where it is no text of this version."""
    try:
        raw = json.loads(text)
        if raw["version"] != _version():
            return None
        balls, together = raw["balls"]
        doubts, severity, signs = raw["doubts"]
        return Measures(
            _number(raw["quality"]),
            int(balls),
            int(together),
            _number(raw["moving"]),
            int(doubts),
            _number(severity),
            tuple(str(sign) for sign in signs),
            tuple(_event(*one) for one in raw["events"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def kept_measures(findings: Findings, revision: int) -> Measures | None:
    """Return the measures that are kept of a revision, or None."""
    try:
        text = findings.get(revision, MEASURES)
    except SelectionError:
        return None
    return None if text is None else measures_from_text(text)


@dataclass(slots=True)
class _Crowd:
    """Counts how many balls are visible at once as rows pass."""

    most: int = 0

    def passing(self, rows: Iterable[FrameMasks]) -> Iterator[FrameMasks]:
        """Yield the rows as they are."""
        for row in rows:
            self.most = max(self.most, len(row.masks))
            yield row


def _version() -> list[int]:
    """Return what a text must have been written by; doubts that are found otherwise are summed up anew."""
    return [VERSION, DOUBTS_VERSION]


def _signs(doubts: Sequence[Doubt]) -> tuple[str, ...]:
    """Return the kinds of doubt, most frequent first, then by name."""
    counted = Counter(str(one.sign) for one in doubts)
    return tuple(sorted(counted, key=lambda sign: (-counted[sign], sign)))


def _event(kind: Any, start: Any, stop: Any, tracks: Any, certainty: Any) -> TableEvent:
    """Return one event as it was written."""
    if not 0 <= start < stop:
        raise ValueError(f"frames {start} up to {stop} are none")
    balls = tuple(int(track) for track in tracks)
    return TableEvent(Happening(kind), int(start), int(stop), balls, _number(certainty))


def _number(raw: Any) -> float:
    """Return a number that can be shown."""
    value = float(raw)
    if not isfinite(value):
        raise ValueError(f"{value} is no measure")
    return value
