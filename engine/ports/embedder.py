"""What tells pictures that look alike from others, as vectors; knows no network and no clip."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.types import FrameBatch


class Embedder(Protocol):
    """Turns pictures into vectors: the more alike two pictures are, the larger is the product of their vectors.

    It remembers nothing: a picture has the same vector alone and in company.
    """

    @property
    def name(self) -> str:
        """Say with what vectors are made, weights included: another name wherever vectors would be others."""
        ...

    @property
    def dim(self) -> int:
        """Return how many numbers a vector has."""
        ...

    def embed(self, batch: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (N, dim), a vector of length 1 for each picture of the batch."""
        ...
