"""Measures a ball YOLO on labelled stills and finds the confidence that serves it best; trains nothing."""

import math
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from engine.billiards.classes import POCKET, rows
from engine.models.yolo import CLASSES, shift_scores
from engine.models.yolo_infer import letterbox, ready, suppress
from engine.training.detector_data import Still
from engine.training.detector_score import LEVELS, Score, best_confidence
from engine.training.detector_truth import POCKET_INDEX
from engine.types import Box, Detection

CONFIDENCE = 0.5

Compared = tuple[list[Detection], list[Box], list[str]]


@dataclass(frozen=True, slots=True)
class Checked:
    """How well balls and pockets were found at the confidence that serves each best."""

    balls: Score
    pockets: Score


def calibrate(
    model: nn.Module, stills: Sequence[Still], *, size: int, classes: Sequence[str]
) -> Checked:
    """Shift the model's scores so that 0.5 is the confidence with the best F1 on these stills; return the scores there.

    A network trained for a short time gives low scores to what it is right about. After the shift a
    score means the same for every training: above 0.5, rather a ball than not. Balls and pockets are shifted apart.
    Where nothing was found, or there are no stills, nothing is shifted.

    Args:
        model: a network with ``classes``; its scores are changed in place.
        stills: pictures whose labels count in ``CLASSES``.
        size: longer side of the network's input in pixels.
        classes: names of the network's classes.
    """
    seen = list(_look(ready(deepcopy(model).float()), stills, size=size, classes=classes))
    found, _, pockets = rows(classes)
    labelled = [pair for still, (_, pair) in zip(stills, seen, strict=True) if still.pockets]
    return Checked(
        _shift(model, [pair for pair, _ in seen], found),
        _shift(model, labelled if pockets else [], pockets),
    )


def _shift(model: nn.Module, compared: Sequence[Compared], only: Sequence[int]) -> Score:
    """Move the scores of some classes to where 0.5 is their best confidence; return the score there."""
    if not compared:
        return Score()
    level, result = best_confidence(compared)
    if result.hits:
        shift = math.log(CONFIDENCE / (1 - CONFIDENCE)) - math.log(level / (1 - level))
        shift_scores(model, shift, only=only)
    return result


def _look(
    model: nn.Module, stills: Sequence[Still], *, size: int, classes: Sequence[str]
) -> Iterator[tuple[Compared, Compared]]:
    """Yield of each still what was found and what is true: of its balls, and of its pockets."""
    device = next(model.parameters()).device
    scored, kinds, pockets = rows(classes)
    for index, still in enumerate(stills):
        rgb, truth = still.read()
        with torch.inference_mode():
            picture, scale = letterbox(torch.from_numpy(rgb).to(device), size)
            raw = model(picture)[0][0]
        balls = _found(raw, index, scale, classes, (scored, kinds))
        holes = _found(raw, index, scale, classes, (pockets, pockets)) if pockets else []
        lying = truth.labels != POCKET_INDEX
        names = [CLASSES[label] for label in truth.labels[lying]]
        yield (
            (balls, _boxes(truth.boxes[lying]), names),
            (holes, _boxes(truth.boxes[~lying]), [POCKET] * int((~lying).sum())),
        )


def _found(
    raw: Tensor,
    frame: int,
    scale: float,
    classes: Sequence[str],
    which: tuple[Sequence[int], Sequence[int]],
) -> list[Detection]:
    """Return what is found by some classes and named by some, in pixels of the picture."""
    table = suppress(raw, confidence=min(LEVELS), overlap=0.5, scored=which[0], named=which[1])
    return [
        Detection(
            frame, (x0 / scale, y0 / scale, x1 / scale, y1 / scale), classes[int(label)], score
        )
        for x0, y0, x1, y1, score, label in table.cpu().tolist()
    ]


def _boxes(boxes: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[Box]:
    """Return boxes (N, 4) as tuples."""
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in boxes.tolist()]
