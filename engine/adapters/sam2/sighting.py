"""Tracks on one frame through the network: what is wanted goes in, what was seen comes out. Knows no time and no track's past.

A mask that a person gives comes back as it is; everything else is drawn, and is there when its object score says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.adapters.sam2 import drawing, views
from engine.adapters.sam2.bank import Recall
from engine.adapters.sam2.drawing import Task
from engine.adapters.sam2.encoding import Encoder
from engine.asking import Ask
from engine.models import memory
from engine.models.memory import Drawn, Features
from engine.models.windows import View
from engine.types import Image, TrackMask

_DELTA = 1.0  # logits; stability as in Segment Anything's automatic mask generator
_AWAY = -4.0  # mask logit of what is somebody else's


@dataclass(frozen=True, slots=True)
class Want:
    """One track to be drawn: where the model looks, what it remembers (None: a fresh start), what was asked."""

    track: int
    look: View
    memory: Recall | None = None
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the network drew where it does not quite believe that a ball is there."""

    drawn: Drawn
    mask: TrackMask


@dataclass(frozen=True, slots=True)
class Sighting:
    """What came of it, each part one row: ``picture`` uint8 (3, S, S) as the model saw it; no mask where nothing is."""

    want: Want
    picture: Tensor
    features: Features
    drawn: Drawn
    mask: TrackMask | None
    doubt: Doubt | None = None


def draw(
    model: Any,
    rgb: Image,
    wants: Sequence[Want],
    *,
    whole: bool = False,
    edge: float = 0.0,
    encoder: Encoder | None = None,
) -> list[Sighting]:
    """Return a sighting for each want, all in few batches.

    ``whole`` encodes the picture once for all of them; masks end at the logit ``edge``. An ``encoder`` knows again what
    it has seen in windows that a person asks about.
    """
    if not wants:
        return []
    side = model.image_size
    device = next(model.parameters()).device
    pictures = views.shrink(rgb, side) if whole else views.crop(rgb, [w.look for w in wants], side)
    if encoder is None or whole:
        features = memory.encode(model, pictures.to(device))
    else:
        features = encoder.encode(pictures, keep=[w.ask is not None for w in wants])
    rows = [0 if whole else index for index in range(len(wants))]
    tasks = [
        _task(want, key, row, side, device)
        for key, (want, row) in enumerate(zip(wants, rows, strict=True))
    ]
    out = drawing.draw(model, features, tasks)
    return [
        Sighting(
            want,
            pictures[row],
            features.take([row]),
            out[key].drawn,
            _paint(out[key].drawn, want, rgb.shape, edge=edge),
            _doubt(out[key].doubtful, want, rgb.shape, edge=edge),
        )
        for key, (want, row) in enumerate(zip(wants, rows, strict=True))
    ]


def believe(one: Sighting) -> Sighting:
    """Return a doubtful sighting as a ball that was seen."""
    return (
        replace(one, drawn=one.doubt.drawn, mask=one.doubt.mask, doubt=None) if one.doubt else one
    )


def confine(one: Sighting, mask: TrackMask) -> Sighting:
    """Return a sighting whose mask is only ``mask``, a part of what was drawn, so that no more is remembered."""
    low = one.drawn.low
    inside = views.see_mask(mask.rle, one.want.look, low.shape[-1]).to(low.device) > 0
    cut = torch.where(inside, low, low.clamp(max=_AWAY))
    return replace(one, drawn=replace(one.drawn, low=cut), mask=mask)


def remember(model: Any, seen: Sequence[Sighting], *, prompted: bool) -> list[Tensor]:
    """Return a memory bfloat16 (C, h, w) of each sighting."""
    if not seen:
        return []
    levels = zip(*(one.features.levels for one in seen), strict=True)
    features = Features(tuple(map(torch.cat, levels)), seen[0].features.position)
    kept = memory.remember(
        model, features, drawing.join([one.drawn for one in seen]), prompted=prompted
    )
    return [row.clone() for row in kept.to(torch.bfloat16).contiguous()]


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
    drawn: Drawn, want: Want, shape: tuple[int, ...], *, edge: float, least: float = 0.5
) -> TrackMask | None:
    """Return the mask where the object score is above ``least``; a mask that was given comes back as it is."""
    if want.ask is not None and want.ask.mask is not None and not want.ask.points:
        return TrackMask(want.track, want.ask.mask)
    score = float(torch.sigmoid(drawn.score[0, 0]))
    if score <= least:
        return None
    logits = (drawn.low[0, 0] - edge).cpu().numpy()
    mask = views.paint(logits, want.look, (shape[0], shape[1]))
    return TrackMask(want.track, mask, score, _stability(logits)) if mask is not None else None


def _doubt(drawn: Drawn | None, want: Want, shape: tuple[int, ...], *, edge: float) -> Doubt | None:
    """Return what is doubtful, where anything was drawn."""
    mask = None if drawn is None else _paint(drawn, want, shape, edge=edge, least=0.0)
    return None if drawn is None or mask is None else Doubt(drawn, mask)


def _stability(logits: NDArray[np.float32]) -> float:
    """Return intersection over union of the masks at logits above and below 0, 0..1."""
    wide = int((logits > -_DELTA).sum())
    return float((logits > _DELTA).sum() / wide) if wide else 1.0
