"""The cloth of a table: light, weave, marks, lines, spots, prints, and holes for the pockets. Knows no rail."""

import cv2
import numpy as np
from numpy.random import Generator

from engine.synth import texture
from engine.synth.camera import Floats
from engine.synth.light import Lighting
from engine.synth.raster import Facet, Picture
from engine.synth.sheet import DENSITY, lit, sheet
from engine.synth.table import Table


def bed(rng: Generator, table: Table, lighting: Lighting) -> Facet:
    """Return the cloth: light, weave, marks, lines, spots, and holes where the pockets are."""
    half_x, half_y = table.length / 2 + 0.07, table.width / 2 + 0.07
    size = (round(2 * half_y * DENSITY), round(2 * half_x * DENSITY))
    mottle = texture.noise(rng, size, (7, 12)) * rng.uniform(0, 0.03)
    weave = texture.noise(rng, size, (size[0] / 2, size[1] / 2)) * rng.uniform(0, 0.03)
    shade = lit(lighting, half_x, half_y, size) * (1 + mottle + weave)[..., None]
    shade *= _edge_shadow(rng, table, size, half_x, half_y)
    rgb = np.clip(np.asarray(table.cloth, np.float32) * shade, 0, 255).astype(np.uint8)
    rgb = _marks(rng, table, rgb)
    canvas = texture.opaque(_glare(rng, rgb))
    for x, y in table.pockets():
        middle = (round((x + half_x) * DENSITY), round((y + half_y) * DENSITY))
        cv2.circle(canvas, middle, round(table.pocket * DENSITY), (8, 8, 8, 0), -1)
    return sheet(half_x, half_y, 0.0, canvas)


def _edge_shadow(
    rng: Generator, table: Table, size: tuple[int, int], half_x: float, half_y: float
) -> Floats:
    """Return how cushions darken the cloth beside them, (h, w, 1)."""
    depth, reach = rng.uniform(0.05, 0.5), rng.uniform(0.008, 0.04)
    x = np.linspace(-half_x, half_x, size[1], dtype=np.float32)
    y = np.linspace(-half_y, half_y, size[0], dtype=np.float32)
    across = np.exp((np.abs(x) - table.length / 2) / reach).clip(0, 1)
    down = np.exp((np.abs(y) - table.width / 2) / reach).clip(0, 1)
    return np.asarray(1 - depth * np.maximum(across[None], down[:, None])[..., None])


def _marks(rng: Generator, table: Table, rgb: Picture) -> Picture:
    """Return the cloth with lines, spots, chalk dust, rub marks and sometimes a print."""
    height, width = rgb.shape[:2]
    layer = rgb.copy()
    for _ in range(int(rng.integers(0, 26))):
        start = rng.uniform(0.05, 0.95, 2) * (width, height)
        end = start + rng.normal(0, 40, 2)
        colour = tuple(
            float(c) for c in np.clip(np.asarray(table.cloth) + rng.uniform(5, 60), 0, 255)
        )
        a, b = start.astype(int), end.astype(int)
        cv2.line(
            layer,
            (int(a[0]), int(a[1])),
            (int(b[0]), int(b[1])),
            colour,
            int(rng.integers(1, 5)),
            cv2.LINE_AA,
        )
    layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), 1.5), np.uint8)
    mix = float(rng.uniform(0.05, 0.5))
    out = np.asarray(cv2.addWeighted(layer, mix, rgb, 1 - mix, 0), np.uint8)
    if rng.random() < 0.08:
        text, high = texture.word(rng), float(rng.uniform(40, 160))
        texture.write(
            out,
            text,
            left=int(rng.integers(0, width // 2)),
            base=height // 2,
            high=high,
            colour=(230, 230, 230),
            font=texture.FONTS[1],
            weight=2,
        )
    _spots(rng, out, table)
    return out


def _glare(rng: Generator, rgb: Picture) -> Picture:
    """Return the cloth with pale patches where lamps or screens are mirrored, now and then."""
    if rng.random() > 0.25:
        return rgb
    small = np.zeros((rgb.shape[0] // 8, rgb.shape[1] // 8), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        middle = (int(rng.integers(small.shape[1])), int(rng.integers(small.shape[0])))
        size = (int(rng.integers(2, 30)), int(rng.integers(2, 12)))
        cv2.ellipse(
            small, middle, size, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(8, 45)), -1
        )
    soft = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(1, 6)))
    wide = cv2.resize(soft, (rgb.shape[1], rgb.shape[0]))
    soiled: Picture = np.clip(rgb + wide[..., None], 0, 255).astype(np.uint8)
    return soiled


def _spots(rng: Generator, cloth: Picture, table: Table) -> None:
    """Draw head string, baulk line with its D, and the spots, each now and then."""
    height, width = cloth.shape[:2]
    ink = (235.0, 235.0, 235.0) if rng.random() < 0.5 else (25.0, 25.0, 25.0)
    head = round(width * rng.choice([0.22, 0.26, 0.74, 0.78]))
    if rng.random() < 0.4:
        cv2.line(cloth, (head, 0), (head, height), ink, 1, cv2.LINE_AA)
        if rng.random() < 0.5:
            cv2.circle(cloth, (head, height // 2), height // 6, ink, 1, cv2.LINE_AA)
    for x in (head, width - head, width // 2, round(width * 0.9)):
        if rng.random() < 0.4:
            size = max(2, round(table.ball * DENSITY * rng.uniform(0.15, 0.6)))
            colour = ink if rng.random() < 0.5 else (15.0, 15.0, 15.0)
            cv2.circle(cloth, (x, height // 2), size, colour, -1, cv2.LINE_AA)
            if rng.random() < 0.4:
                cv2.circle(
                    cloth, (x, height // 2), max(1, size // 3), (200, 200, 200), -1, cv2.LINE_AA
                )
