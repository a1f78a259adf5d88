"""Measures a ball YOLO on labelled stills and finds the confidence that serves it best; trains nothing."""

import math
from collections.abc import Iterator, Sequence
from copy import deepcopy

import numpy as np
import torch
from torch import nn

from engine.billiards.classes import rows
from engine.models.yolo import shift_scores
from engine.models.yolo_infer import letterbox, ready, suppress
from engine.training.detector_data import Still
from engine.training.detector_score import LEVELS, Score, best_confidence
from engine.types import Box, Detection

CONFIDENCE = 0.5


def calibrate(
    model: nn.Module, stills: Sequence[Still], *, size: int, classes: Sequence[str]
) -> Score:
    """Shift the model's scores so that 0.5 is the confidence with the best F1 on these stills; return that score.

    A network trained for a short time gives low scores to what it is right about. After the shift a
    score means the same for every training: above 0.5, rather a ball than not. Where nothing was found, or there
    are no stills, nothing is shifted.
    """
    if not stills:
        return Score()
    fused = ready(deepcopy(model).float())
    level, result = best_confidence(_compared(fused, stills, size=size, classes=classes))
    if not result.hits:
        return result
    shift = math.log(CONFIDENCE / (1 - CONFIDENCE)) - math.log(level / (1 - level))
    shift_scores(model, shift, only=rows(classes)[0])
    return result


def _compared(
    model: nn.Module, stills: Sequence[Still], *, size: int, classes: Sequence[str]
) -> Iterator[tuple[list[Detection], list[Box], list[str]]]:
    """Yield what was found and what is true, for each still."""
    device = next(model.parameters()).device
    scored, named, pockets = rows(classes)
    for index, still in enumerate(stills):
        rgb, balls = still.read()
        with torch.inference_mode():
            picture, scale = letterbox(torch.from_numpy(rgb).to(device), size)
            raw = model(picture)[0][0]
            found = suppress(
                raw, confidence=min(LEVELS), overlap=0.5, scored=scored, named=named
            ).cpu()
        detections = [
            Detection(
                index, (x0 / scale, y0 / scale, x1 / scale, y1 / scale), classes[int(label)], score
            )
            for x0, y0, x1, y1, score, label in found.tolist()
        ]
        lying = ~np.isin(balls.labels, pockets)
        boxes: list[Box] = [(x0, y0, x1, y1) for x0, y0, x1, y1 in balls.boxes[lying].tolist()]
        yield detections, boxes, [classes[label] for label in balls.labels[lying]]
