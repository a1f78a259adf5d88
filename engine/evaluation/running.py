"""Runs the engine on clips with truth: automatically, or prompted from the truth. Knows ports, no model and no figure."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import numpy as np

from engine import rle
from engine.datasets import LabelledClip, stretch
from engine.errors import EngineError, InputError, SelectionError
from engine.evaluation.clicking import click_into
from engine.evaluation.judging import JudgedClip, Matcher, judge
from engine.evaluation.matching import match, match_by_number
from engine.evaluation.modes import Mode
from engine.pipeline import DetSam2, Filter, Parts, annotate
from engine.ports import Detector, Segmenter
from engine.types import Clip, FrameBatch, FrameMasks, Prompt, TrackMask

Progress = Callable[[str, int, int], None]


def matcher_of(mode: Mode) -> Matcher:
    """Return how tracks are matched with balls: prompted ones by their numbers, others by overlap."""
    return match_by_number if mode in (Mode.BOXES, Mode.CLICKS) else match


@dataclass(frozen=True, slots=True)
class Models:
    """What draws: the parts of the pre-annotation and its settings."""

    detector: Detector
    segmenter: Segmenter
    keep_only: Filter | None
    settings: DetSam2


@dataclass(frozen=True, slots=True)
class DatasetSource:
    """The frames of a labelled clip behind the ``FrameSource`` port, be they a video or a folder of JPEGs."""

    labelled: LabelledClip

    def batches(
        self, clip: Clip, *, size: int = 4, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameBatch]:
        """Yield frames ``start`` up to ``stop`` (default: the end) in order, ``size`` at a time.

        Raises:
            InputError: the range is not inside the clip, or a picture is missing.
        """
        end = clip.frames if stop is None else stop
        if size < 1 or not 0 <= start <= end <= clip.frames:
            raise InputError(
                f"clip {clip.id}: cannot read frames {start} to {end} by {size}; it has {clip.frames} frames"
            )
        pictures, _ = stretch(self.labelled, start, end)
        for first in range(start, end, size):
            yield FrameBatch(first, np.stack(list(islice(pictures, min(size, end - first)))))


def draw(
    labelled: LabelledClip, models: Models, *, mode: Mode, progress: Progress
) -> tuple[FrameMasks, ...]:
    """Return what the engine draws on every frame of a clip.

    Args:
        labelled: the clip; its truth is used for prompts only, and not at all in mode AUTO.
        models: what draws.
        mode: who prompts.
        progress: called with the clip's id, frames done and frames in all.
    """
    clip = labelled.clip
    if mode is Mode.NOTHING:
        return tuple(FrameMasks(frame) for frame in range(clip.frames))
    if mode is not Mode.AUTO:
        return tuple(_follow(labelled, models.segmenter, mode, progress))
    source = DatasetSource(labelled)
    parts = Parts(source, models.detector, models.segmenter, models.keep_only)
    with closing(
        annotate(
            clip,
            parts,
            settings=models.settings,
            progress=lambda done: progress(clip.id, done, clip.frames),
        )
    ) as blocks:  # type: ignore[type-var]  # annotate() is a generator, which its annotation does not tell
        return tuple(row for block in blocks for row in block.settled)


def first_prompts(labelled: LabelledClip, *, mode: Mode) -> dict[int, list[Prompt]]:
    """Return the prompts by frame: each ball once, on the first labelled frame where it is visible."""
    known: set[int] = set()
    prompts: dict[int, list[Prompt]] = {}
    for row in labelled.frames():
        fresh = [mask for mask in row.masks if mask.track not in known]
        known |= {mask.track for mask in fresh}
        if fresh:
            prompts[row.frame] = [_prompt(row.frame, mask, mode) for mask in fresh]
    return prompts


def _follow(
    labelled: LabelledClip, segmenter: Segmenter, mode: Mode, progress: Progress
) -> Iterator[FrameMasks]:
    """Yield the masks of prompted balls, frame by frame."""
    clip = labelled.clip
    prompts = first_prompts(labelled, mode=mode)
    with segmenter.open(clip) as session:
        for frame, rgb in enumerate(labelled.pictures()):
            yield session.step(frame, rgb, prompts.get(frame, ()))
            progress(clip.id, frame + 1, clip.frames)


def _prompt(frame: int, mask: TrackMask, mode: Mode) -> Prompt:
    """Return what is said of one ball."""
    if mode is Mode.BOXES:
        return Prompt(frame, mask.track, box=rle.bbox(mask.rle))
    return Prompt(frame, mask.track, points=(click_into(mask.rle),))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of every clip: judged, or failed with the reason."""

    judged: tuple[JudgedClip, ...]
    failed: dict[str, str]


Drawer = Callable[[LabelledClip], Sequence[FrameMasks]]


def judge_all(clips: Sequence[LabelledClip], drawer: Drawer, *, matcher: Matcher) -> Outcome:
    """Draw and judge clip by clip; one that fails is named and the others go on.

    Raises:
        SelectionError: there was no clip.
    """
    if not clips:
        raise SelectionError("no clips to evaluate; name others, or none for all")
    judged: list[JudgedClip] = []
    failed: dict[str, str] = {}
    for one in clips:
        try:
            found = drawer(one)
            truth = one.frames()
            judged.append(
                judge(one.clip.id, true=truth, found=found, labels=one.labels, matcher=matcher)
            )
        except (EngineError, OSError) as error:
            failed[one.clip.id] = str(error)
    return Outcome(tuple(judged), failed)


def predicted(clips: Sequence[LabelledClip]) -> Drawer:
    """Return what looks a clip's masks up in a dataset of predictions, by the clip's id."""
    known = {one.clip.id: one for one in clips}

    def look_up(labelled: LabelledClip) -> Sequence[FrameMasks]:
        found = known.get(labelled.clip.id)
        if found is None:
            raise SelectionError(
                f"clip {labelled.clip.id}: not among the predictions, which hold {', '.join(known)}"
            )
        return tuple(found.frames())

    return look_up
