"""Measures a ball YOLO on labelled stills and finds the confidence that serves it best; trains nothing."""

from collections.abc import Iterator, Sequence
from copy import deepcopy

import torch
from torch import nn

from engine.models.yolo_infer import letterbox, ready, suppress
from engine.training.detector_data import Still
from engine.training.detector_score import Score, best_confidence
from engine.types import Box, Detection

LOWEST = 0.1


def check(
    model: nn.Module, stills: Sequence[Still], *, size: int, classes: Sequence[str]
) -> tuple[float, Score]:
    """Return the confidence with the best F1 on these stills and the score it reaches.

    Without stills the confidence is 0.25 and the score empty.
    """
    if not stills:
        return 0.25, Score()
    fused = ready(deepcopy(model).float())
    return best_confidence(_compared(fused, stills, size=size, classes=classes))


def _compared(
    model: nn.Module, stills: Sequence[Still], *, size: int, classes: Sequence[str]
) -> Iterator[tuple[list[Detection], list[Box], list[str]]]:
    """Yield what was found and what is true, for each still."""
    device = next(model.parameters()).device
    for index, still in enumerate(stills):
        rgb, balls = still.read()
        with torch.inference_mode():
            picture, scale = letterbox(torch.from_numpy(rgb).to(device), size)
            found = suppress(model(picture)[0][0], confidence=LOWEST, overlap=0.5).cpu()
        detections = [
            Detection(index, (x0 / scale, y0 / scale, x1 / scale, y1 / scale), classes[int(label)], score)
            for x0, y0, x1, y1, score, label in found.tolist()
        ]
        boxes: list[Box] = [(x0, y0, x1, y1) for x0, y0, x1, y1 in balls.boxes.tolist()]
        yield detections, boxes, [classes[label] for label in balls.labels]
