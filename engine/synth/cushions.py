"""The cushions of a table: sloping tops with cut ends, and faces under the nose. Knows no rail."""

import numpy as np
from numpy.random import Generator

from engine.synth import texture
from engine.synth.camera import Floats
from engine.synth.light import Lighting
from engine.synth.raster import Facet
from engine.synth.sheet import DENSITY
from engine.synth.table import Table


def cushions(rng: Generator, table: Table, lighting: Lighting) -> list[Facet]:
    """Return tops and faces of the cushions between the pockets."""
    x, y, m = table.length / 2, table.width / 2, table.mouth
    top = np.asarray(table.cloth) * rng.uniform(0.75, 1.2)
    face = np.asarray(table.cloth) * rng.uniform(0.3, 0.8)
    runs = []
    for sign in (-1.0, 1.0):
        out = np.array([0, sign, 0.0])
        halves = [(-x + m, -m), (m, x - m)] if table.pocket > 0 else [(-x, x)]
        runs += [(np.array([a, sign * y, 0]), np.array([b - a, 0, 0]), out) for a, b in halves]
        out = np.array([sign, 0, 0.0])
        runs.append((np.array([sign * x, -y + m, 0]), np.array([0, 2 * (y - m), 0]), out))
    pieces: list[Facet] = []
    for start, along, out in runs:
        middle = start + along / 2
        level = float(lighting.level(middle)) ** 0.4545
        pieces += _cushion(rng, table, (start, along, out), top * level, face * level)
    return pieces


def _cushion(
    rng: Generator, table: Table, run: tuple[Floats, Floats, Floats], top: Floats, face: Floats
) -> list[Facet]:
    """Return one cushion: its sloping top with cut ends and its face under the nose."""
    start, along, out = run
    nose = start + np.array((0, 0, table.nose))
    deep = table.cushion + 0.004
    rise = np.array([0, 0, table.top - table.nose - 0.001])
    cut = 0.0 if table.pocket <= 0 else table.mouth * 0.5
    unit = along / np.linalg.norm(along)
    wide = float(np.linalg.norm(along)) + 2 * cut
    columns = max(60, round(wide * DENSITY))
    slope = np.linspace(1.06, 0.9, 24)[:, None, None]
    rgb = np.clip(np.broadcast_to(top, (24, columns, 3)) * slope, 0, 255).astype(np.uint8)
    canvas = texture.opaque(rgb)
    edge = cut / wide * columns
    for row in range(24):
        gap = round(edge * (1 - row / 23))
        canvas[row, :gap, 3] = 0
        canvas[row, columns - gap :, 3] = 0
    lid = Facet(nose - unit * cut, unit * wide, out * deep + rise, canvas)
    shade = np.linspace(1.0, float(rng.uniform(0.35, 0.8)), 8)[:, None, None]
    front = np.clip(np.broadcast_to(face, (8, 8, 3)) * shade, 0, 255).astype(np.uint8)
    return [lid, Facet(nose, along, out * 0.012 - (0, 0, table.nose), texture.opaque(front))]
