"""The frame of a table: rails with sights, rims of the pockets, and the outer sides. Knows no cloth."""

import cv2
import numpy as np
from numpy.random import Generator

from engine.synth import texture
from engine.synth.light import Lighting
from engine.synth.raster import Facet, Picture
from engine.synth.sheet import DENSITY, lit, sheet
from engine.synth.table import Table


def rails(rng: Generator, table: Table, lighting: Lighting) -> Facet:
    """Return the frame seen from above, with sights, pocket rims and holes."""
    inner_x, inner_y = table.length / 2 + table.cushion, table.width / 2 + table.cushion
    half_x, half_y = inner_x + table.rail, inner_y + table.rail
    size = (round(2 * half_y * DENSITY), round(2 * half_x * DENSITY))
    rgb = texture.grain(rng, size, table.wood, float(rng.uniform(0.0, 0.3)))
    rgb = np.clip(rgb * lit(lighting, half_x, half_y, size) ** 0.7, 0, 255).astype(np.uint8)
    canvas = texture.opaque(rgb)
    _sights(rng, canvas, table, half_x, half_y)
    edge = round(table.rail * DENSITY)
    canvas[edge:-edge, edge:-edge, 3] = 0
    style = rng.random()
    for x, y in table.pockets():
        _rim(canvas, table, (x + half_x) * DENSITY, (y + half_y) * DENSITY, style)
    return sheet(half_x, half_y, table.top, canvas)


def _rim(canvas: Picture, table: Table, x: float, y: float, style: float) -> None:
    """Cut a hole with a rim of metal, leather or plastic around (x, y) canvas pixels."""
    hole = table.pocket * DENSITY
    middle = (round(x), round(y))
    if style < 0.45:
        square = round(hole * 1.55)
        inside = canvas[
            max(0, middle[1] - square) : middle[1] + square,
            max(0, middle[0] - square) : middle[0] + square,
        ]
        solid = inside[..., 3] > 0
        inside[solid] = (*(int(c) for c in table.rim), 255)
    elif style < 0.9:
        ring = np.zeros(canvas.shape[:2], np.uint8)
        cv2.circle(ring, middle, round(hole * (1.2 + style / 3)), 255, -1)
        chosen = (ring > 0) & (canvas[..., 3] > 0)
        canvas[chosen] = (*(int(c) for c in table.rim), 255)
    cv2.circle(canvas, middle, round(hole * 1.03), (5, 5, 5, 0), -1)


def _sights(rng: Generator, canvas: Picture, table: Table, half_x: float, half_y: float) -> None:
    """Draw the diamonds: dots, rhombs or nothing."""
    shape, size = rng.integers(3), float(rng.uniform(0.004, 0.011)) * DENSITY
    inset = table.rail * float(rng.uniform(0.35, 0.65))
    along = [
        (table.length * (k / 8 - 0.5), sy * (half_y - inset)) for k in range(1, 8) for sy in (-1, 1)
    ]
    across = [
        (sx * (half_x - inset), table.width * (k / 4 - 0.5)) for k in range(1, 4) for sx in (-1, 1)
    ]
    if rng.random() < 0.12:
        return
    for x, y in along + across:
        u, v = (x + half_x) * DENSITY, (y + half_y) * DENSITY
        if shape < 2:
            cv2.circle(
                canvas,
                (round(u), round(v)),
                max(1, round(size)),
                (*table.sight, 255),
                -1,
                cv2.LINE_AA,
            )
        else:
            long, short = (
                (size * 1.6, size * 0.8)
                if abs(y) < half_y - table.rail
                else (size * 0.8, size * 1.6)
            )
            rhomb = np.array([(u - long, v), (u, v - short), (u + long, v), (u, v + short)])
            cv2.fillPoly(canvas, [rhomb.round().astype(np.int32)], (*table.sight, 255), cv2.LINE_AA)


def skirt(rng: Generator, table: Table) -> list[Facet]:
    """Return the outer sides of the table, at times with a name on them, and the dark below."""
    half_x = table.length / 2 + table.cushion + table.rail
    half_y = table.width / 2 + table.cushion + table.rail
    high = float(rng.uniform(0.12, 0.4))
    colour = np.asarray(table.wood) * rng.uniform(0.2, 1.0)
    sides = []
    for sign in (-1, 1):
        sides.append((np.array([-half_x, sign * half_y, table.top]), np.array([2 * half_x, 0, 0])))
        sides.append(
            (
                np.array([sign * half_x, half_y * sign, table.top]),
                np.array([0, -2 * half_y * sign, 0]),
            )
        )
    pieces = []
    named = rng.random() < 0.5
    for origin, along in sides:
        rgb = texture.grain(rng, (80, 500), (colour[0], colour[1], colour[2]), 0.08)
        if named:
            texture.write(
                rgb,
                texture.word(rng),
                left=int(rng.integers(20, 250)),
                base=60,
                high=36,
                colour=(150, 150, 150),
                font=texture.FONTS[2],
                weight=2,
            )
        pieces.append(
            Facet(origin, along, np.array([0, 0, -high - table.top]), texture.opaque(rgb))
        )
    return pieces
