"""Which frames went worst, and on which balls. Knows scores, no pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation.judging import JudgedClip
from engine.evaluation.objects import ObjectScore

FINE = 0.9  # a ball of this J is not worth a closer look
APART = 4  # parts of a clip: its bad frames lie at least one such part from each other


@dataclass(frozen=True, slots=True)
class Bad:
    """A frame that went badly: its mean J over balls, and the worst of these with their J."""

    clip: str
    frame: int
    mean: float
    balls: tuple[tuple[ObjectScore, float], ...]


def worst_frames(
    clips: Sequence[JudgedClip], *, most: int = 8, each: int = 2, balls: int = 6
) -> tuple[Bad, ...]:
    """Return at most ``most`` frames, the worst first, at most ``each`` of a clip, apart from each other.

    A frame on which every ball has a J of 0.9 or more is not among them.
    """
    found = [bad for clip in clips for bad in _of_clip(clip, each, balls)]
    return tuple(sorted(found, key=lambda bad: bad.mean)[:most])


def _of_clip(clip: JudgedClip, each: int, balls: int) -> list[Bad]:
    """Return the bad frames of one clip, the worst first."""
    table = np.array([one.j for one in clip.objects])
    means = table.mean(axis=0)
    apart = max(1, len(means) // APART)
    chosen: list[int] = []
    for place in np.argsort(means, kind="stable").tolist():
        bad = bool((table[:, place] < FINE).any())
        if bad and len(chosen) < each and all(abs(place - other) >= apart for other in chosen):
            chosen.append(place)
    return [
        Bad(
            clip.id,
            clip.compared[place].frame,
            float(means[place]),
            _balls(clip, place, most=balls),
        )
        for place in chosen
    ]


def _balls(clip: JudgedClip, place: int, *, most: int) -> tuple[tuple[ObjectScore, float], ...]:
    """Return the worst balls of a frame."""
    ranked = sorted(((one, one.j[place]) for one in clip.objects), key=lambda pair: pair[1])
    return tuple((one, value) for one, value in ranked[:most] if value < FINE)
