"""Whether tracks end when their balls do: in a pocket, or out of the picture. Knows visibility over time, no pocket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.evaluation.matching import Compared
from engine.types import FrameMasks

WITHIN = 5  # frames: a sixth of a second at 30 frames/s


@dataclass(frozen=True, slots=True)
class Ends:
    """How many tracks truly end within the clip, how many were found to, and how many of these are right."""

    true: int
    found: int
    met: int

    @property
    def precision(self) -> float:
        """Share of found ends that are true; nan where none was found."""
        return self.met / self.found if self.found else float("nan")

    @property
    def recall(self) -> float:
        """Share of true ends that were found; nan where there is none."""
        return self.met / self.true if self.true else float("nan")

    def __add__(self, other: "Ends") -> "Ends":
        """Return both together."""
        return Ends(self.true + other.true, self.found + other.found, self.met + other.met)


def ends_of(rows: Sequence[FrameMasks]) -> dict[int, int]:
    """Return the first frame in which each track is gone for good, of ``rows``; one that is there at the end has none."""
    seen = {mask.track: place for place, row in enumerate(rows) for mask in row.masks}
    return {t: rows[place + 1].frame for t, place in seen.items() if place + 1 < len(rows)}


def judge_ends(
    compared: Sequence[Compared], matches: Mapping[int, int], *, within: int = WITHIN
) -> Ends:
    """Return how the ends of found tracks agree with those of the true ones that they serve.

    An end is right when it lies at most ``within`` frames from the true one. The end of a track that serves
    no ball is wrong: it looks like a ball that was potted.
    """
    true = ends_of([one.true for one in compared])
    found = ends_of([one.found for one in compared])
    met = sum(
        abs(frame - found[served]) <= within
        for track, frame in true.items()
        if (served := matches.get(track)) in found
    )
    return Ends(len(true), len(found), met)
