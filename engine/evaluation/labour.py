"""What correction cost over many clips, and what it would cost for a whole dataset. Knows corrected clips."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.evaluation.annotator import Corrected
from engine.evaluation.effort import Effort
from engine.evaluation.series import mean

TARGET = 2000.0  # seconds of video


@dataclass(frozen=True, slots=True)
class Labour:
    """Effort over clips. ``j_before`` and ``j_after`` are means over ball-frames; ``wrong_*`` are shares of them.

    ``hours`` is what ``target`` seconds of such video would take one person, without the time the computer
    takes, and without what is still wrong.
    """

    clips: int
    frames: int
    effort: Effort
    person_seconds: float
    clicks_per_frame: float
    seconds_per_frame: float
    j_before: float
    j_after: float
    wrong_before: float
    wrong_after: float
    target: float
    hours: float


def labour(corrected: Sequence[Corrected], *, target: float = TARGET) -> Labour:
    """Return the figures over one clip or more."""
    effort = sum((one.effort for one in corrected), Effort())
    frames = sum(one.frames for one in corrected)
    lasting = sum(one.seconds for one in corrected)
    before, after = ([one.looks[place] for one in corrected] for place in (0, -1))
    return Labour(
        clips=len(corrected),
        frames=frames,
        effort=effort,
        person_seconds=effort.seconds,
        clicks_per_frame=effort.clicks / frames,
        seconds_per_frame=effort.seconds / frames,
        j_before=mean([look.j for look in before]),
        j_after=mean([look.j for look in after]),
        wrong_before=_share([(look.wrong, look.judged) for look in before]),
        wrong_after=_share([(look.wrong, look.judged) for look in after]),
        target=target,
        hours=effort.seconds / lasting * target / 3600,
    )


def _share(parts: Sequence[tuple[int, int]]) -> float:
    """Return the share of all ball-frames."""
    return sum(part for part, _ in parts) / max(1, sum(whole for _, whole in parts))
