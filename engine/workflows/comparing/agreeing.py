"""How the masks that models drew agree with those that hold: judged once, kept as text. Knows ports; who judges is handed in.

A text of another version, or a damaged one, counts as absent: agreement can be judged anew.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import isfinite
from typing import Any, Final, Protocol

from engine.errors import SelectionError
from engine.ports import Findings, RevisionStore
from engine.ports.board import Agreement
from engine.types import FrameMasks

AGREEMENT: Final = "agreement"
"""Kind of finding: how what models drew agrees with the revision that it is kept at."""

VERSION: Final = 1
"""Raised when agreement is judged otherwise than before: older figures are judged anew."""

Overlap = Mapping[int, Mapping[int, float]]
"""J by frame and track."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How two revisions agree, and mask by mask: J of each true mask and of each drawn one, 0 where nothing stands against it.

    A ball that is not drawn on a frame stands among the drawn ones under its number below zero, with 0: so the mean of what is
    drawn on a frame is the J of the frame.
    """

    agreement: Agreement
    true: Overlap
    drawn: Overlap


class Judge(Protocol):
    """Compares the masks of two revisions; ``revisions`` are the ids of the true and of the drawn one, for the record."""

    def __call__(
        self, true: Iterable[FrameMasks], drawn: Iterable[FrameMasks], *, revisions: tuple[int, int]
    ) -> Judged:
        """Return how they agree."""
        ...


def judged(revisions: RevisionStore, *, true: int, drawn: int, judge: Judge) -> Judged:
    """Return how two revisions of one clip agree, mask by mask; nothing is kept.

    Raises:
        SelectionError: there is no such revision.
        DamagedChunk: stored masks do not decode.
    """
    return judge(revisions.frames(true), revisions.frames(drawn), revisions=(true, drawn))


def kept_agreement(findings: Findings, *, true: int, drawn: int) -> Agreement | None:
    """Return how just these two revisions agree, where that is kept, or None."""
    try:
        text = findings.get(true, AGREEMENT)
    except SelectionError:
        return None
    found = None if text is None else agreement_from_text(text)
    return found if found is not None and (found.true, found.drawn) == (true, drawn) else None


def agreement_to_text(agreement: Agreement) -> str:
    """Write an agreement; frames in a row that agree alike, as those of balls at rest do, are written once."""
    one = agreement
    raw = {
        "version": VERSION,
        "revisions": [one.true, one.drawn],
        "j": one.j,
        "tracks": sorted(one.by_track.items()),
        "served": sorted(one.served.items()),
        "extra": one.extra,
        "frames": list(_spans(one.frames)),
    }
    return json.dumps(raw, separators=(",", ":"), allow_nan=False)


def agreement_from_text(text: str) -> Agreement | None:
    """Read an agreement; None where it is no text of this version."""
    try:
        raw = json.loads(text)
        if raw["version"] != VERSION:
            return None
        true, drawn = raw["revisions"]
        return Agreement(
            drawn=int(drawn),
            true=int(true),
            j=_share(raw["j"]),
            by_track={int(track): _share(j) for track, j in raw["tracks"]},
            served={int(track): int(other) for track, other in raw["served"]},
            extra=tuple(int(track) for track in raw["extra"]),
            frames=dict(_frames(raw["frames"])),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _spans(frames: Mapping[int, float]) -> Iterator[tuple[int, int, float]]:
    """Yield (start, stop, J) of frames in a row with one and the same J."""
    ordered = enumerate(sorted(frames.items()))
    for (_, j), group in groupby(ordered, key=lambda one: (one[1][0] - one[0], one[1][1])):
        numbers = [frame for _, (frame, _) in group]
        yield numbers[0], numbers[-1] + 1, j


def _frames(raw: Any) -> Iterator[tuple[int, float]]:
    """Yield the J of each frame as it was written."""
    for start, stop, j in raw:
        for frame in range(int(start), int(stop)):
            yield frame, _share(j)


def _share(raw: Any) -> float:
    """Return a number between 0 and 1."""
    value = float(raw)
    if not (isfinite(value) and 0 <= value <= 1):
        raise ValueError(f"{value} is no overlap")
    return value
