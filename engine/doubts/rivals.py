"""What others say of the same frame: a detector's boxes, the masks of another pass. Knows overlaps, no time.

A detector that finds less than half of the balls of a frame is blind there, and says nothing.
"""

from collections.abc import Iterator, Mapping

from engine import rle
from engine.assignment import assign
from engine.doubts.scene import Frame, Scene
from engine.doubts.signs import PICTURE, Doubt, Sign, graded, of_frame
from engine.geometry import area, common, iou, iou_matrix
from engine.types import Detection

CONFIDENT = 0.5
SAME = 0.3
FITS = 0.55
COVERED = 0.6
PASSES = 0.7

Pairs = Mapping[int, Detection]


def matched(now: Frame) -> Pairs:
    """Return the detection that lies on each track, of those that are confident and a ball."""
    heard = _heard(now)
    tracks = list(now.balls)
    table = iou_matrix([one.box for one in heard], [now.balls[track].sight.box for track in tracks])
    table[table < SAME] = 0
    return {tracks[column]: heard[row] for row, column in assign(table)}


def disputed(now: Frame, pairs: Pairs) -> Iterator[Doubt]:
    """Doubt where a detector sees a ball and no mask is, a mask and it sees no ball, or both and they differ."""
    if now.detections is None:
        return
    yield from _unmasked(now, pairs)
    if 2 * len(pairs) < len(now.balls):
        return
    for track, ball in now.balls.items():
        if track not in pairs:
            why = f"the detector finds {len(pairs)} of {len(now.balls)} balls, not this one"
            yield of_frame(now.number, track, Sign.DETECTOR, 0.35, why)
        elif (fit := iou(pairs[track].box, ball.sight.box)) < FITS:
            grade = graded(fit, FITS, SAME, least=0.4, most=0.7)
            why = f"mask and detection overlap by {fit:.2f} only"
            yield of_frame(now.number, track, Sign.DETECTOR, grade, why)


def _unmasked(now: Frame, pairs: Pairs) -> Iterator[Doubt]:
    """Doubt the picture where the detector is sure of balls that have no mask."""
    taken = {id(one) for one in pairs.values()}
    boxes = [ball.sight.box for ball in now.balls.values()]
    free = [
        one
        for one in _heard(now)
        if id(one) not in taken
        and not any(common(one.box, box) > COVERED * area(one.box) for box in boxes)
    ]
    if free:
        best = max(free, key=lambda one: one.score)
        grade = graded(best.score, CONFIDENT, 0.95, least=0.35, most=0.8)
        x, y = (round(side) for side in best.box[:2])
        why = f"{len(free)} found without a mask, surest ({best.score:.2f}) a {best.label} at {x}, {y}"
        yield of_frame(now.number, PICTURE, Sign.DETECTOR, grade, why)


def _heard(now: Frame) -> list[Detection]:
    """Return the detections that count."""
    found = now.detections or ()
    return [one for one in found if one.score >= CONFIDENT and one.label != "pocket"]


def passes(now: Frame, *, scene: Scene) -> Iterator[Doubt]:
    """Doubt balls that another pass, say the one backward in time, sees elsewhere, or not, or alone."""
    if now.other is None:
        return
    others = now.other.by_track()
    for track, ball in now.balls.items():
        if track not in others:
            yield of_frame(now.number, track, Sign.PASSES, 0.6, "the other pass has no mask here")
        elif (fit := rle.iou(ball.sight.mask.rle, others[track].rle)) < PASSES:
            grade = graded(fit, PASSES, 0.2, least=0.4, most=0.9)
            why = f"forward and backward masks overlap by {fit:.2f}"
            yield of_frame(now.number, track, Sign.PASSES, grade, why)
    for track in sorted(set(others) - set(now.balls)):
        if rle.area(others[track].rle):
            why = f"only the other pass has a mask of {scene.name(track)} here"
            yield of_frame(now.number, track, Sign.PASSES, 0.6, why)
