"""Clicks on one frame until masks are good enough, object by object. Knows one picture and a segmenter, no time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.evaluation.clicking import next_click
from engine.evaluation.overlap import jaccard
from engine.ports import Segmenter
from engine.types import RLE, Clip, Image, Point, Prompt


@dataclass(frozen=True, slots=True)
class Attempt:
    """One object being clicked: where the masks began, the clicks so far, and what each came to.

    ``masks`` and ``ious`` have one entry for each click; a mask is None where nothing was drawn.
    """

    true: RLE
    start: RLE | None = None
    points: tuple[Point, ...] = ()
    masks: tuple[RLE | None, ...] = ()
    ious: tuple[float, ...] = ()

    @property
    def mask(self) -> RLE | None:
        """What is drawn now."""
        return self.masks[-1] if self.masks else self.start

    def reached(self, goal: float) -> int | None:
        """Return the number of clicks after which IoU was ``goal`` or more for the first time; None if never."""
        return next((n for n, iou in enumerate(self.ious, 1) if iou >= goal), None)

    def best(self) -> int:
        """Return the number of clicks, 1 or more, after which IoU was best, the fewest of equals."""
        return max(range(1, len(self.ious) + 1), key=lambda n: (self.ious[n - 1], -n))

    def is_open(self, goal: float, patience: int | None) -> bool:
        """Whether the goal is still to be reached, and the last ``patience`` clicks give hope that it will be."""
        hopeful = patience is None or len(self.ious) - self.best() < patience
        return self.ious[-1] < goal and hopeful

    def prompts(self, frame: int, track: int, *, clicks: int | None = None) -> list[Prompt]:
        """Return the first ``clicks`` clicks (default: all) as prompts, on top of the mask they began with, if any."""
        first = [Prompt(frame, track, mask=self.start)] if self.start is not None else []
        return [*first, Prompt(frame, track, points=self.points[:clicks])]


def attempt(
    clip: Clip,
    rgb: Image,
    wanted: Mapping[int, Attempt],
    *,
    frame: int,
    segmenter: Segmenter,
    goal: float,
    most: int,
    patience: int | None = None,
) -> dict[int, Attempt]:
    """Click at every object by the rule of ``clicking`` until its IoU is ``goal``, at most ``most`` times.

    Objects below the goal are drawn together, each click in a fresh pass with all clicks before it, as in a tool that shows
    the effect of each click. Nothing is taken back.

    Args:
        clip: what is looked at.
        rgb: the picture of ``frame``, uint8 (H, W, 3).
        wanted: an attempt without clicks for each track; its true mask is not empty.
        frame: 0-based.
        segmenter: what draws.
        goal: IoU, 0..1.
        most: clicks an object.
        patience: clicks in a row that make nothing better before an object is given up; None for never.
    """
    done = dict(wanted)
    live = set(done)
    for _ in range(most):
        asked = {track: _clicked(done[track]) for track in sorted(live)}
        live = {track for track, one in asked.items() if one is not None}
        if not live:
            break
        done |= _drawn(clip, rgb, {t: one for t, one in asked.items() if one}, frame, segmenter)
        live = {track for track in live if done[track].is_open(goal, patience)}
    return done


def _clicked(one: Attempt) -> Attempt | None:
    """Return the attempt with its next click; None where nothing is left to correct."""
    click = next_click(one.true, one.mask)
    return None if click is None else replace(one, points=(*one.points, click))


def _drawn(
    clip: Clip, rgb: Image, asked: Mapping[int, Attempt], frame: int, segmenter: Segmenter
) -> dict[int, Attempt]:
    """Return the attempts with what their last clicks came to."""
    prompts = [prompt for track, one in asked.items() for prompt in one.prompts(frame, track)]
    with segmenter.open(clip) as session:
        masks = session.step(frame, rgb, prompts).by_track()
    found = {track: masks[track].rle if track in masks else None for track in asked}
    return {
        track: replace(
            one,
            masks=(*one.masks, found[track]),
            ious=(*one.ious, jaccard(one.true, found[track])),
        )
        for track, one in asked.items()
    }
