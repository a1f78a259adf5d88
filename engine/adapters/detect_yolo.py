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
from engine.billiards.guess import AUTO, balls_across, check, guess
from engine.billiards.regions import Region, closer, cut_off
from engine.errors import SettingsError
from engine.models.yolo import BUNDLED, ModelCard, load_checkpoint, load_weights
from engine.models.yolo_infer import (
    STRIDE,
    Finds,
    beliefs,
    candidates,
    letterbox,
    name,
    ready,
    together,
    winners,
)
from engine.types import Box, Detection, FrameBatch, Image


@dataclass(frozen=True, slots=True)
class Seen:
    """What one frame shows: balls and pockets, each best score first, and the game that named the balls."""

    balls: tuple[Detection, ...]
    pockets: tuple[Detection, ...]
    game: str = "any"


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
        profile: str = AUTO,
        closer_look: bool = True,
    ) -> None:
        """Load weights: our safetensors, or an ultralytics ``.pt`` (a pickle: only one that you trust).

        Args:
            weights: the file; by default the one inside the package.
            size: longer side of the network's input in pixels; by default the frame's own, as far as the weights
                were made for it (see ``side``).
            confidence: lowest score 0..1 that counts; by default what the weights were calibrated to.
            overlap: two boxes of a higher intersection over union are one ball.
            device: where to compute, as torch names it.
            profile: the game, by its name in ``engine.billiards.classes``; it says which kinds balls can be of.
                "auto" guesses it from the balls of each frame.
            closer_look: whether the table is looked at once more, larger, where balls are very small.

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
        self.profile = check(profile)
        self._closer = closer_look
        self._balls, self._kinds, self._pockets = rows(card.classes)
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
            picture = torch.tensor(rgb, device=self._device)
            balls, pockets = self._glance(picture, side)
            if self._closer:
                balls = together([balls, *self._closely(picture, rgb, balls, side)])
            balls = winners(balls, overlap=self.overlap)
            pockets = winners(pockets, overlap=self.overlap)
            game = self._game(balls, rgb)
            labels = name(balls, named(self.card.classes, game))
            holes = name(pockets, self._pockets or self._balls)
        return Seen(
            tuple(self._detections(frame, balls, labels, rgb.shape)),
            tuple(self._detections(frame, pockets, holes, rgb.shape)),
            game,
        )

    def _glance(self, picture: Tensor, side: int) -> tuple[Finds, Finds]:
        """Return balls and pockets of a picture or a part of one, in its pixels, doubles included."""
        fitted, scale = letterbox(picture, side)
        raw = self._model(fitted)[0][0]
        balls = candidates(raw, confidence=self.confidence, scored=self._balls)
        sure = self.confidence if self._pockets else float("inf")
        holes = candidates(raw, confidence=sure, scored=self._pockets or self._balls)
        return balls.moved(scale, 0, 0), holes.moved(scale, 0, 0)

    def _closely(self, picture: Tensor, rgb: Image, balls: Finds, side: int) -> Iterator[Finds]:
        """Yield the balls of each part of the picture that deserves a closer look."""
        if not len(balls):
            return
        boxes = winners(balls, overlap=self.overlap).boxes
        ball = float((boxes[:, 2:] - boxes[:, :2]).amax(1).median())
        whole = rgb.shape[1], rgb.shape[0]
        scale, parts = closer(rgb, ball=ball, scale=side / max(whole), side=side)
        for part in parts:
            x0, y0, x1, y1 = part
            larger = max(1, round(max(x1 - x0, y1 - y0) * scale))
            found, _ = self._glance(picture[y0:y1, x0:x1], larger)
            yield _whole_ones(found.moved(1.0, x0, y0), part, whole)

    def _game(self, balls: Finds, rgb: Image) -> str:
        """Return the profile, or the game that the balls of a frame fit."""
        if self.profile != AUTO:
            return self.profile
        kinds = [self.card.classes[index] for index in self._kinds]
        boxes: list[Box] = [(x0, y0, x1, y1) for x0, y0, x1, y1 in balls.boxes.tolist()]
        likely = beliefs(balls, self._kinds).cpu().numpy()
        return guess(kinds, likely, across=balls_across(boxes, rgb))

    def _detections(
        self, frame: int, found: Finds, labels: Tensor, shape: tuple[int, ...]
    ) -> Iterator[Detection]:
        """Yield detections of a picture of ``shape`` (height, width), boxes clipped to it."""
        boxes: NDArray[np.float64] = found.boxes.cpu().double().numpy()
        clipped = np.clip(boxes, 0, np.array([shape[1], shape[0]] * 2))
        names: Sequence[str] = [self.card.classes[label] for label in labels.tolist()]
        for (x0, y0, x1, y1), score, label in zip(
            clipped.tolist(), found.scores.tolist(), names, strict=True
        ):
            if x1 > x0 and y1 > y0:
                yield Detection(frame, (x0, y0, x1, y1), label, score)


def _whole_ones(found: Finds, part: Region, whole: tuple[int, int]) -> Finds:
    """Return the boxes that the part's edges do not cut; another part, or the first look, has the others whole."""
    kept = [not cut_off((x0, y0, x1, y1), part, whole) for x0, y0, x1, y1 in found.boxes.tolist()]
    return found[torch.tensor(kept, dtype=torch.bool, device=found.boxes.device)]


def _in_range(label: str, value: float, low: float, high: float) -> float:
    """Return the value or say which range it must have."""
    if not low <= value <= high:
        raise SettingsError(f"{label}={value}: expected a number from {low} to {high}")
    return value
