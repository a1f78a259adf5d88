"""A detector that knows balls by their exact colours. Remembers nothing and knows no network."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.types import Detection, FrameBatch, Image

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ColourDetector:
    """Reports the tight box of every flat colour that ``labels`` names; ``score`` is that of all of them."""

    labels: Mapping[Colour, str]
    score: float = 0.95

    def detect(self, batch: FrameBatch) -> list[tuple[Detection, ...]]:
        """Return the detections of every frame of the batch; see ``engine.ports.Detector``."""
        return [self._one(batch.first + index, rgb) for index, rgb in enumerate(batch.rgb)]

    def _one(self, frame: int, rgb: Image) -> tuple[Detection, ...]:
        found = []
        for colour, label in self.labels.items():
            rows, columns = np.nonzero((rgb == np.array(colour, np.uint8)).all(axis=-1))
            if len(rows):
                x0, y0, x1, y1 = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
                box = float(x0), float(y0), float(x1), float(y1)
                found.append(Detection(frame, box, label, self.score))
        return tuple(found)
