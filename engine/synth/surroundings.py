"""The room: floor, walls, banners. Knows where the table stands, not what lies on it."""

import numpy as np
from numpy.random import Generator

from engine.synth import texture
from engine.synth.camera import Floats
from engine.synth.raster import Facet
from engine.synth.table import Table

FLOOR = -0.82


def room(rng: Generator, table: Table, eye: Floats) -> list[Facet]:
    """Return the floor and the walls that ``eye`` (3,) sees from inside: cameras look over or through the others."""
    half_x, half_y = table.length / 2 + 5, table.width / 2 + 5
    carpet = texture.opaque(texture.carpet(rng, (900, 1100)))
    corner = np.array([-half_x, -half_y, FLOOR])
    pieces = [Facet(corner, np.array([2 * half_x, 0, 0]), np.array([0, 2 * half_y, 0]), carpet)]
    gap = float(rng.uniform(0.5, 3.5))
    high = float(rng.uniform(0.5, 1.4)) if rng.random() < 0.6 else 4.5
    far_x, far_y = table.length / 2 + gap, table.width / 2 + gap * float(rng.uniform(0.7, 1.6))
    for sign in (-1.0, 1.0):
        if sign * eye[1] > far_y - 0.3 and sign * eye[0] > far_x - 0.3:
            continue
        wall = texture.opaque(texture.banner(rng, (400, 1000)))
        start = np.array([-sign * far_x * 1.8, sign * far_y, FLOOR + high])
        if sign * eye[1] < far_y - 0.3:
            pieces.append(
                Facet(start, np.array([sign * far_x * 3.6, 0, 0]), np.array([0, 0, -high]), wall)
            )
        wall = texture.opaque(texture.banner(rng, (400, 1000)))
        start = np.array([sign * far_x, sign * far_y * 2, FLOOR + high])
        if sign * eye[0] < far_x - 0.3:
            pieces.append(
                Facet(start, np.array([0, -sign * far_y * 4, 0]), np.array([0, 0, -high]), wall)
            )
    return pieces
