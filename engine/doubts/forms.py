"""What a single mask gives away: unsure scores, a torn shape, a size no ball has. Knows one frame, and the one before."""

from collections.abc import Iterator, Mapping
from math import sqrt

from engine.doubts.scene import Frame, Seen, hides, neighbours
from engine.doubts.signs import Doubt, Sign, graded, of_frame

SCORE = 0.5
STABILITY = 0.6
FILLED = 0.86
LOOSE = 0.03
HOLLOW = 0.04
ASPECT = 2.2
WIDE = 1.25
LONG = 1.35
BLUR = 1.5  # lengths of a step that a smear may have
SUDDEN = 0.3
ARM = 0.35  # of a disc gone: rather an arm before it than a bad mask
HIDDEN = 0.3
SLIVER = 0.75  # of a disc gone: what is left may have any shape, and may go too


def unsure(now: Frame) -> Iterator[Doubt]:
    """Doubt masks whose ball is rather not there, or whose edge is nearly anywhere."""
    for track, ball in now.balls.items():
        score, stability = ball.sight.mask.score, ball.sight.mask.stability
        if score < SCORE:
            grade = graded(score, SCORE, 0.1, least=0.4, most=0.8)
            why = f"score {score:.2f}: more likely no ball than one"
            yield of_frame(now.number, track, Sign.LOW_SCORE, grade, why)
        if stability < STABILITY:
            grade = graded(stability, STABILITY, 0.2, least=0.3, most=0.7)
            why = f"stability {stability:.2f}: its edge could be nearly anywhere"
            yield of_frame(now.number, track, Sign.LOW_STABILITY, grade, why)


def misshapen(now: Frame, moved: Mapping[int, float]) -> Iterator[Doubt]:
    """Doubt masks in pieces, with holes, bent or thin; ``moved`` is how far each ball went, in diameters.

    A sliver beside a hand or a cue has any shape.
    """
    for track, ball in now.balls.items():
        if ball.missing > SLIVER:
            continue
        grade, why = _form(ball, moved.get(track, 0.0), hidden=bool(neighbours(now, ball)))
        if grade > 0:
            part = HIDDEN if ball.missing > ARM else 1.0
            yield of_frame(now.number, track, Sign.SHAPE, grade * part, why)


def _form(ball: Seen, moved: float, *, hidden: bool) -> tuple[float, str]:
    """Return how grave the faults of a shape are, and the words of the first; 0 for none.

    What another ball hides is no disc, but has no holes.
    """
    one = ball.sight
    aspect = one.length / one.breadth
    faults = []
    if one.loose > LOOSE:
        grade = graded(one.loose, LOOSE, 0.3, least=0.5, most=0.9)
        faults.append((grade, f"{one.loose:.0%} of the mask lie apart from the rest"))
    if one.hollow > HOLLOW:
        grade = graded(one.hollow, HOLLOW, 0.3, least=0.5, most=0.9)
        faults.append((grade, f"holes of {one.hollow:.0%} of the mask"))
    if not (one.at_rim or hidden) and aspect > ASPECT + BLUR * moved:
        grade = graded(aspect, ASPECT, 5, least=0.4, most=0.8)
        faults.append((grade, f"thin: {one.length:.0f} px long and {one.breadth:.0f} wide"))
    if not (one.at_rim or hidden) and one.filled < FILLED:
        grade = graded(one.filled, FILLED, 0.6, least=0.4, most=0.9)
        faults.append((grade, f"no disc: it fills {one.filled:.0%} of its ellipse"))
    return (max(grade for grade, _ in faults), faults[0][1]) if faults else (0.0, "")


def missized(before: Frame | None, now: Frame, moved: Mapping[int, float]) -> Iterator[Doubt]:
    """Doubt masks larger than a ball can be, and those that shrink at once though nothing known hides them."""
    for track, ball in now.balls.items():
        found = _too_large(ball, moved.get(track, 0.0)) or _shrunk(before, now, ball, moved)
        if found:
            yield of_frame(now.number, track, Sign.AREA_JUMP, *found)


def _too_large(ball: Seen, moved: float) -> tuple[float, str] | None:
    """Return grade and words where a mask is broader than its ball, or longer than its blur explains."""
    one = ball.sight
    right = max(ball.usual, ball.right)
    wide, long = one.breadth / right, one.length / right - BLUR * moved
    if max(wide / WIDE, long / LONG) <= 1:
        return None
    excess = max(wide / WIDE, long / LONG)
    why = f"{one.length:.0f} x {one.breadth:.0f} px, where a ball has {right:.0f}"
    return graded(excess, 1, 1.4, least=0.7, most=0.98), why


def _shrunk(
    before: Frame | None, now: Frame, ball: Seen, moved: Mapping[int, float]
) -> tuple[float, str] | None:
    """Return grade and words where a ball lost a part of its area from one frame to the next, and no ball did it."""
    one = ball.sight
    old = before.balls.get(one.track) if before else None
    if old is None or one.at_rim or hides(now, ball, moved):
        return None
    lost = ball.missing - old.missing
    if lost < SUDDEN or one.area >= old.sight.area:
        return None
    why = f"{one.area} px after {old.sight.area}, and no ball rolled before it"
    return graded(lost, SUDDEN, 0.8, least=0.5, most=0.9), why


def full(ball: Seen) -> bool:
    """Tell whether a mask shows nearly the whole ball."""
    return sqrt(1 - min(1.0, ball.missing)) > 0.87
