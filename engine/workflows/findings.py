"""What was found about a revision, as text that is kept beside it: doubts, and what a detector saw. Knows the texts, finds nothing.

A text of another version, or a damaged one, counts as absent: whatever is kept here can be computed anew.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from engine.doubts import Doubt, Sign
from engine.errors import EngineError, SelectionError
from engine.ports import Findings
from engine.types import Box, Detection

DOUBTS, WITNESSES = "doubts", "detections"
"""Kinds of findings: doubts of a revision; what a detector saw of a clip, kept at the clip's first revision."""

VERSION: Final = 2
"""Raised when doubts are found otherwise than before: older ones are found anew."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What a detector saw of a clip, on every ``every``-th frame.

    ``detector`` names it, ``game`` is the game that the balls fit, ``pockets`` are the openings that were seen throughout.
    ``looks`` are (frame, detections), in order.
    """

    detector: str
    every: int
    game: str
    pockets: tuple[Box, ...]
    looks: tuple[tuple[int, tuple[Detection, ...]], ...]


def doubts_to_text(doubts: Sequence[Doubt], *, passes: bool = False) -> str:
    """Write doubts; ``passes`` says that a second pass was a witness."""
    found = [
        [one.start, one.stop, one.frame, one.track, str(one.sign), one.severity, one.why]
        for one in doubts
    ]
    return _text({"version": VERSION, "passes": passes, "doubts": found})


def doubts_from_text(text: str) -> tuple[Doubt, ...] | None:
    """Read doubts; None where it is no text of this version."""
    return _read(text, lambda raw: tuple(_doubt(one) for one in raw["doubts"]))


def witnesses_to_text(seen: Witnesses) -> str:
    """Write what a detector saw."""
    looks = [[frame, [[*one.box, one.label, one.score] for one in found]] for frame, found in seen.looks]  # fmt: skip
    return _text(
        {
            "version": VERSION,
            "detector": seen.detector,
            "every": seen.every,
            "game": seen.game,
            "pockets": seen.pockets,
            "looks": looks,
        }
    )


def witnesses_from_text(text: str) -> Witnesses | None:
    """Read what a detector saw; None where it is no text of this version."""
    return _read(text, _witnesses)


def kept_doubts(findings: Findings, revision: int) -> tuple[Doubt, ...] | None:
    """Return the doubts that are kept of a revision, or None."""
    text = _kept(findings, revision, DOUBTS)
    return None if text is None else doubts_from_text(text)


def of_two_passes(findings: Findings, revision: int) -> bool:
    """Say whether the doubts that are kept of a revision had a second pass for a witness."""
    text = _kept(findings, revision, DOUBTS)
    return text is not None and bool(_read(text, lambda raw: raw["passes"]))


def kept_witnesses(findings: Findings, revision: int) -> Witnesses | None:
    """Return what a detector saw of the clip whose first revision this is, or None."""
    text = _kept(findings, revision, WITNESSES)
    return None if text is None else witnesses_from_text(text)


def _kept(findings: Findings, revision: int, kind: str) -> str | None:
    """Return what is kept; nothing is kept of what is not there."""
    try:
        return findings.get(revision, kind)
    except SelectionError:
        return None


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _read(text: str, build: Callable[[Any], _T]) -> _T | None:
    """Return what ``build`` makes of a text of this version, or None."""
    try:
        raw = json.loads(text)
        return build(raw) if raw["version"] == VERSION else None
    except (EngineError, ValueError, KeyError, TypeError, IndexError):
        return None


def _doubt(raw: Any) -> Doubt:
    start, stop, frame, track, sign, severity, why = raw
    return Doubt(int(start), int(stop), int(frame), int(track), Sign(sign), float(severity), str(why))  # fmt: skip


def _witnesses(raw: Any) -> Witnesses:
    looks = tuple(
        (int(frame), tuple(_detection(int(frame), one) for one in found))
        for frame, found in raw["looks"]
    )
    pockets = tuple(_box(box) for box in raw["pockets"])
    return Witnesses(str(raw["detector"]), int(raw["every"]), str(raw["game"]), pockets, looks)


def _detection(frame: int, raw: Any) -> Detection:
    x0, y0, x1, y1, label, score = raw
    return Detection(frame, _box((x0, y0, x1, y1)), str(label), float(score))


def _box(raw: Any) -> Box:
    x0, y0, x1, y1 = (float(side) for side in raw)
    return x0, y0, x1, y1
