"""Balls that come out of nothing and balls that go nowhere. Knows the last place of each track, no more of the past.

Explained are the rim of the picture, a pocket, and another ball that stands before. A hand or a cue, which nobody
masks, hides a ball bit by bit: one that was partly hidden already is doubted less than one seen whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import hypot

import numpy as np

from engine.doubts.forms import SLIVER, full
from engine.doubts.motion import Step, Steps
from engine.doubts.scene import STILL, Frame, Scene, Seen, hides
from engine.doubts.signs import Doubt, Sign, graded
from engine.types import Box

ROLLING = 0.12  # diameters a frame at 30 frames a second
SECONDS = 1.0  # of a ball that never returns, a person has to see this much


@dataclass(frozen=True, slots=True)
class _Gone:
    """A ball that was seen last on frame ``frame`` and how much that is to be doubted."""

    frame: int
    severity: float
    why: str


@dataclass(slots=True)
class Presence:
    """Which tracks were seen and which are gone; memory is bounded by their number."""

    scene: Scene
    _known: set[int] = field(default_factory=set)
    _gone: dict[int, _Gone] = field(default_factory=dict)
    _way: Steps = field(default_factory=dict)

    def look(
        self, before: Frame | None, now: Frame, way: Steps, moved: Mapping[int, float]
    ) -> Iterator[Doubt]:
        """Compare a frame with the one before it.

        ``way`` is how the balls moved between them in pixels, ``moved`` how far they move about now in diameters.
        """
        for track, ball in now.balls.items():
            if track in self._gone:
                yield from self._ended(track, now.number)
            elif track not in self._known and before is not None:
                yield from self._appeared(before, now, ball)
        self._known |= set(now.balls)
        if before is not None:
            for track in sorted(set(before.balls) - set(now.balls)):
                self._gone[track] = self._left(before, now, track, moved)
        self._way = way

    def close(self, stop: int) -> Iterator[Doubt]:
        """Doubt the balls that never came back; the clip ends before frame ``stop``."""
        for track, gone in sorted(self._gone.items()):
            end = min(stop, gone.frame + 1 + max(1, round(SECONDS * self.scene.rate)))
            if gone.severity and end > gone.frame + 1:
                yield Doubt(gone.frame + 1, end, gone.frame + 1, track, Sign.VANISHED, gone.severity, f"{gone.why}, and never comes back")  # fmt: skip
        self._gone.clear()

    def _ended(self, track: int, now: int) -> Iterator[Doubt]:
        """Doubt a gap when it ends."""
        gone = self._gone.pop(track)
        if gone.severity:
            missing = now - gone.frame - 1
            brief = missing <= SECONDS / 2 * self.scene.rate
            severity = min(1.0, gone.severity * 1.1) if brief else gone.severity
            why = f"{gone.why}, and is back after {missing} frame{'' if missing == 1 else 's'}"
            yield Doubt(
                gone.frame + 1, now, gone.frame + 1, track, Sign.VANISHED, round(severity, 3), why
            )

    def _left(self, before: Frame, now: Frame, track: int, moved: Mapping[int, float]) -> _Gone:
        """Judge a track that was there before and is not there now."""
        ball, last, step = before.balls[track], before.number, self._way.get(track)
        speed = (0.0 if step is None else hypot(*step)) / ball.usual
        known = {**moved, track: speed}
        hidden = ball.missing > SLIVER or _behind(now, ball, step, known)
        if hidden or self._leaves(ball, speed):
            return _Gone(last, 0.0, "")
        seen = "whole" if full(ball) else f"with {1 - ball.missing:.0%} of its disc"
        why = f"last seen {seen}, away from the rim, from pockets and from other balls"
        rolling = not self.scene.pockets and speed * self.scene.rate / 30 > ROLLING
        whole = 0.85 if full(ball) else graded(ball.missing, 0.25, SLIVER, least=0.5, most=0.3)
        severity = whole * (0.5 if rolling else 1)
        return _Gone(last, round(severity, 3), why)

    def _appeared(self, before: Frame, now: Frame, ball: Seen) -> Iterator[Doubt]:
        """Doubt a new ball in the middle of the cloth."""
        if (
            self._leaves(ball, 0.0)
            or _behind(before, ball, None, {})
            or _behind(now, ball, None, {})
        ):
            return
        severity = 0.6 if full(ball) else 0.15
        why = f"first seen on frame {now.number}, away from the rim and from other balls"
        yield Doubt(now.number, now.number + 1, now.number, ball.sight.track, Sign.APPEARED, severity, why)  # fmt: skip

    def _leaves(self, ball: Seen, speed: float) -> bool:
        """Tell whether a ball is where balls leave: the rim, or a pocket if it rolls."""
        reach = ball.usual * (0.75 + 1.5 * speed)
        x, y = ball.sight.middle
        rim = min(x, y, self.scene.wide - x, self.scene.high - y)
        return (
            ball.sight.at_rim
            or rim < reach
            or (speed > STILL and any(_outside(p, x, y) < reach for p in self.scene.pockets))
        )


def _outside(box: Box, x: float, y: float) -> float:
    """Return how far a point is outside a box along the worse axis, in pixels; negative inside."""
    return max(box[0] - x, x - box[2], box[1] - y, y - box[3])


def _behind(frame: Frame, ball: Seen, step: Step | None, moved: Mapping[int, float]) -> bool:
    """Tell whether another ball may have come before this one where it is, or will be after a step."""
    x, y = np.add(ball.sight.middle, 0 if step is None else step)
    there = replace(ball, sight=replace(ball.sight, middle=(float(x), float(y))))
    return hides(frame, there, moved)
