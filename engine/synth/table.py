"""How large a billiard table is and what colours it has. Knows no piece of it, no ball on it, no camera."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from engine.synth import texture
from engine.synth.camera import Floats
from engine.synth.texture import Colour


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
