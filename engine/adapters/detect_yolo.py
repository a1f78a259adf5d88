"""Knows how to run a ball YOLO on frames; refuses to know where frames come from or what boxes are for.

It implements ``engine.ports.Detector`` with the ultralytics network (AGPL-3.0, see the README).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import SettingsError
from engine.models.yolo import BUNDLED, ModelCard, load_checkpoint, load_weights
from engine.models.yolo_infer import STRIDE, letterbox, ready, suppress
from engine.types import Detection, FrameBatch, Image


class YoloDetector:
    """Finds balls on single frames; remembers nothing.

    Two classes on one ball give one box: overlapping boxes compete whatever their class.
    """

    def __init__(
        self,
        weights: Path | str = BUNDLED,
        *,
        size: int | None = None,
        confidence: float | None = None,
        overlap: float = 0.5,
        device: str = "cpu",
    ) -> None:
        """Load weights: our safetensors, or an ultralytics ``.pt`` (a pickle: only one that you trust).

        Args:
            weights: the file; by default the one inside the package.
            size: longer side of the network's input in pixels; by default the frame's own, as far as the weights
                were made for it (see ``side``).
            confidence: lowest score 0..1 that counts; by default what the weights were calibrated to.
            overlap: two boxes of a higher intersection over union are one ball.
            device: where to compute, as torch names it.

        Raises:
            WeightsError: the file is missing, truncated or of another model.
            SettingsError: a number outside its range.
        """
        path = Path(weights)
        model, card = load_checkpoint(path) if path.suffix == ".pt" else load_weights(path)
        self.card: ModelCard = card
        self._size = None if size is None else int(_in_range("size", size, STRIDE, 4096))
        self.confidence = _in_range(
            "confidence", card.confidence if confidence is None else confidence, 0, 1
        )
        self.overlap = _in_range("overlap", overlap, 0, 1)
        self._device = torch.device(device)
        self._model = ready(model).to(self._device)

    def detect(self, batch: FrameBatch) -> list[tuple[Detection, ...]]:
        """Return the detections of every frame of the batch, best score first, boxes inside the picture."""
        return [self._one(batch.first + index, rgb) for index, rgb in enumerate(batch.rgb)]

    def side(self, width: int, height: int) -> int:
        """Return the longer side of the network's input for a frame of ``width`` x ``height`` pixels.

        Unless a size was given, balls keep their pixels: the frame is enlarged to the size that the weights
        were made for, and shrunk only where it is more than a quarter larger.
        """
        if self._size is not None:
            return self._size
        return min(max(width, height, self.card.size), self.card.size * 5 // 4)

    def _one(self, frame: int, rgb: Image) -> tuple[Detection, ...]:
        """Return the detections of one frame: uint8 (H, W, 3)."""
        side = self.side(rgb.shape[1], rgb.shape[0])
        with torch.inference_mode():
            picture, scale = letterbox(torch.tensor(rgb, device=self._device), side)
            found = suppress(
                self._model(picture)[0][0], confidence=self.confidence, overlap=self.overlap
            )
        boxes = found[:, :4].cpu().double().numpy() / scale
        return tuple(self._detections(frame, boxes, found[:, 4:].cpu().numpy(), rgb.shape))

    def _detections(
        self,
        frame: int,
        boxes: NDArray[np.float64],
        rest: NDArray[np.float32],
        shape: tuple[int, ...],
    ) -> Iterator[Detection]:
        """Yield detections from boxes (N, 4) in frame pixels and (N, 2) scores and classes."""
        clipped = np.clip(boxes, 0, np.array([shape[1], shape[0]] * 2))
        for (x0, y0, x1, y1), (score, label) in zip(clipped.tolist(), rest.tolist(), strict=True):
            if x1 > x0 and y1 > y0:
                yield Detection(frame, (x0, y0, x1, y1), self.card.classes[int(label)], score)


def _in_range(name: str, value: float, low: float, high: float) -> float:
    """Return the value or say which range it must have."""
    if not low <= value <= high:
        raise SettingsError(f"{name}={value}: expected a number from {low} to {high}")
    return value
