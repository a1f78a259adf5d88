"""Batches of sequences without end: which prompt, how long, what is corrected; knows no network."""

import random
from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Many
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from engine.errors import SelectionError
from engine.training.segmenter_films import Film, clips_of, films
from engine.training.segmenter_frames import frame_sequences, share_pictures
from engine.training.segmenter_options import Views
from engine.training.segmenter_windows import BOX, CLICKS, FEWEST_SEEN, MASK, Sequence, sequence

FILM, LONG, OF_ONE_FILM = 12, 8, 8  # frames, frames, balls
MOST_EMPTY = 50
SHARES = {BOX: 0.45, CLICKS: 0.37, MASK: 0.18}


@dataclass(frozen=True, slots=True)
class Batch:
    """What a step sees: B balls, T frames, S the model's side, P pictures at a time (one for each ball, in windows).

    ``pictures`` uint8 (P, T, 3, S, S); ``labels`` uint8 (B, T, S, S): 1 the ball, 2 others; ``boxes`` float
    (B, 4) and ``clicks`` float (B, 2) on the first frame, in the model's pixels; ``ages`` int (B, T), frames since the
    first; ``owners`` int (B,), which picture shows each ball. ``kind`` is the prompt of the first frame,
    ``corrected`` the frame on which a person helps, 0 for none, with a box where ``boxed``.
    """

    pictures: Tensor
    labels: Tensor
    boxes: Tensor
    clicks: Tensor
    ages: Tensor
    owners: Tensor
    kind: int = BOX
    corrected: int = 0
    boxed: bool = False

    def to(self, device: str | torch.device) -> "Batch":
        """Return the batch on a device."""
        names = ("pictures", "labels", "boxes", "clicks", "ages", "owners")
        return replace(self, **{n: getattr(self, n).to(device, non_blocking=True) for n in names})


@dataclass(frozen=True, slots=True)
class Recipe:
    """What batches are made of: datasets, ``batch`` balls through ``frames`` frames, or fewer through eight.

    ``long`` is the share of long sequences; ``side`` the model's square in pixels, ``context`` a window's side in
    sizes of its ball. ``views``: a window for each ball, whole frames, or batches of both in turn. ``held``: from the
    clips that are held out, not from those to train on.
    """

    sources: tuple[Path, ...]
    side: int
    context: float
    batch: int = 24
    frames: int = 4
    long: float = 0.33
    corrections: float = 0.25
    seed: int = 0
    views: Views = "windows"
    held: bool = False


@dataclass(slots=True)
class _Pools:
    """Sequences that wait, by length and prompt, so that a batch mixes the balls of many clips."""

    waiting: dict[tuple[int, int], list[Sequence]] = field(default_factory=dict)


class Batches(IterableDataset[Batch]):
    """Batches without end, another stream for each worker and for each ``part`` of a training on several machines."""

    def __init__(self, recipe: Recipe, *, start: int = 0, part: int = 0) -> None:
        """Begin the ``start``-th stream: another one after each resumption.

        Raises:
            SelectionError: a source holds nothing to train on.
        """
        self._recipe, self._start, self._part = recipe, start, part
        for source in recipe.sources:
            clips_of(source, least=recipe.frames, held=recipe.held)

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches."""
        info = get_worker_info()
        worker = info.id if info else 0
        return batches(self._recipe, f"{self._recipe.seed}/{self._start}/{self._part}/{worker}")


def batches(recipe: Recipe, seed: str) -> Iterator[Batch]:
    """Yield batches without end; one seed gives one stream."""
    dice = random.Random(seed)
    supplies = {
        frames: films(
            recipe.sources,
            length=max(FILM, frames),
            least=frames,
            dice=dice,
            held=recipe.held,
        )
        for frames in {recipe.frames, _long(recipe)}
    }
    pools = _Pools()
    while True:
        if recipe.views == "frame" or (recipe.views == "both" and dice.random() < 0.5):
            yield _of_frames(recipe, supplies, dice)
            continue
        frames = _long(recipe) if dice.random() < recipe.long else recipe.frames
        kind = dice.choices(list(SHARES), list(SHARES.values()))[0]
        count = max(2, recipe.batch * recipe.frames // frames)
        pool = pools.waiting.setdefault((frames, kind), [])
        while len(pool) < 3 * count:
            pool += _cut(recipe, supplies[frames], frames, kind, dice)
        dice.shuffle(pool)
        taken = [pool.pop() for _ in range(count)]
        yield _asked(recipe, taken, kind, dice)


def _asked(recipe: Recipe, taken: Many[Sequence], kind: int, dice: random.Random) -> Batch:
    """Return a batch that is corrected on one of its frames, or not."""
    frames = len(taken[0].pictures)
    helped = frames > 2 and dice.random() < recipe.corrections
    corrected = dice.randint(1, frames - 2) if helped else 0
    return collate(taken, kind=kind, corrected=corrected, boxed=dice.random() < 0.35)


def _of_frames(
    recipe: Recipe, supplies: Mapping[int, Iterator[Film]], dice: random.Random
) -> Batch:
    """Return a batch of the balls of one film in whole pictures; a film without any is passed over."""
    frames = _long(recipe) if dice.random() < recipe.long else recipe.frames
    kind = dice.choices(list(SHARES), list(SHARES.values()))[0]
    taken: list[Sequence] = []
    for _ in range(MOST_EMPTY):
        taken = frame_sequences(
            next(supplies[frames]), frames=frames, side=recipe.side, most=recipe.batch, dice=dice
        )
        if taken:
            return _asked(recipe, taken, kind, dice)
    raise SelectionError(
        f"{MOST_EMPTY} films in a row show no ball of {FEWEST_SEEN} pixels on whole frames of {recipe.side} "
        "pixels; train on windows, or a model of a larger side"
    )


def collate(
    items: Many[Sequence], *, kind: int = BOX, corrected: int = 0, boxed: bool = False
) -> Batch:
    """Stack sequences; those that share their pictures keep sharing them."""
    pictures, owners = share_pictures(items)
    return Batch(
        torch.from_numpy(pictures),
        _stack([item.masks for item in items]),
        _stack([item.box for item in items]),
        _stack([item.click for item in items]),
        _stack([item.ages for item in items]),
        torch.from_numpy(owners),
        kind,
        corrected,
        boxed,
    )


def _stack(arrays: Many[NDArray[Any]]) -> Tensor:
    """Return arrays as one tensor."""
    return torch.from_numpy(np.stack(arrays))


def _long(recipe: Recipe) -> int:
    """Return the length of long sequences: a full memory, where clips are long enough for it."""
    shortest = min(
        max(len(clip.labelled) for clip in clips_of(source, least=recipe.frames, held=recipe.held))
        for source in recipe.sources
    )
    return max(recipe.frames, min(LONG, shortest))


def _cut(
    recipe: Recipe, supply: Iterator[Film], frames: int, kind: int, dice: random.Random
) -> list[Sequence]:
    """Cut sequences of a few balls of the next film."""
    film = next(supply)
    chosen = dice.sample(film.tracks, min(OF_ONE_FILM, len(film.tracks)))
    made = (
        sequence(
            film,
            track,
            frames=frames,
            kind=kind,
            side=recipe.side,
            context=recipe.context,
            dice=dice,
        )
        for track in chosen
    )
    return [one for one in made if one is not None]
