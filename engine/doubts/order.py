"""In which order a person should see the doubts. Knows ranges and grades, no masks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.doubts.signs import PICTURE, Doubt


@dataclass(frozen=True, slots=True)
class Looked:
    """A person has looked at frames ``start`` up to ``stop`` of ``track``, ``PICTURE`` for all of them."""

    start: int
    stop: int
    track: int = PICTURE

    def covers(self, doubt: Doubt) -> bool:
        """Tell whether the worst frame of a doubt has been looked at."""
        return self.start <= doubt.frame < self.stop and self.track in (PICTURE, doubt.track)


@dataclass(frozen=True, slots=True)
class Visit:
    """One place to go to: ``frame``, the worst, and all the doubts that are settled there, the gravest first."""

    frame: int
    severity: float
    doubts: tuple[Doubt, ...]


def worst(
    doubts: Iterable[Doubt], seen: Sequence[Looked] = (), *, within: int = 15
) -> tuple[Visit, ...]:
    """Return the visits that show every doubt not yet looked at, the gravest first, then in the order of time.

    A visit goes to the gravest doubt left and takes along all whose worst frames are at most ``within`` frames away.
    """
    left = sorted(
        (doubt for doubt in doubts if not any(look.covers(doubt) for look in seen)), key=_rank
    )
    visits = []
    while left:
        place = left[0].frame
        here = tuple(doubt for doubt in left if abs(doubt.frame - place) <= within)
        left = [doubt for doubt in left if abs(doubt.frame - place) > within]
        visits.append(Visit(place, here[0].severity, here))
    return tuple(visits)


def _rank(doubt: Doubt) -> tuple[float, int, int, str]:
    return -doubt.severity, doubt.frame, doubt.track, doubt.sign
