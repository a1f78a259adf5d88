"""Clicks at one object on one frame until its mask is good enough. Knows what a tool shows after each click, no model and no time."""

from dataclasses import dataclass, replace

from engine.evaluation.clicking import next_click
from engine.evaluation.hands import Hands
from engine.evaluation.overlap import jaccard
from engine.types import RLE, Point


@dataclass(frozen=True, slots=True)
class Attempt:
    """One object being clicked: what was shown at first, the clicks so far, and what each came to.

    ``masks`` and ``ious`` have one entry for each click; a mask is None where nothing is shown.
    """

    true: RLE
    start: RLE | None = None
    points: tuple[Point, ...] = ()
    masks: tuple[RLE | None, ...] = ()
    ious: tuple[float, ...] = ()

    @property
    def mask(self) -> RLE | None:
        """What is shown now."""
        return self.masks[-1] if self.masks else self.start

    def reached(self, goal: float) -> int | None:
        """Return the number of clicks after which IoU was ``goal`` or more for the first time; None if never."""
        return next((n for n, iou in enumerate(self.ious, 1) if iou >= goal), None)

    def best(self) -> int:
        """Return the number of clicks, 0 or more, after which IoU was best, the fewest of equals."""
        values = (jaccard(self.true, self.start), *self.ious)
        return max(range(len(values)), key=lambda n: (values[n], -n))

    def is_open(self, goal: float, patience: int | None) -> bool:
        """Whether the goal is still to be reached, and the last ``patience`` clicks give hope that it will be."""
        hopeful = patience is None or len(self.ious) - max(1, self.best()) < patience
        return self.ious[-1] < goal and hopeful


def attempt(
    hands: Hands,
    frame: int,
    track: int,
    true: RLE,
    *,
    label: str,
    goal: float,
    most: int,
    patience: int | None = None,
) -> Attempt:
    """Click at an object by the rule of ``clicking`` until its IoU is ``goal``, at most ``most`` times.

    Args:
        hands: where the clip is open.
        frame: 0-based.
        track: the object's, or a new number.
        true: its true mask, not empty.
        label: its class.
        goal: IoU, 0..1.
        most: clicks.
        patience: clicks in a row that make nothing better before it is given up; None for never.
    """
    one = Attempt(true, hands.mask(frame, track))
    while len(one.points) < most:
        point = next_click(true, one.mask)
        if point is None:
            break
        hands.click(frame, track, point, label=label)
        one = _seen(one, point, hands.mask(frame, track))
        if not one.is_open(goal, patience):
            break
    return one


def _seen(one: Attempt, point: Point, mask: RLE | None) -> Attempt:
    """Return the attempt with one more click and what it came to."""
    return replace(
        one,
        points=(*one.points, point),
        masks=(*one.masks, mask),
        ious=(*one.ious, jaccard(one.true, mask)),
    )
