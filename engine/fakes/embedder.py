"""An embedder that scales pictures down and compares what is left. Knows no network."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.types import FrameBatch, Image


@dataclass(frozen=True, slots=True)
class TinyEmbedder:
    """Sees a picture as ``side`` x ``side`` means of each colour, around the picture's own mean."""

    side: int = 8

    @property
    def name(self) -> str:
        """Say how large the small picture is."""
        return f"tiny-{self.side}"

    @property
    def dim(self) -> int:
        """Three colours of every cell, and one number for pictures of a single colour."""
        return 3 * self.side**2 + 1

    def embed(self, batch: FrameBatch) -> NDArray[np.float32]:
        """Return the vectors of every picture of the batch; see ``engine.ports.Embedder``."""
        return np.stack([self._one(rgb) for rgb in batch.rgb])

    def _one(self, rgb: Image) -> NDArray[np.float32]:
        """Return the vector of a picture; the last number keeps one without any contrast from being nothing."""
        cells = _cells(_cells(rgb.astype(np.float64), self.side).swapaxes(0, 1), self.side)
        cells -= cells.mean(axis=(0, 1))
        vector = np.append(cells.ravel(), 1.0)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _cells(values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the means of ``count`` stretches of the first axis, each at least one long."""
    edges = np.linspace(0, len(values), count + 1).astype(int)
    return np.stack([values[a : max(b, a + 1)].mean(0) for a, b in pairwise(edges)])
