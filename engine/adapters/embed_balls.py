"""Pictures as maps of where balls lie, drawn from the ball YOLO; knows no clip and no file.

On one table before one camera everything but the balls looks the same, so what networks see in whole pictures tells shots
hardly apart; where the balls lie does. What the picture looks like otherwise counts little, but for pictures without balls.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.models.catalogue import BUNDLED_DETECTORS, fingerprint
from engine.types import FrameBatch, Image

RECIPE: Final = 1
"""Raised when the same weights give other vectors than before."""

SIDE: Final = 640
"""Longer side of the network's input in pixels: enough to see that there is a ball."""

GRID: Final = (18, 32)
"""Rows and columns of the map. A ball is a hill that falls to 0.6 of its height in one cell."""

LIGHT: Final = (9, 16)
"""Rows and columns of the picture's light and dark."""

WEAK, SURE = 0.25, 0.6
"""A ball counts from the first score on, and whole from the second: one that comes and goes hardly matters."""

REST: Final = 0.05
"""How much of a product the picture's own light and dark count for."""

Floats = NDArray[np.float64]


class BallEmbedder:
    """Vectors that are the same where balls lie at the same places in the picture. The network is loaded when it is first asked."""

    def __init__(self, *, device: Callable[[], str] = lambda: "cpu") -> None:
        """Compute on ``device``, by torch's name for it, which is asked when the network is loaded."""
        self._device = device
        self.name = f"balls-{RECIPE}-{fingerprint(BUNDLED_DETECTORS['yolo'])}"
        self.dim = GRID[0] * GRID[1] + LIGHT[0] * LIGHT[1]

    def embed(self, batch: FrameBatch) -> NDArray[np.float32]:
        """Return the vectors of every picture of the batch; see ``engine.ports.Embedder``."""
        return np.stack([self._one(rgb) for rgb in batch.rgb])

    def _one(self, rgb: Image) -> NDArray[np.float32]:
        """Return the vector of one picture."""
        height, width, _ = rgb.shape
        found = self._network.look(FrameBatch(0, rgb[None]))[0].balls
        boxes = np.array([one.box for one in found], np.float64).reshape(-1, 4)
        middles = (boxes[:, :2] + boxes[:, 2:]) / 2 / (width, height)
        balls = ball_map(middles, np.array([one.score for one in found], np.float64))
        return united(balls, shades(rgb))

    @cached_property
    def _network(self) -> Any:
        """Load the network: torch is slow to import, and many who ask for a name never ask for a vector."""
        from engine.adapters.detect_yolo import YoloDetector  # noqa: PLC0415 - see above

        return YoloDetector(size=SIDE, confidence=WEAK, device=self._device(), closer_look=False, profile="any")  # fmt: skip


def ball_map(middles: Floats, scores: Floats) -> Floats:
    """Return float64 ``GRID``: a hill for each ball.

    Args:
        middles: (N, 2), x and y of the middles of balls, each 0..1 of the picture.
        scores: (N,), 0..1, how surely each is a ball.
    """
    if not len(scores):
        return np.zeros(GRID)
    rows, columns = (np.arange(count) + 0.5 for count in GRID)
    y = np.exp(-((rows - middles[:, 1:] * GRID[0]) ** 2) / 2)
    x = np.exp(-((columns - middles[:, :1] * GRID[1]) ** 2) / 2)
    weight = np.minimum(1.0, scores / SURE)[:, None, None]
    return np.asarray((weight * y[:, :, None] * x[:, None, :]).max(axis=0))


def shades(rgb: Image) -> Floats:
    """Return float64 ``LIGHT``: the light of each part of a picture, around the mean."""
    rows = _means(rgb.mean(axis=2), LIGHT[0])
    cells = _means(rows.T, LIGHT[1]).T
    return np.asarray(cells - cells.mean())


def united(balls: Floats, light: Floats) -> NDArray[np.float32]:
    """Return one vector of length 1 of both maps; of a picture without balls, of its light alone."""
    parts = [_unit(balls.ravel()) * (1 - REST) ** 0.5, _unit(light.ravel()) * REST**0.5]
    vector = np.concatenate(parts)
    if not vector.any():
        vector[-1] = 1.0
    return _unit(vector).astype(np.float32)


def _unit(vector: Floats) -> Floats:
    """Return a vector of length 1, or of nothing but zeros where it was one."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector


def _means(values: Floats, count: int) -> Floats:
    """Return the means of ``count`` stretches of the first axis; where it is shorter, some are in several."""
    edges = np.minimum(np.arange(count + 1) * len(values) // count, len(values) - 1)
    sums = np.add.reduceat(values, edges[:-1], axis=0)
    sizes = np.maximum(1, np.diff(np.append(edges[:-1], len(values))))
    return np.asarray(sums / sizes[:, None])
