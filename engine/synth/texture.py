"""Random surfaces: cloth, wood, carpets, words. Pure pictures: knows nothing of where they are used."""

import string
from typing import TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
Plane: TypeAlias = NDArray[np.float32]
Colour: TypeAlias = tuple[float, float, float]

FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
)


def noise(rng: Generator, size: tuple[int, int], cells: tuple[float, float]) -> Plane:
    """Return smooth noise float32 (h, w) of about unit strength, with ``cells`` (down, across) bumps."""
    shape = (max(2, round(cells[0])), max(2, round(cells[1])))
    coarse = rng.standard_normal(shape).astype(np.float32)
    return np.asarray(
        cv2.resize(coarse, (size[1], size[0]), interpolation=cv2.INTER_LINEAR), np.float32
    )


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """Return a display colour 0..255 from ``hue`` in degrees, the others 0..1."""
    k = (np.array([5.0, 3.0, 1.0]) + hue / 60) % 6
    rgb = value - value * saturation * np.clip(np.minimum(k, 4 - k), 0, 1)
    return float(rgb[0] * 255), float(rgb[1] * 255), float(rgb[2] * 255)


def random_colour(rng: Generator) -> Colour:
    """Return any colour, often dark or grey."""
    value = float(rng.choice([rng.uniform(0.02, 0.25), rng.uniform(0.2, 1.0)]))
    return hsv(float(rng.uniform(0, 360)), float(rng.beta(1, 1.3)), value)


def word(rng: Generator, length: int | None = None) -> str:
    """Return random capitals or digits."""
    letters = string.ascii_uppercase if rng.random() < 0.8 else string.digits
    count = int(rng.integers(2, 11)) if length is None else length
    return "".join(rng.choice(list(letters), count))


def write(
    picture: Picture,
    text: str,
    *,
    left: int,
    base: int,
    high: float,
    colour: Colour,
    font: int,
    weight: int = 1,
) -> None:
    """Write ``text`` into ``picture`` in place: baseline at ``base``, capitals ``high`` pixels tall."""
    scale = max(high, 4.0) / 22
    ink = tuple(float(c) for c in colour) + ((255.0,) if picture.shape[2] == 4 else ())
    cv2.putText(
        picture, text, (left, base), font, scale, ink, max(1, round(weight * scale)), cv2.LINE_AA
    )


def opaque(rgb: Picture) -> Picture:
    """Return ``rgb`` uint8 (h, w, 3) with full coverage as a fourth channel."""
    return np.asarray(cv2.merge([*cv2.split(rgb), np.full(rgb.shape[:2], 255, np.uint8)]), np.uint8)


def plain(colour: Colour, size: tuple[int, int] = (2, 2)) -> Picture:
    """Return a canvas uint8 (h, w, 4) of one colour."""
    canvas = np.empty((*size, 4), np.uint8)
    canvas[:] = (*(int(c) for c in colour), 255)
    return canvas


def grain(rng: Generator, size: tuple[int, int], colour: Colour, strength: float) -> Picture:
    """Return streaky wood or brushed metal along the rows, uint8 (h, w, 3)."""
    streaks = noise(rng, size, (size[0] / 3, size[1] / 90)) + noise(
        rng, size, (size[0] / 9, size[1] / 250)
    )
    shade = 1 + strength * streaks[..., None]
    return np.clip(np.asarray(colour, np.float32) * shade, 0, 255).astype(np.uint8)


def carpet(rng: Generator, size: tuple[int, int]) -> Picture:
    """Return a floor: plain, mottled, streaked, dotted, tiled or boarded, uint8 (h, w, 3)."""
    base = np.asarray(random_colour(rng), np.float32) * float(rng.uniform(0.3, 1.0))
    amount = float(rng.uniform(0.0, 0.25))
    mottle = noise(rng, size, (size[0] / 4, size[1] / 4)) * 0.5 + noise(rng, size, (9, 12))
    floor = np.clip(base * (1 + amount * mottle[..., None]), 0, 255).astype(np.uint8)
    patterns = (_streaks, _dots, _tiles, _nothing, _streaks)
    for index in rng.permutation(len(patterns))[: int(rng.integers(1, 3))]:
        patterns[index](rng, floor)
    return floor


def _nothing(_rng: Generator, _floor: Picture) -> None:
    """Leave the floor as it is."""


def _streaks(rng: Generator, floor: Picture) -> None:
    height, width = floor.shape[:2]
    angle = rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(5, 60))):
        start = rng.uniform(0, (width, height))
        turn = angle + rng.normal(0, 0.25)
        reach = rng.uniform(0.05, 0.6) * width
        bend = rng.normal(0, 0.06) * reach
        steps = np.linspace(0, 1, 8)[:, None]
        along = np.array([np.cos(turn), np.sin(turn)])
        aside = np.array([-along[1], along[0]])
        line = start + steps * reach * along + np.sin(steps * 3) * bend * aside
        colour = random_colour(rng)
        cv2.polylines(
            floor, [line.astype(np.int32)], False, colour, int(rng.integers(1, 12)), cv2.LINE_AA
        )


def _dots(rng: Generator, floor: Picture) -> None:
    height, width = floor.shape[:2]
    colours = [random_colour(rng) for _ in range(3)]
    size = float(rng.uniform(2, 12))
    for _ in range(int(rng.integers(20, 250))):
        middle = rng.uniform(0, (width, height)).astype(int)
        radius = max(1, round(size * rng.uniform(0.6, 1.4)))
        colour = colours[int(rng.integers(3))]
        cv2.circle(floor, (int(middle[0]), int(middle[1])), radius, colour, -1, cv2.LINE_AA)


def _tiles(rng: Generator, floor: Picture) -> None:
    step, stretch = int(rng.integers(25, 140)), float(rng.choice([1.0, 1.0, 5.0]))
    colour, wide = random_colour(rng), int(rng.integers(1, 5))
    for x in range(0, floor.shape[1], int(step * stretch)):
        cv2.line(floor, (x, 0), (x, floor.shape[0]), colour, wide)
    for y in range(0, floor.shape[0], step):
        cv2.line(floor, (0, y), (floor.shape[1], y), colour, wide)


def banner(rng: Generator, size: tuple[int, int]) -> Picture:
    """Return a wall of advertisements, crowds or nothing much, uint8 (h, w, 3)."""
    height, width = size
    wall = np.empty((height, width, 3), np.uint8)
    wall[:] = np.asarray(random_colour(rng)) * rng.uniform(0.2, 1.0)
    kind = rng.integers(3)
    if kind == 0:
        _crowd(rng, wall)
    for _ in range(int(rng.integers(0, 9)) if kind else 0):
        left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
        _emblem(rng, wall, left, top) if rng.random() < 0.5 else None
        high = float(rng.uniform(8, 90))
        font = FONTS[int(rng.integers(len(FONTS)))]
        colour = (240.0, 240.0, 240.0) if rng.random() < 0.5 else random_colour(rng)
        weight = int(rng.integers(1, 5))
        write(
            wall, word(rng), left=left, base=top, high=high, colour=colour, font=font, weight=weight
        )
    shade = 1 + 0.25 * noise(rng, size, (2, 4))[..., None]
    return np.clip(wall * shade, 0, 255).astype(np.uint8)


def _crowd(rng: Generator, wall: Picture) -> None:
    height, width = wall.shape[:2]
    size = float(rng.uniform(8, 30))
    for _ in range(int(rng.integers(30, 160))):
        x, y = int(rng.uniform(0, width)), int(rng.uniform(0, height))
        shirt, skin = random_colour(rng), skin_colour(rng)
        body = (round(size * 1.3), round(size * 1.8))
        cv2.ellipse(wall, (x, y + round(size * 2.4)), body, 0, 0, 360, shirt, -1, cv2.LINE_AA)
        cv2.ellipse(
            wall, (x, y), (round(size * 0.7), round(size)), 0, 0, 360, skin, -1, cv2.LINE_AA
        )


def _emblem(rng: Generator, wall: Picture, left: int, top: int) -> None:
    radius = int(rng.integers(4, 60))
    colour = random_colour(rng)
    if rng.random() < 0.6:
        thick = int(rng.choice([-1, 2, 6]))
        cv2.circle(wall, (left, top), radius, colour, thick, cv2.LINE_AA)
    else:
        corner = (left + radius * 3, top + radius)
        cv2.rectangle(wall, (left, top), corner, colour, -1)


def skin_colour(rng: Generator) -> Colour:
    """Return a skin tone, pale to dark."""
    value = float(rng.uniform(0.3, 0.95))
    return hsv(float(rng.uniform(12, 30)), float(rng.uniform(0.3, 0.62)), value)
