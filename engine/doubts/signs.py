"""What a doubt is: where, about which ball, of which kind, how grave, and why. Knows no way of finding one."""

from dataclasses import dataclass
from enum import StrEnum

from engine.errors import InputError

PICTURE = 0
"""The track of a doubt that is about the whole picture."""


class Sign(StrEnum):
    """By what a place shows that somebody should look at it."""

    LOW_SCORE = "low-score"
    LOW_STABILITY = "low-stability"
    VANISHED = "vanished"
    APPEARED = "appeared"
    AREA_JUMP = "area-jump"
    SPEED_JUMP = "speed-jump"
    OVERLAP = "overlap"
    SHAPE = "shape"
    DETECTOR = "detector-disagrees"
    PASSES = "passes-disagree"
    CLASS = "class-flip"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place where a person should look: frames ``start`` up to ``stop``, half-open, worst at ``frame``.

    ``track`` is the ball's, or ``PICTURE`` for the whole picture; ``severity`` is 0..1 and means the same
    for every sign: how likely something there is wrong. ``why`` says it in words, with the numbers of ``frame``.
    """

    start: int
    stop: int
    frame: int
    track: int
    sign: Sign
    severity: float
    why: str

    def __post_init__(self) -> None:
        """Refuse what no strip under a video could show."""
        if not self.start <= self.frame < self.stop:
            raise InputError(
                f"doubt about frames {self.start} to {self.stop}: its worst, {self.frame}, is not one of them"
            )
        if not 0 <= self.severity <= 1:
            raise InputError(f"severity={self.severity}: expected a number from 0 to 1")


def graded(value: float, low: float, high: float, *, least: float, most: float) -> float:
    """Return a severity between ``least`` and ``most`` as ``value`` goes from ``low`` to ``high``, either way round."""
    part = (value - low) / (high - low)
    return least + (most - least) * min(1.0, max(0.0, part))


def of_frame(frame: int, track: int, sign: Sign, severity: float, why: str) -> Doubt:
    """Return the doubt about one frame."""
    return Doubt(frame, frame + 1, frame, track, sign, round(severity, 3), why)
