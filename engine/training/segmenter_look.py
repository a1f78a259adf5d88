"""How a sequence is seen: turned, mirrored, tinted, softened, with noise and coarse colours; knows no ball and no time."""

import random
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional


class Look:
    """One manner of seeing for a whole sequence: turned, mirrored, tinted, softened, with noise."""

    def __init__(self, dice: random.Random, *, upright: bool = False) -> None:
        """Draw it; ``upright`` pictures are mirrored at most."""
        self._flips = dice.random() < 0.5, dice.random() < 0.5, dice.random() < 0.5
        if upright:
            self._flips = self._flips[0], False, False
        self._gain = np.array([dice.uniform(0.8, 1.25) for _ in range(3)], np.float32).reshape(
            3, 1, 1
        )
        self._gain *= dice.uniform(0.7, 1.3)
        self._lift = dice.uniform(-18, 18)
        self._soft = dice.uniform(0.45, 0.9) if dice.random() < 0.3 else 1.0
        self._noise = dice.uniform(1, 7) if dice.random() < 0.3 else 0.0
        self._smear = dice.uniform(3, 8) if dice.random() < 0.4 else 0.0
        self._grain = np.random.default_rng(dice.randrange(1 << 30))

    def turn(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Mirror and transpose the last two axes."""
        if self._flips[0]:
            plane = plane[..., ::-1]
        if self._flips[1]:
            plane = plane[..., ::-1, :]
        return np.ascontiguousarray(np.swapaxes(plane, -1, -2) if self._flips[2] else plane)

    def place(self, x: float, y: float, side: int) -> tuple[float, float]:
        """Return where a place in a window of ``side`` pixels goes."""
        x = side - x if self._flips[0] else x
        y = side - y if self._flips[1] else y
        return (y, x) if self._flips[2] else (x, y)

    def at(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return a picture, uint8 (3, S, S), seen this way."""
        picture = smeared(picture, self._smear) if self._smear else picture
        toned = _softened(picture, self._soft) * self._gain + self._lift
        if self._noise:
            toned = toned + self._grain.normal(0, self._noise, toned.shape)
        return self.turn(np.clip(toned, 0, 255).astype(np.uint8))


def smeared(picture: NDArray[np.uint8], cell: float) -> NDArray[np.uint8]:
    """Return a picture whose colours are as coarse as ``cell`` pixels, its light as fine as before.

    Video keeps colour at half the resolution, and one that was enlarged since at less: then only light and shade say
    where a coloured ball ends.
    """
    high, wide = picture.shape[1:]
    pixels = np.ascontiguousarray(picture.transpose(1, 2, 0))
    parts = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb), np.uint8)
    small = max(2, round(wide / cell)), max(2, round(high / cell))
    coarse = cv2.resize(parts[..., 1:], small, interpolation=cv2.INTER_AREA)
    parts[..., 1:] = cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_LINEAR)
    shown = np.asarray(cv2.cvtColor(parts, cv2.COLOR_YCrCb2RGB), np.uint8)
    return shown.transpose(2, 0, 1)


def _softened(picture: NDArray[np.uint8], part: float) -> NDArray[np.float32]:
    """Return a picture as a coarser camera would see it."""
    plane = torch.from_numpy(picture)[None].float()
    if part < 1:
        side = plane.shape[-1]
        coarse = functional.interpolate(
            plane, (round(side * part), round(side * part)), mode="bilinear", antialias=True
        )
        plane = functional.interpolate(coarse, (side, side), mode="bilinear")
    soft: NDArray[np.float32] = plane[0].numpy()
    return soft
