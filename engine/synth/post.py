"""What a camera and a mixing desk do to a picture: balance, contrast, sharpness, noise. Moves no pixel."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.synth.raster import Picture


@dataclass(frozen=True, slots=True)
class Grade:
    """How a camera renders light.

    ``curve`` uint8 (1, 256, 3) per channel; ``kernel`` float32 (3, 3) or (5, 5); ``grain`` int16 tile;
    ``mixing`` float32 (3, 3) saturation matrix.
    """

    curve: NDArray[np.uint8]
    kernel: NDArray[np.float32]
    grain: NDArray[np.int16]
    mixing: NDArray[np.float32]


def random_grade(rng: Generator, size: tuple[int, int]) -> Grade:
    """Return a look for a whole clip; ``size`` is (height, width)."""
    gain = rng.uniform(0.75, 1.2) * (1 + rng.normal(0, 0.05, 3))
    gamma = float(rng.uniform(0.8, 1.3))
    levels = np.linspace(0, 1, 256)[:, None]
    contrast = float(rng.uniform(-0.1, 0.25))
    curve = np.clip(levels**gamma * gain + rng.uniform(-0.02, 0.03), 0, 1)
    curve = curve + contrast * (curve * curve * (3 - 2 * curve) - curve)
    strength = float(rng.choice([0, rng.uniform(0.3, 4.0), rng.uniform(2, 8)], p=[0.25, 0.55, 0.2]))
    noise = rng.normal(0, strength, (size[0] + 64, size[1] + 64, 1 if rng.random() < 0.5 else 3))
    tile = np.broadcast_to(noise, (*noise.shape[:2], 3)).round().astype(np.int16)
    return Grade(
        (curve * 255).round().clip(0, 255).astype(np.uint8)[None], _kernel(rng), tile, _mixing(rng)
    )


def _kernel(rng: Generator) -> NDArray[np.float32]:
    """Return a small blur, nothing, or a sharpening with its halo."""
    sigma = float(rng.uniform(0.35, 0.95))
    line = cv2.getGaussianKernel(5, sigma)
    blur = line @ line.T
    one = np.zeros((5, 5))
    one[2, 2] = 1
    kind = rng.random()
    if kind < 0.5:
        return np.asarray(blur, np.float32)
    if kind < 0.75:
        return np.asarray(one, np.float32)
    amount = float(rng.uniform(0.3, 1.2))
    return np.asarray(one + amount * (one - blur), np.float32)


def _mixing(rng: Generator) -> NDArray[np.float32]:
    amount = float(rng.uniform(0.7, 1.3))
    grey = np.array([0.299, 0.587, 0.114])
    return np.asarray(amount * np.eye(3) + (1 - amount) * grey[None], np.float32)


def apply(grade: Grade, picture: Picture, rng: Generator) -> Picture:
    """Return the graded picture, with fresh noise."""
    out = cv2.transform(picture, grade.mixing)
    out = cv2.LUT(out, grade.curve)
    out = cv2.filter2D(out, -1, grade.kernel)
    dy, dx = (int(k) for k in rng.integers(0, 64, 2))
    height, width = picture.shape[:2]
    noisy = out.astype(np.int16) + grade.grain[dy : dy + height, dx : dx + width]
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)
