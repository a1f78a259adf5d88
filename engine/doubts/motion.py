"""Whether balls move as balls on cloth can. Knows four frames at a time, no class and no shape.

In one interval between frames a ball is struck, hit or turned by a cushion at most once, so its way in that interval
is a mixture of the way before and the way after: a point of the straight line between the two displacements. Whatever
pushes it, that holds; friction changes less than a hundredth of a diameter. A mask that jumps to something else and
stays there, or comes back, breaks it on both sides. Blur, hiding and a neighbour loosen what is asked.
"""

from collections.abc import Container, Iterable, Iterator
from itertools import combinations
from math import hypot

import numpy as np
from numpy.typing import NDArray

from engine.doubts.scene import STILL, Frame, Scene, Seen, neighbours
from engine.doubts.signs import Doubt, Sign, graded

SLACK = 0.22  # diameters that a mask's middle may wander
PIXELS = 1.0  # and pixels
SHARE = 0.3  # of its own speed
FASTEST = 330.0  # diameters a second: 17 m/s of a snooker ball, 19 m/s of a pool ball
TOGETHER = 0.6
SKIPPED = 3  # steps in one, where a recording lacks pictures
ENOUGH = 4
DEAD = 0.15  # diameters in a step that friction cannot take at once
MASKED = 0.2  # of a disc gone, and its middle is not to be trusted
TOUCH = 1.6  # diameters to a ball that may be hit between two frames

Step = NDArray[np.float64]
Steps = dict[int, Step]
Window = tuple[Frame | None, Frame, Frame, Frame | None]


def steps(first: Frame | None, second: Frame | None) -> Steps:
    """Return how far each ball went between two frames, float64 (2,) x and y in pixels, less what the camera did."""
    if first is None or second is None:
        return {}
    both = {
        track: np.subtract(second.balls[track].sight.middle, ball.sight.middle)
        for track, ball in first.balls.items()
        if track in second.balls
    }
    camera = _camera(first, both)
    return {track: step - camera for track, step in both.items()}


def _camera(frame: Frame, moved: Steps) -> Step:
    """Return the step that most balls made together, 0 where there is none."""
    if len(moved) < ENOUGH:
        return np.zeros(2)
    every = np.array(list(moved.values()))
    usual = np.median(every, axis=0)
    near = np.hypot(*(every - usual).T) < [max(0.1 * frame.balls[t].usual, 1.0) for t in moved]
    return usual if near.mean() > TOGETHER else np.zeros(2)


def in_diameters(frame: Frame, moved: Steps) -> dict[int, float]:
    """Return the lengths of steps in diameters of the balls as they are on ``frame``."""
    return {
        track: float(np.hypot(*step)) / frame.balls[track].usual
        for track, step in moved.items()
        if track in frame.balls
    }


def leaps(window: Window, ways: tuple[Steps, Steps, Steps], *, scene: Scene) -> Iterator[Doubt]:
    """Doubt steps between the two frames in the middle that no ball can make."""
    _, start, stop, _ = window
    seconds = (stop.number - start.number) / scene.rate
    even = _is_even(window)
    for track, way in ways[1].items():
        far = float(np.hypot(*way)) / start.balls[track].usual
        found = None
        if far > FASTEST * seconds:
            found = 0.95, f"{far:.1f} ball widths in {seconds:.3f} s: no ball is that fast"
        elif even and track in ways[0] and track in ways[2]:
            found = _strays(window, ways, track) or _stops_dead(window, ways, track)
        if found:
            first, last, (grade, why) = start.number, stop.number, found
            yield Doubt(first, last + 1, last, track, Sign.SPEED_JUMP, round(grade, 3), why)


def _strays(
    window: Window, ways: tuple[Steps, Steps, Steps], track: int
) -> tuple[float, str] | None:
    """Return grade and words where a ball leaves the way that the steps before and after allow."""
    _, start, stop, _ = window
    before, way, after = (steps[track] for steps in ways)
    one, two = start.balls[track], stop.balls[track]
    rolled, rolls = _rolling(start, ways[0]), _rolling(stop, ways[2])
    off = _off(way, before, after if rolled else 2 * after) / one.usual
    touched = _touched(start, stop, (one, two), rolled | rolls)
    allowed = _allowed(window, one, (before, way, after), touched=touched)
    if off <= allowed:
        return None
    far, old, new = (float(np.hypot(*step)) / one.usual for step in (way, before, after))
    why = (
        f"{off:.1f} ball widths off its way, {allowed:.1f} allowed: {far:.1f} in this step, "
        f"{old:.1f} before and {new:.1f} after"
    )
    if _off(way, SKIPPED * before, SKIPPED * after) < allowed * one.usual:
        return 0.3, f"{why}; or pictures are missing here"
    return graded(off / allowed, 1, 2.5, least=0.6, most=0.97), why


def _stops_dead(
    window: Window, ways: tuple[Steps, Steps, Steps], track: int
) -> tuple[float, str] | None:
    """Return grade and words where a rolling ball stands still at once, with nothing near that could stop it."""
    _, start, stop, _ = window
    one, two = start.balls[track], stop.balls[track]
    before, way, after = (float(np.hypot(*steps[track])) / one.usual for steps in ways)
    free = not one.sight.at_rim and one.missing < MASKED and two.missing < MASKED
    if before < DEAD or max(way, after) > STILL / 2 or not free:
        return None
    if any(neighbours(frame, one, reach=TOUCH) for frame in (start, stop)):
        return None
    return 0.6, f"stops dead, {before:.2f} ball widths in the step before, and no ball is near"


def _rolling(frame: Frame, way: Steps) -> set[int]:
    """Return the tracks that move in one step."""
    return {track for track, far in in_diameters(frame, way).items() if far > STILL}


def _is_even(window: Window) -> bool:
    """Tell whether four frames follow each other at one distance."""
    numbers = [frame.number for frame in window if frame is not None]
    return len(numbers) == 4 and len(set(np.diff(numbers).tolist())) == 1


def _off(way: Step, before: Step, after: Step) -> float:
    """Return how far a step lies from what the steps before and after can mix to, in pixels.

    Recordings show some pictures twice: no step at all is one of the things to mix, and ``after`` is twice the
    step after that where the picture stood still before.
    """
    corners = [before, after, np.zeros(2)]
    turns = [
        _cross(b - a, way - a) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    if min(turns) > 0 or max(turns) < 0:
        return 0.0
    return min(_from_line(way, a, b) for a, b in combinations(corners, 2))


def _cross(a: Step, b: Step) -> float:
    return float(a[0] * b[1] - a[1] * b[0])


def _from_line(point: Step, a: Step, b: Step) -> float:
    """Return how far a point lies from the straight line between two others."""
    along = b - a
    length = float(along @ along)
    part = float(np.clip((point - a) @ along / length, 0, 1)) if length > 0 else 0.0
    return float(np.hypot(*(point - a - part * along)))


def _allowed(
    window: Window,
    one: Seen,
    ways: tuple[Step, Step, Step],
    *,
    touched: bool,
) -> float:
    """Return how far off its way a ball may be, in diameters."""
    seen = [
        frame.balls[one.sight.track] for frame in window if frame and one.sight.track in frame.balls
    ]
    hidden = max(ball.missing for ball in seen)
    rim = 0.5 if any(ball.sight.at_rim for ball in seen) else 0.0
    free, any_speed = _speed(one, ways[::2]), _speed(one, ways)
    slack = SLACK + PIXELS / one.usual + SHARE * free + 0.5 * hidden + rim
    return slack + (0.15 + 2 * SHARE * any_speed if touched else 0.0)


def _speed(ball: Seen, ways: Iterable[Step]) -> float:
    """Return the longest of some steps in diameters."""
    return max(hypot(*way) for way in ways) / ball.usual


def _touched(start: Frame, stop: Frame, balls: tuple[Seen, Seen], rolling: Container[int]) -> bool:
    """Tell whether a ball that rolls before or after is so near that it may hit or be hit in between."""
    return any(
        other.sight.track in rolling
        for frame in (start, stop)
        for ball in balls
        for other in neighbours(frame, ball, reach=TOUCH)
    )
