"""Short stretches of labelled clips in memory, without end and in random order; knows no windows and no network."""

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import rle
from engine.datasets import LabelledClip, read_dataset, stretch
from engine.errors import EngineError, SelectionError
from engine.types import RLE, Box, Image


@dataclass(frozen=True, slots=True)
class Ball:
    """One ball on one frame: its mask, the tight box around it in pixels and its area in pixels."""

    mask: RLE
    box: Box
    area: int


@dataclass(frozen=True, slots=True)
class Film:
    """Labelled frames in order: ``pictures`` uint8 (H, W, 3), their ``numbers`` in the clip, balls by track."""

    pictures: Sequence[Image]
    numbers: Sequence[int]
    balls: Sequence[Mapping[int, Ball]]

    @property
    def tracks(self) -> list[int]:
        """The tracks that are seen on any frame."""
        return sorted({track for row in self.balls for track in row})


def films(
    sources: Sequence[Path],
    *,
    length: int,
    least: int,
    dice: random.Random,
    held: bool = False,
) -> Iterator[Film]:
    """Yield stretches of up to ``length`` labelled frames without end, equally often from every source.

    A dataset that has a split "train" gives its clips alone, one with a split "val" those where ``held`` is set. Clips with fewer than ``least`` labelled frames are left
    out; one that does not decode is named on the error output and left out.

    Raises:
        SelectionError: a source holds no clip that is long enough and decodes.
    """
    supplies = [
        _supply(source, length=length, least=least, dice=dice, held=held) for source in sources
    ]
    while True:
        yield next(dice.choice(supplies))


def clips_of(source: Path, *, least: int, held: bool = False) -> list[LabelledClip]:
    """Return the clips of a dataset to train on, or those ``held`` out to measure on.

    They are those of the split "train" or "val", and all of a dataset without that split.

    Raises:
        SelectionError: there are none of at least ``least`` labelled frames.
    """
    clips = read_dataset(source)
    own = [clip for clip in clips if clip.clip.split == ("val" if held else "train")] or list(clips)
    fitting = [clip for clip in own if len(clip.labelled) >= least]
    if not fitting:
        raise SelectionError(
            f"{source}: no clip of at least {least} labelled frames; the longest of {len(own)} has "
            f"{max(len(clip.labelled) for clip in own)}; choose fewer with --frames, or longer clips"
        )
    return fitting


def has_both(source: Path) -> bool:
    """Return whether a dataset holds clips to train on and others to measure on."""
    return {"train", "val"} <= {clip.clip.split for clip in read_dataset(source)}


def read_film(clip: LabelledClip, *, start: int, length: int) -> Film:
    """Return up to ``length`` labelled frames, beginning with the ``start``-th of them.

    Raises:
        EngineError: the clip cannot be read.
    """
    numbers = clip.labelled[start : start + length]
    pictures, rows = stretch(clip, numbers[0], numbers[-1] + 1)
    wanted = set(numbers)
    kept = [p for n, p in enumerate(pictures, numbers[0]) if n in wanted]
    balls = [{mask.track: _ball(mask.rle) for mask in row.masks} for row in rows]
    return Film(kept, numbers, balls)


def _supply(
    source: Path, *, length: int, least: int, dice: random.Random, held: bool
) -> Iterator[Film]:
    """Yield stretches of one dataset, which is read anew after each round: it may still be growing."""
    while True:
        clips, good = clips_of(source, least=least, held=held), 0
        dice.shuffle(clips)
        for clip in clips:
            start = dice.randint(0, max(0, len(clip.labelled) - length))
            try:
                yield read_film(clip, start=start, length=length)
                good += 1
            except EngineError as error:
                sys.stderr.write(f"left out: {clip.clip.id}: {error}\n")
        if not good:
            raise SelectionError(f"{source}: none of its {len(clips)} clips could be read")


def _ball(mask: RLE) -> Ball:
    """Measure a mask that is not empty."""
    return Ball(mask, rle.bbox(mask) or (0.0, 0.0, 0.0, 0.0), rle.area(mask))
