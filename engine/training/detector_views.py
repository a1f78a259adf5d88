"""Knows how to look at a labelled picture: crop, turn, squeeze, tile; balls stay exactly boxed, colours untouched.

A ball's outline is an ellipse, so its box after a linear map is exact, not the box of a turned box.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.training.detector_data import Balls, Still
from engine.types import Image

LEAST_SEEN = 0.35
BALL_PIXELS = (7.0, 40.0)
LEAST_WHOLE = 7.0
ZOOM = (0.35, 2.5)


@dataclass(frozen=True, slots=True)
class View:
    """A map from picture to crop: ``matrix`` float64 (2, 3), ``size`` (height, width) of the crop in pixels."""

    matrix: NDArray[np.float64]
    size: tuple[int, int]

    def picture(self, rgb: Image, fill: int) -> Image:
        """Return the crop, uint8 (height, width, 3); what lies outside the picture is ``fill``."""
        shrink = np.sqrt(abs(np.linalg.det(self.matrix[:, :2])))
        how = cv2.INTER_AREA if shrink < 0.6 else cv2.INTER_LINEAR
        soft = cv2.GaussianBlur(rgb, (0, 0), 0.4 / shrink) if shrink < 0.8 else rgb
        return np.asarray(
            cv2.warpAffine(soft, self.matrix, self.size[::-1], flags=how, borderValue=(fill,) * 3),
            np.uint8,
        )

    def balls(self, balls: Balls) -> Balls:
        """Return the balls of which at least 35 % lie inside the crop, their boxes clipped to it."""
        centre = (balls.boxes[:, :2] + balls.boxes[:, 2:]) / 2 @ self.matrix[:, :2].T + self.matrix[
            :, 2
        ]
        half = np.sqrt(
            ((balls.boxes[:, 2:] - balls.boxes[:, :2]) / 2) ** 2 @ (self.matrix[:, :2] ** 2).T
        )
        whole = np.concatenate([centre - half, centre + half], 1)
        seen = np.clip(whole, 0, [self.size[1], self.size[0]] * 2)
        keep = _areas(seen) >= LEAST_SEEN * np.maximum(_areas(whole), 1e-6)
        return Balls(seen[keep].astype(np.float32), balls.labels[keep], balls.pockets)


def _areas(boxes: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return (N,) areas of (N, 4) boxes."""
    areas: NDArray[np.floating] = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(1)
    return areas


def fit(shape: tuple[int, ...], size: tuple[int, int]) -> View:
    """Return the view of the whole picture, as large as it fits into the crop, at its top left."""
    scale = min(size[0] / shape[0], size[1] / shape[1])
    return View(np.array([[scale, 0, 0], [0, scale, 0]], np.float64), size)


def random_view(
    shape: tuple[int, ...], balls: Balls, size: tuple[int, int], rng: np.random.Generator
) -> View:
    """Return a random crop: balls from 7 to 40 pixels, at times turned, squeezed or mirrored."""
    linear = _linear(_zoom(balls, rng), rng)
    centre = _centre(shape, balls, rng)
    target = np.array([size[1], size[0]]) * (0.5 + rng.uniform(-0.35, 0.35, 2))
    return View(np.concatenate([linear, (target - linear @ centre)[:, None]], 1), size)


def whole_view(
    shape: tuple[int, ...], balls: Balls, size: tuple[int, int], rng: np.random.Generator
) -> View:
    """Return a view of most of the picture, jittered a little; of less where balls would be under 7 pixels."""
    scale = min(size[0] / shape[0], size[1] / shape[1]) * rng.uniform(0.9, 1.25)
    if balls.diameter is not None:
        scale = max(scale, LEAST_WHOLE / balls.diameter)
    linear = _linear(scale, rng)
    centre = np.array([shape[1], shape[0]]) / 2
    target = np.array([size[1], size[0]]) * (0.5 + rng.uniform(-0.08, 0.08, 2))
    return View(np.concatenate([linear, (target - linear @ centre)[:, None]], 1), size)


def _zoom(balls: Balls, rng: np.random.Generator) -> float:
    """Return the scale that gives the median ball a size that real footage has."""
    pixels = float(np.exp(rng.uniform(*np.log(BALL_PIXELS))))
    return float(np.clip(pixels / (balls.diameter or 22.0), *ZOOM))


def _linear(scale: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a linear map (2, 2): scale, small turn, small squeeze, mirror."""
    angle = rng.normal(0, np.radians(4))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    squeeze = np.exp(rng.normal(0, 0.06, 2))
    mirror = np.where(rng.random(2) < (0.5, 0.08), -1.0, 1.0)
    linear: NDArray[np.float64] = np.diag(scale * squeeze * mirror) @ turn
    return linear


def _centre(shape: tuple[int, ...], balls: Balls, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the point to look at: more often a ball, else anywhere, since most of a picture is no ball."""
    if len(balls.boxes) and rng.random() < 0.55:
        box = balls.boxes[rng.integers(len(balls.boxes))]
        return np.asarray((box[:2] + box[2:]) / 2, np.float64)
    return rng.uniform(0, 1, 2) * [shape[1], shape[0]]


def crop(still: Still, size: tuple[int, int], rng: np.random.Generator) -> tuple[Image, Balls]:
    """Return a random crop of a still and its balls."""
    rgb, balls = still.read()
    view = random_view(rgb.shape, balls, size, rng)
    return view.picture(rgb, int(rng.integers(256))), view.balls(balls)


def whole(still: Still, size: tuple[int, int], rng: np.random.Generator) -> tuple[Image, Balls]:
    """Return most of a still and its balls."""
    rgb, balls = still.read()
    view = whole_view(rgb.shape, balls, size, rng)
    return view.picture(rgb, 114), view.balls(balls)


def mosaic(
    stills: Sequence[Still], size: tuple[int, int], rng: np.random.Generator
) -> tuple[Image, Balls]:
    """Return four random crops of different stills as quarters of one picture."""
    half = size[0] // 2, size[1] // 2
    picture = np.zeros((*size, 3), np.uint8)
    boxes, labels, pockets = [], [], []
    for index, still in enumerate(stills[:4]):
        y, x = half[0] * (index // 2), half[1] * (index % 2)
        quarter, balls = crop(still, half, rng)
        picture[y : y + half[0], x : x + half[1]] = quarter
        boxes.append(balls.boxes + np.array([x, y, x, y], np.float32))
        labels.append(balls.labels)
        pockets.append(balls.pockets)
    return picture, Balls(np.concatenate(boxes), np.concatenate(labels), all(pockets))
