"""Knows how to run a ball YOLO on frames; refuses to know where frames come from or what boxes are for.

It implements ``engine.ports.Detector`` with the ultralytics network (AGPL-3.0, see the README).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.billiards.classes import named, rows
from engine.errors import SettingsError
from engine.models.yolo import BUNDLED, ModelCard, load_checkpoint, load_weights
from engine.models.yolo_infer import STRIDE, letterbox, ready, suppress
from engine.types import Detection, FrameBatch, Image


@dataclass(frozen=True, slots=True)
class Seen:
    """What one frame shows: balls and pockets, each best score first."""

    balls: tuple[Detection, ...]
    pockets: tuple[Detection, ...]


class YoloDetector:
    """Finds balls and pockets on single frames; remembers nothing.

    That there is a ball is decided first, whatever its kind: overlapping boxes compete by that score alone. The
    kind is the best of those that the profile has.
    """

    def __init__(
        self,
        weights: Path | str = BUNDLED,
        *,
        size: int | None = None,
        confidence: float | None = None,
        overlap: float = 0.5,
        device: str = "cpu",
        profile: str = "any",
    ) -> None:
        """Load weights: our safetensors, or an ultralytics ``.pt``; neither runs code.

        Args:
            weights: the file; by default the one inside the package.
            size: longer side of the network's input in pixels; by default the frame's own, as far as the weights
                were made for it (see ``side``).
            confidence: lowest score 0..1 that counts; by default what the weights were calibrated to.
            overlap: two boxes of a higher intersection over union are one ball.
            device: where to compute, as torch names it.
            profile: the game, by its name in ``engine.billiards.classes``; it says which kinds balls can be of.

        Raises:
            WeightsError: the file is missing, truncated or of another model.
            SettingsError: a number outside its range, or no such profile.
        """
        path = Path(weights)
        model, card = load_checkpoint(path) if path.suffix == ".pt" else load_weights(path)
        self.card: ModelCard = card
        self._size = None if size is None else int(_in_range("size", size, STRIDE, 4096))
        self.confidence = _in_range(
            "confidence", card.confidence if confidence is None else confidence, 0, 1
        )
        self.overlap = _in_range("overlap", overlap, 0, 1)
        self._scored, _, self._pockets = rows(card.classes)
        self._named = named(card.classes, profile)
        self._device = torch.device(device)
        self._model = ready(model).to(self._device)

    def detect(self, batch: FrameBatch) -> list[tuple[Detection, ...]]:
        """Return the balls of every frame of the batch, best score first, boxes inside the picture."""
        return [seen.balls for seen in self.look(batch)]

    def look(self, batch: FrameBatch) -> list[Seen]:
        """Return the balls and pockets of every frame of the batch; no pockets where the weights know none."""
        return [self._one(batch.first + index, rgb) for index, rgb in enumerate(batch.rgb)]

    def side(self, width: int, height: int) -> int:
        """Return the longer side of the network's input for a frame of ``width`` x ``height`` pixels.

        Unless a size was given, balls keep their pixels: the frame is enlarged to the size that the weights
        were made for, and shrunk only where it is more than a quarter larger.
        """
        if self._size is not None:
            return self._size
        return min(max(width, height, self.card.size), self.card.size * 5 // 4)

    def _one(self, frame: int, rgb: Image) -> Seen:
        """Return what one frame shows: uint8 (H, W, 3)."""
        side = self.side(rgb.shape[1], rgb.shape[0])
        with torch.inference_mode():
            picture, scale = letterbox(torch.tensor(rgb, device=self._device), side)
            raw = self._model(picture)[0][0]
            balls = self._winners(raw, self._scored, self._named)
            pockets = self._winners(raw, self._pockets, self._pockets) if self._pockets else None
        return Seen(
            tuple(self._detections(frame, balls, scale, rgb.shape)),
            () if pockets is None else tuple(self._detections(frame, pockets, scale, rgb.shape)),
        )

    def _winners(self, raw: Tensor, scored: Sequence[int], kinds: Sequence[int]) -> Tensor:
        """Return the winning boxes (N, 6) by the best of some classes, named after the best of some."""
        return suppress(
            raw, confidence=self.confidence, overlap=self.overlap, scored=scored, named=kinds
        )

    def _detections(
        self, frame: int, found: Tensor, scale: float, shape: tuple[int, ...]
    ) -> Iterator[Detection]:
        """Yield detections from (N, 6) boxes in network pixels, scores and classes."""
        boxes: NDArray[np.float64] = found[:, :4].cpu().double().numpy() / scale
        clipped = np.clip(boxes, 0, np.array([shape[1], shape[0]] * 2))
        rest = found[:, 4:].cpu().tolist()
        for (x0, y0, x1, y1), (score, label) in zip(clipped.tolist(), rest, strict=True):
            if x1 > x0 and y1 > y0:
                yield Detection(frame, (x0, y0, x1, y1), self.card.classes[int(label)], score)


def _in_range(name: str, value: float, low: float, high: float) -> float:
    """Return the value or say which range it must have."""
    if not low <= value <= high:
        raise SettingsError(f"{name}={value}: expected a number from {low} to {high}")
    return value
