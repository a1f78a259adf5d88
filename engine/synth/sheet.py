"""Horizontal pieces centred on a table: canvases by the metre, lit by lamps. Knows no colour."""

import cv2
import numpy as np

from engine.synth.camera import Floats
from engine.synth.light import Lighting
from engine.synth.raster import Facet, Picture

DENSITY = 420.0
"""Canvas pixels a metre."""


def sheet(half_x: float, half_y: float, z: float, canvas: Picture) -> Facet:
    """Return a horizontal piece centred on the table."""
    origin = np.array([-half_x, half_y, z])
    return Facet(origin, np.array([2 * half_x, 0, 0]), np.array([0, -2 * half_y, 0]), canvas)


def lit(lighting: Lighting, half_x: float, half_y: float, size: tuple[int, int]) -> Floats:
    """Return the light level of a centred sheet as (h, w, 1)."""
    x, y = np.meshgrid(np.linspace(-half_x, half_x, 48), np.linspace(-half_y, half_y, 32))
    level = lighting.level(np.stack([x, y, np.zeros_like(x)], axis=-1)) ** 0.4545
    return np.asarray(cv2.resize(level.astype(np.float32), (size[1], size[0])), np.float64)[
        ..., None
    ]
