"""SAM 2 behind the ``Segmenter`` port; the ``sam2`` package is used nowhere else but in ``engine.models``."""

from engine.adapters.sam2.factory import open_segmenter
from engine.adapters.sam2.segmenter import Sam2Segmenter

__all__ = ["Sam2Segmenter", "open_segmenter"]
