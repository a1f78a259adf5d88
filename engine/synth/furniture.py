"""Puts a table together piece by piece, with the dark below its pockets and chalk on its rails. Draws no cloth."""

import cv2
import numpy as np
from numpy.random import Generator

from engine.synth import texture
from engine.synth.bed import bed
from engine.synth.camera import Floats
from engine.synth.cushions import cushions
from engine.synth.light import Lighting
from engine.synth.rails import rails, skirt
from engine.synth.raster import Facet
from engine.synth.sheet import sheet
from engine.synth.table import Table
from engine.synth.texture import Colour

UNDER = -0.13
"""Height of what is seen through the pockets, metres."""


def facets(rng: Generator, table: Table, lighting: Lighting) -> list[Facet]:
    """Return the whole table, piece by piece."""
    pieces = [_bottom(rng, table), bed(rng, table, lighting), rails(rng, table, lighting)]
    pieces += skirt(rng, table)
    pieces += cushions(rng, table, lighting)
    pieces += _chalks(rng, table)
    return pieces


def _bottom(rng: Generator, table: Table) -> Facet:
    """Return what is seen through the holes: dark leather, sometimes a net."""
    canvas = texture.plain((10, 9, 9), (120, 200))
    if rng.random() < 0.3:
        for k in range(0, 200, 3):
            cv2.line(canvas, (k, 0), (k, 119), (55, 52, 48, 255), 1)
    return sheet(table.length / 2 + 0.12, table.width / 2 + 0.12, UNDER, canvas)


def _chalks(rng: Generator, table: Table) -> list[Facet]:
    """Return a few cubes of chalk on the rails."""
    half_x = table.length / 2 + table.cushion + table.rail / 2
    half_y = table.width / 2 + table.cushion + table.rail / 2
    pieces = []
    for _ in range(int(rng.choice([0, 0, 1, 1, 2, 3]))):
        spot = np.array([rng.uniform(-1, 1) * half_x, rng.choice([-1, 1]) * half_y, table.top])
        if rng.random() < 0.4:
            spot = np.array([rng.choice([-1, 1]) * half_x, rng.uniform(-1, 1) * half_y, table.top])
        colour = texture.hsv(
            float(rng.choice([205, 215, 140, 0, 30])), float(rng.uniform(0.1, 0.8)), 0.7
        )
        pieces += _cube(spot, float(rng.uniform(0.018, 0.024)), colour, float(rng.uniform(0, 1.5)))
    return pieces


def _cube(spot: Floats, side: float, colour: Colour, turn: float) -> list[Facet]:
    a = np.array([np.cos(turn), np.sin(turn), 0]) * side
    b = np.array([-np.sin(turn), np.cos(turn), 0]) * side
    up = np.array([0, 0, side])
    base = np.asarray(colour)
    lid = texture.plain((base[0], base[1], base[2]), (12, 12))
    cv2.circle(lid, (6, 6), 3, (*(float(c) for c in base * 0.6), 255), -1)
    walls = [(spot, a), (spot + b, a), (spot, b), (spot + a, b)]
    faces = [
        Facet(o, e, up, texture.plain(tuple(base * s)))
        for (o, e), s in zip(walls, (0.5, 0.8, 0.6, 0.4), strict=True)
    ]
    return [Facet(spot + up, a, b, lid), *faces]
