"""Lamps over a table and what they do to matte and glossy surfaces. Knows no table and no ball set."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.synth.camera import Floats

Samples: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lighting:
    """``lamps`` (n, 3) positions in metres, ``weights`` (n,) shares of the light; colours linear RGB.

    ``ambient`` is the share of light from everywhere above; ``spread`` the half angle of a lamp as a ball
    sees it, in radians; ``gloss`` how bright its reflection is; ``mirror`` how much of the room shows.
    """

    lamps: Floats
    weights: Floats
    ambient: float
    spread: float
    gloss: float
    mirror: float
    bounce: float
    shadow: float
    room: Floats

    def level(self, points: Floats) -> Floats:
        """Return the light on a horizontal surface at ``points`` (..., 3), about 1 at the table's centre."""
        return np.asarray((self._raw(points)) / self._raw(np.zeros(3)))

    def _raw(self, points: Floats) -> Floats:
        delta = self.lamps - points[..., None, :]
        square = (delta**2).sum(axis=-1)
        direct = (self.weights * delta[..., 2] ** 2 / square**2).sum(axis=-1)
        scale = float((self.weights / self.lamps[:, 2] ** 2).sum())
        return np.asarray(self.ambient + (1 - self.ambient) * direct / scale)


def random_lighting(rng: Generator, *, length: float, width: float) -> Lighting:
    """Return lamps as halls have them: a row, two rows, a frame of many, or a few far ones."""
    height = float(rng.uniform(0.9, 3.2))
    lamps = _layout(rng, length, width) + rng.normal(0, 0.04, (1, 3))
    lamps[:, 2] += height
    weights = rng.uniform(0.7, 1.3, len(lamps))
    return Lighting(
        lamps,
        weights / weights.sum(),
        ambient=float(rng.uniform(0.15, 0.7)),
        spread=float(rng.uniform(0.03, 0.17)),
        gloss=float(np.exp(rng.uniform(np.log(0.12), np.log(2.2)))),
        mirror=float(rng.uniform(0.1, 1.0)),
        bounce=float(rng.uniform(0.08, 0.9)),
        shadow=float(rng.uniform(0.45, 1.0)),
        room=rng.uniform(0.02, 0.35) * rng.uniform(0.8, 1.2, 3),
    )


def _layout(rng: Generator, length: float, width: float) -> Floats:
    kind = rng.integers(5)
    if kind == 0:
        x = np.linspace(-1, 1, int(rng.integers(2, 5))) * length * rng.uniform(0.2, 0.5)
        return np.stack([x, np.zeros_like(x), np.zeros_like(x)], axis=1)
    if kind == 1:
        x, y = np.meshgrid(np.linspace(-1, 1, int(rng.integers(2, 5))), [-1.0, 1.0])
        flat = np.stack([x.ravel() * length * 0.4, y.ravel() * width * 0.4], axis=1)
        return np.concatenate([flat, np.zeros((len(flat), 1))], axis=1)
    if kind == 2:
        angle = np.arange(8) / 8 * 2 * np.pi
        ring = [np.cos(angle) * length * 0.5, np.sin(angle) * width * 0.6, np.zeros(8)]
        return np.stack(ring, axis=1)
    if kind == 3:
        return np.asarray(rng.uniform(-1, 1, (1, 3)) * (length, width, 0.3))
    return np.asarray(rng.uniform(-2, 2, (int(rng.integers(2, 5)), 3)) * (length, length, 0.3))


def to_linear(rgb: Floats | tuple[float, ...]) -> Floats:
    """Return linear light of display colours 0..255."""
    return np.asarray((np.clip(np.asarray(rgb, float), 0, 255) / 255) ** 2.2)
