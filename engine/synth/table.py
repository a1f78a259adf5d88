"""A billiard table as flat pieces: bed, rails, cushions, pockets. Knows no ball, no camera, no player."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator

from engine.synth import texture
from engine.synth.camera import Floats
from engine.synth.light import Lighting
from engine.synth.raster import Facet, Picture
from engine.synth.texture import Colour

DENSITY = 420.0
UNDER = -0.13


@dataclass(frozen=True, slots=True)
class Table:
    """Sizes in metres: playing surface ``length`` x ``width``, ``ball`` radius; colours 0..255.

    ``pocket`` is the radius of the holes (0 on a carom table), ``mouth`` how wide the cushions open.
    """

    length: float
    width: float
    ball: float
    pocket: float
    mouth: float
    cushion: float
    rail: float
    nose: float
    top: float
    cloth: Colour
    wood: Colour
    rim: Colour
    sight: Colour

    def pockets(self) -> Floats:
        """Return the six hole centres (6, 2), or none."""
        if self.pocket <= 0:
            return np.zeros((0, 2))
        x, y, out = self.length / 2, self.width / 2, self.pocket
        corner = out * 0.35
        corners = [(sx * (x + corner), sy * (y + corner)) for sx in (-1, 1) for sy in (-1, 1)]
        return np.array([*corners, (0.0, y + out * 0.85), (0.0, -y - out * 0.85)])


KINDS = {
    "pool": (2.54, 1.27, 0.0286, 0.062),
    "bar": (1.98, 0.99, 0.0286, 0.060),
    "snooker": (3.57, 1.78, 0.02625, 0.047),
    "carom": (2.84, 1.42, 0.03075, 0.0),
}


def random_cloth(rng: Generator, kind: str) -> Colour:
    """Return a cloth colour: mostly blues and greens, at times red, grey, camel, purple or near black."""
    hue = float(
        rng.choice(
            [rng.uniform(190, 222), rng.uniform(100, 168), rng.uniform(0, 360)], p=[0.4, 0.36, 0.24]
        )
    )
    if kind == "snooker" and rng.random() < 0.7:
        hue = float(rng.uniform(100, 150))
    green = 75 < hue < 185
    saturation = float(rng.uniform(0.5, 0.95))
    value = float(rng.uniform(0.25, 0.62) if green else rng.uniform(0.3, 0.88))
    if not green and not 180 < hue < 230:
        saturation, value = saturation * 0.85, value * 0.85
    if rng.random() < 0.12:
        saturation = float(rng.uniform(0.0, 0.3))
    return texture.hsv(hue, saturation, value)


def random_table(rng: Generator, kind: str) -> Table:
    """Return a table of ``kind`` in colours of its own."""
    length, width, ball, pocket = KINDS[kind]
    wood = texture.hsv(
        float(rng.uniform(5, 40)), float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.1, 0.6))
    )
    dark = texture.hsv(
        float(rng.uniform(0, 360)), float(rng.uniform(0, 0.15)), float(rng.uniform(0.05, 0.35))
    )
    metal = texture.hsv(40, float(rng.uniform(0, 0.4)), float(rng.uniform(0.3, 0.95)))
    return Table(
        length,
        width,
        ball,
        pocket * float(rng.uniform(0.9, 1.15)),
        mouth=pocket * float(rng.uniform(1.15, 1.5)),
        cushion=float(rng.uniform(0.038, 0.058)),
        rail=float(rng.uniform(0.07, 0.17)),
        nose=ball * float(rng.uniform(1.15, 1.35)),
        top=ball * float(rng.uniform(1.3, 1.8)),
        cloth=random_cloth(rng, kind),
        wood=wood if rng.random() < 0.5 else dark,
        rim=metal if rng.random() < 0.5 else (12.0, 12.0, 12.0),
        sight=(235.0, 232.0, 220.0) if rng.random() < 0.8 else metal,
    )


def facets(rng: Generator, table: Table, lighting: Lighting) -> list[Facet]:
    """Return the whole table, piece by piece."""
    pieces = [_bottom(rng, table), _bed(rng, table, lighting), _rails(rng, table, lighting)]
    pieces += _skirt(rng, table)
    pieces += _cushions(rng, table, lighting)
    pieces += _chalks(rng, table)
    return pieces


def _sheet(half_x: float, half_y: float, z: float, canvas: Picture) -> Facet:
    """Return a horizontal piece centred on the table."""
    origin = np.array([-half_x, half_y, z])
    return Facet(origin, np.array([2 * half_x, 0, 0]), np.array([0, -2 * half_y, 0]), canvas)


def _bottom(rng: Generator, table: Table) -> Facet:
    """Return what is seen through the holes: dark leather, sometimes a net."""
    canvas = texture.plain((10, 9, 9), (120, 200))
    if rng.random() < 0.3:
        for k in range(0, 200, 3):
            cv2.line(canvas, (k, 0), (k, 119), (55, 52, 48, 255), 1)
    return _sheet(table.length / 2 + 0.12, table.width / 2 + 0.12, UNDER, canvas)


def _lit(lighting: Lighting, half_x: float, half_y: float, size: tuple[int, int]) -> Floats:
    """Return the light level of a centred sheet as (h, w, 1)."""
    x, y = np.meshgrid(np.linspace(-half_x, half_x, 48), np.linspace(-half_y, half_y, 32))
    level = lighting.level(np.stack([x, y, np.zeros_like(x)], axis=-1)) ** 0.4545
    return np.asarray(cv2.resize(level.astype(np.float32), (size[1], size[0])), np.float64)[
        ..., None
    ]


def _bed(rng: Generator, table: Table, lighting: Lighting) -> Facet:
    """Return the cloth: light, weave, marks, lines, spots, and holes where the pockets are."""
    half_x, half_y = table.length / 2 + 0.07, table.width / 2 + 0.07
    size = (round(2 * half_y * DENSITY), round(2 * half_x * DENSITY))
    mottle = texture.noise(rng, size, (7, 12)) * rng.uniform(0, 0.03)
    weave = texture.noise(rng, size, (size[0] / 2, size[1] / 2)) * rng.uniform(0, 0.03)
    shade = _lit(lighting, half_x, half_y, size) * (1 + mottle + weave)[..., None]
    shade *= _edge_shadow(rng, table, size, half_x, half_y)
    rgb = np.clip(np.asarray(table.cloth, np.float32) * shade, 0, 255).astype(np.uint8)
    rgb = _marks(rng, table, rgb)
    canvas = texture.opaque(_glare(rng, rgb))
    for x, y in table.pockets():
        middle = (round((x + half_x) * DENSITY), round((y + half_y) * DENSITY))
        cv2.circle(canvas, middle, round(table.pocket * DENSITY), (8, 8, 8, 0), -1)
    return _sheet(half_x, half_y, 0.0, canvas)


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


def _rails(rng: Generator, table: Table, lighting: Lighting) -> Facet:
    """Return the frame seen from above, with sights, pocket rims and holes."""
    inner_x, inner_y = table.length / 2 + table.cushion, table.width / 2 + table.cushion
    half_x, half_y = inner_x + table.rail, inner_y + table.rail
    size = (round(2 * half_y * DENSITY), round(2 * half_x * DENSITY))
    rgb = texture.grain(rng, size, table.wood, float(rng.uniform(0.0, 0.3)))
    rgb = np.clip(rgb * _lit(lighting, half_x, half_y, size) ** 0.7, 0, 255).astype(np.uint8)
    canvas = texture.opaque(rgb)
    _sights(rng, canvas, table, half_x, half_y)
    edge = round(table.rail * DENSITY)
    canvas[edge:-edge, edge:-edge, 3] = 0
    style = rng.random()
    for x, y in table.pockets():
        _rim(canvas, table, (x + half_x) * DENSITY, (y + half_y) * DENSITY, style)
    return _sheet(half_x, half_y, table.top, canvas)


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


def _skirt(rng: Generator, table: Table) -> list[Facet]:
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


def _cushions(rng: Generator, table: Table, lighting: Lighting) -> list[Facet]:
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


def recloth(table: Table, cloth: Colour) -> Table:
    """Return the same table under another cloth."""
    return replace(table, cloth=cloth)
