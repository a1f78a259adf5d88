"""How many clicks a ball needs on a single frame: NoC and IoU by click. Knows one frame at a time.

NoC@85 and NoC@90 are the mean numbers of clicks until IoU is 0.85 or 0.90, at most 20, where an object that never gets there
counts 20: the protocol of interactive segmentation since Xu et al., "Deep interactive object selection", CVPR 2016.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine import rle
from engine.datasets import LabelledClip
from engine.evaluation.attempts import attempt
from engine.evaluation.hands import Tool
from engine.evaluation.series import mean
from engine.types import RLE, FrameMasks

GOALS = (0.85, 0.90)
MOST = 20
LEAST = 20  # pixels: smaller masks are left out of datasets, see the exporters' ``min_area``
EACH = 3  # frames of a clip


@dataclass(frozen=True, slots=True)
class Clicked:
    """One object on one frame: IoU after each click until the highest goal, or 20 clicks."""

    clip: str
    frame: int
    track: int
    label: str
    ious: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ClickFigures:
    """What clicking came to: by goal the mean number of clicks and the share that never got there.

    ``curve`` is the mean IoU after 1 to 20 clicks; an object that has reached the highest goal is clicked no more and
    keeps its IoU.
    """

    objects: int
    noc: Mapping[str, float]
    failed: Mapping[str, float]
    curve: tuple[float, ...]


def click_clip(
    labelled: LabelledClip,
    tool: Tool,
    *,
    each: int = EACH,
    most: int = MOST,
    progress: Callable[[str, int, int], None] = lambda _name, _done, _total: None,
) -> tuple[Clicked, ...]:
    """Click at every ball on ``each`` frames of a clip, spread evenly over those that carry truth.

    The clip is opened without masks, and every ball is a new one. Balls of less than 20 pixels are left out: no dataset
    holds them.
    """
    rows = spread([row for row in labelled.frames() if _worthy(row)], each)
    clicked: list[Clicked] = []
    with tool(labelled, ()) as hands:
        for done, row in enumerate(rows, 1):
            for ball, true in _worthy(row).items():
                label, new = labelled.labels.get(ball, "ball"), hands.new_track()
                one = attempt(hands, row.frame, new, true, label=label, goal=max(GOALS), most=most)
                clicked.append(Clicked(labelled.clip.id, row.frame, ball, label, one.ious))
            progress(labelled.clip.id, done, len(rows))
    return tuple(clicked)


def click_figures(clicked: Sequence[Clicked], *, most: int = MOST) -> ClickFigures:
    """Return the figures of objects that were clicked at most ``most`` times; nan of no object."""
    needed = {goal: [_needed(one, goal) for one in clicked] for goal in GOALS}
    return ClickFigures(
        len(clicked),
        {_name(goal): mean([float(n or most) for n in found]) for goal, found in needed.items()},
        {_name(goal): mean([float(n is None) for n in found]) for goal, found in needed.items()},
        tuple(mean([_after(one, count) for one in clicked]) for count in range(1, most + 1)),
    )


def spread(rows: Sequence[FrameMasks], count: int) -> list[FrameMasks]:
    """Return ``count`` rows, first and last among them, as evenly as can be; all of fewer."""
    if len(rows) <= count:
        return list(rows)
    if count == 1:
        return [rows[0]]
    return [rows[round(place * (len(rows) - 1) / (count - 1))] for place in range(count)]


def _worthy(row: FrameMasks) -> dict[int, RLE]:
    """Return the masks that are large enough to be asked for."""
    return {mask.track: mask.rle for mask in row.masks if rle.area(mask.rle) >= LEAST}


def _needed(one: Clicked, goal: float) -> int | None:
    """Return the clicks until the goal."""
    return next((n for n, iou in enumerate(one.ious, 1) if iou >= goal), None)


def _after(one: Clicked, count: int) -> float:
    """Return IoU after so many clicks, or after the last one before."""
    return one.ious[min(count, len(one.ious)) - 1]


def _name(goal: float) -> str:
    """Return a goal as figures name it."""
    return f"{goal * 100:.0f}"
