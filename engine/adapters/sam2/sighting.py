"""Tracks on one frame through the network: what is wanted goes in, what was seen comes out. Knows no time and no track's past.

A mask that a person gives comes back as it is; everything else is drawn, and is there when its object score says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.adapters.sam2 import drawing, network, views
from engine.adapters.sam2.bank import Recall
from engine.adapters.sam2.drawing import Task
from engine.adapters.sam2.network import Drawn, Features
from engine.asking import Ask
from engine.models.windows import View
from engine.types import Image, TrackMask

_DELTA = 1.0  # logits; stability as in Segment Anything's automatic mask generator


@dataclass(frozen=True, slots=True)
class Want:
    """One track to be drawn: where the model looks, what it remembers (None: a fresh start), what was asked."""

    track: int
    look: View
    memory: Recall | None = None
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What came of it, each part one row: ``picture`` uint8 (3, S, S) as the model saw it; no mask where nothing is."""

    want: Want
    picture: Tensor
    features: Features
    drawn: Drawn
    mask: TrackMask | None


def draw(model: Any, rgb: Image, wants: Sequence[Want], *, whole: bool = False) -> list[Sighting]:
    """Return a sighting for each want, all in few batches; ``whole`` encodes the picture once for all of them."""
    if not wants:
        return []
    side = model.image_size
    device = next(model.parameters()).device
    pictures = views.shrink(rgb, side) if whole else views.crop(rgb, [w.look for w in wants], side)
    features = network.encode(model, pictures.to(device))
    rows = [0 if whole else index for index in range(len(wants))]
    tasks = [
        _task(want, key, row, side, device)
        for key, (want, row) in enumerate(zip(wants, rows, strict=True))
    ]
    drawn = drawing.draw(model, features, tasks)
    masks = _paint([drawn[key] for key in range(len(wants))], wants, rgb.shape)
    return [
        Sighting(want, pictures[row], features.take([row]), drawn[key], masks[key])
        for key, (want, row) in enumerate(zip(wants, rows, strict=True))
    ]


def remember(model: Any, seen: Sequence[Sighting], *, prompted: bool) -> list[Tensor]:
    """Return a memory bfloat16 (C, h, w) of each sighting."""
    if not seen:
        return []
    features = Features.join([one.features for one in seen])
    memory = network.remember(
        model, features, drawing.join([one.drawn for one in seen]), prompted=prompted
    )
    return [row.clone() for row in memory]


def _task(want: Want, key: int, row: int, side: int, device: torch.device) -> Task:
    """Turn what was asked into tensors in the model's pixels."""
    ask = want.ask
    clicks = mask = None
    if ask is not None and (ask.box or ask.points):
        places, labels = clicks_of(ask, want.look, side)
        clicks = (
            torch.tensor(places, device=device),
            torch.tensor(labels, dtype=torch.int32, device=device),
        )
    if ask is not None and ask.mask is not None:
        mask = views.see_mask(ask.mask, want.look, side).to(device)
    return Task(key, row, want.memory, clicks, mask)


def clicks_of(ask: Ask, look: View, side: int) -> tuple[list[tuple[float, float]], list[int]]:
    """Return box corners, then clicks, in model pixels, and their labels: 0 no, 1 yes, 2 and 3 the corners."""
    places = [(p.x, p.y) for p in ask.points]
    labels = [int(p.positive) for p in ask.points]
    if ask.box is not None:
        places = [ask.box[:2], ask.box[2:], *places]
        labels = [2, 3, *labels]
    return [views.to_model(x, y, look, side) for x, y in places], labels


def _paint(
    drawn: Sequence[Drawn], wants: Sequence[Want], shape: tuple[int, ...]
) -> list[TrackMask | None]:
    """Return the masks of what is there."""
    joined = drawing.join(drawn)
    low = joined.low[:, 0].cpu().numpy()
    scores = torch.sigmoid(joined.score[:, 0]).cpu().numpy()
    painted: list[TrackMask | None] = []
    for logits, score, want in zip(low, scores, wants, strict=True):
        if want.ask is not None and want.ask.mask is not None and not want.ask.points:
            painted.append(TrackMask(want.track, want.ask.mask))
            continue
        mask = views.paint(logits, want.look, (shape[0], shape[1])) if score > 0.5 else None
        there = mask and TrackMask(want.track, mask, float(score), _stability(logits))
        painted.append(there or None)
    return painted


def _stability(logits: NDArray[np.float32]) -> float:
    """Return intersection over union of the masks at logits above and below 0, 0..1."""
    wide = int((logits > -_DELTA).sum())
    return float((logits > _DELTA).sum() / wide) if wide else 1.0
