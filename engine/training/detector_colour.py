"""Knows what cameras, encoders and television graphics do to a picture's pixels; leaves its geometry alone."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.training.detector_data import Balls
from engine.types import Image

FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
)
WORDS = (
    "0",
    "8",
    "9",
    "6",
    "O",
    "CO",
    "GO",
    "11",
    "15",
    "POOL",
    "LIVE",
    "8 BALL",
    "OPEN",
    "BOOO",
    "3 - 5",
    "Q",
    "@",
    "S",
)

Colour = tuple[int, int, int]


def recolour(rgb: Image, rng: np.random.Generator) -> Image:
    """Return the picture with every hue turned by one angle: cloth and carpet become new, and so do balls."""
    return _shift(rgb, rng.uniform(0, 180), rng)


def degrade(rgb: Image, rng: np.random.Generator) -> Image:
    """Return the picture as another camera, light and encoder would have given it: uint8 (H, W, 3)."""
    for chance, step in (
        (0.8, _hue),
        (0.8, _light),
        (0.3, _blur),
        (0.1, _streak),
        (0.3, _noise),
        (0.4, _encode),
    ):
        if rng.random() < chance:
            rgb = step(rgb, rng)
    return rgb


def _hue(rgb: Image, rng: np.random.Generator) -> Image:
    """Shift hue a little, and saturation and value."""
    return _shift(rgb, rng.normal(0, 3), rng)


def _shift(rgb: Image, turn: float, rng: np.random.Generator) -> Image:
    """Turn all hues by ``turn`` (half degrees), and scale saturation and value by chance."""
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
    ramp = np.arange(256)
    tables = (
        (ramp + turn) % 180,
        np.clip(ramp * rng.uniform(0.6, 1.4), 0, 255),
        np.clip(ramp * rng.uniform(0.6, 1.4), 0, 255),
    )
    mapped = [cv2.LUT(hsv[..., k], table.astype(np.uint8)) for k, table in enumerate(tables)]
    return np.asarray(cv2.cvtColor(cv2.merge(mapped), cv2.COLOR_HSV2RGB), np.uint8)


def _light(rgb: Image, rng: np.random.Generator) -> Image:
    """Change gamma, black level and white balance."""
    ramp = (np.arange(256) / 255.0) ** np.exp(rng.normal(0, 0.18))
    lift = rng.uniform(0, 18)
    tables = [
        np.clip(lift + ramp * (255 - lift) * gain, 0, 255)
        for gain in np.exp(rng.normal(0, 0.05, 3))
    ]
    return np.asarray(cv2.LUT(rgb, np.stack(tables, 1).astype(np.uint8)[None]), np.uint8)


def _blur(rgb: Image, rng: np.random.Generator) -> Image:
    """Take the picture out of focus."""
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), rng.uniform(0.3, 1.3)), np.uint8)


def _streak(rgb: Image, rng: np.random.Generator) -> Image:
    """Smear along one direction, as a moving camera does."""
    length = int(rng.integers(3, 7))
    kernel = np.eye(length) if rng.random() < 0.5 else np.full((1, length), 1.0)
    return np.asarray(cv2.filter2D(rgb, -1, kernel / kernel.sum()), np.uint8)


def _noise(rgb: Image, rng: np.random.Generator) -> Image:
    """Add sensor noise."""
    noise = rng.standard_normal(rgb.shape, np.float32) * np.float32(rng.uniform(1, 7))
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)


def _encode(rgb: Image, rng: np.random.Generator) -> Image:
    """Leave the marks of strong compression."""
    _, data = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 90))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def clutter(rgb: Image, balls: Balls, rng: np.random.Generator) -> Image:
    """Draw what television puts into pictures (letters, rings, spots, bars) wherever no ball is."""
    picture = rgb.copy()
    free = _free(rgb.shape, balls)
    for _ in range(int(rng.integers(1, 6))):
        layer = picture.copy()
        SHAPES[rng.integers(len(SHAPES))](layer, _typical(balls), rng)
        strength = rng.uniform(0.5, 1.0)
        mixed = cv2.addWeighted(layer, strength, picture, 1 - strength, 0)
        picture = np.where(free[..., None], mixed, picture).astype(np.uint8)
    return picture


def _free(shape: tuple[int, ...], balls: Balls) -> NDArray[np.bool_]:
    """Return bool (H, W): where no ball is, with some room around each."""
    free = np.ones(shape[:2], np.bool_)
    for x0, y0, x1, y1 in balls.boxes:
        room = 0.25 * (x1 - x0)
        free[
            max(0, int(y0 - room)) : int(y1 + room) + 1, max(0, int(x0 - room)) : int(x1 + room) + 1
        ] = False
    return free


def _typical(balls: Balls) -> float:
    """Return the usual diameter of a ball in the picture, pixels."""
    return balls.diameter or 20.0


def _colour(rng: np.random.Generator) -> Colour:
    """Return white, black or anything."""
    kind = rng.random()
    if kind < 0.35:
        return (int(rng.integers(200, 256)),) * 3
    if kind < 0.5:
        return (int(rng.integers(0, 50)),) * 3
    red, green, blue = (int(value) for value in rng.integers(0, 256, 3))
    return red, green, blue


def _place(layer: Image, rng: np.random.Generator) -> tuple[int, int]:
    """Return a random pixel (x, y)."""
    return int(rng.integers(layer.shape[1])), int(rng.integers(layer.shape[0]))


def _word(layer: Image, typical: float, rng: np.random.Generator) -> None:
    """Write letters or a number, about as large as balls or larger."""
    scale = typical / 22 * float(rng.uniform(0.5, 3.5))
    thick = max(1, round(scale * rng.uniform(1, 4)))
    word, font = WORDS[rng.integers(len(WORDS))], FONTS[rng.integers(len(FONTS))]
    cv2.putText(layer, word, _place(layer, rng), font, scale, _colour(rng), thick, cv2.LINE_AA)


def _ring(layer: Image, typical: float, rng: np.random.Generator) -> None:
    """Draw a ring or an arc, as shot clocks and pockets show."""
    radius = max(2, int(typical * rng.uniform(0.4, 2.0)))
    end = 360 if rng.random() < 0.67 else int(rng.integers(90, 330))
    axes = radius, max(2, int(radius * rng.uniform(0.6, 1)))
    thick = max(1, int(radius * rng.uniform(0.1, 0.4)))
    cv2.ellipse(layer, _place(layer, rng), axes, 0, 0, end, _colour(rng), thick, cv2.LINE_AA)


def _spot(layer: Image, typical: float, rng: np.random.Generator) -> None:
    """Draw a dot clearly smaller than a ball, or a disc clearly larger."""
    radius = typical / 2 * (rng.uniform(0.12, 0.4) if rng.random() < 0.7 else rng.uniform(2.0, 4.0))
    axes = max(1, round(radius)), max(1, round(radius * rng.uniform(0.5, 1)))
    cv2.ellipse(layer, _place(layer, rng), axes, 0, 0, 360, _colour(rng), -1, cv2.LINE_AA)


def _bar(layer: Image, typical: float, rng: np.random.Generator) -> None:
    """Draw a filled rectangle: score boards, chalk, stickers."""
    x, y = _place(layer, rng)
    width, height = (max(2, int(typical * value)) for value in rng.uniform(0.4, 4.0, 2))
    cv2.rectangle(layer, (x, y), (x + width, y + height), _colour(rng), -1)


def _stick(layer: Image, typical: float, rng: np.random.Generator) -> None:
    """Draw a thin straight stick with a tip of another colour, as cues have."""
    start, end = np.array(_place(layer, rng)), np.array(_place(layer, rng))
    thick = max(1, int(typical * rng.uniform(0.1, 0.4)))
    near = start + (end - start) * 0.06
    cv2.line(layer, _pixel(start), _pixel(end), _colour(rng), thick, cv2.LINE_AA)
    cv2.line(layer, _pixel(start), _pixel(near), _colour(rng), thick, cv2.LINE_AA)


def _pixel(point: NDArray[np.floating] | NDArray[np.integer]) -> tuple[int, int]:
    """Return the nearest pixel."""
    return int(point[0]), int(point[1])


SHAPES: tuple[Callable[[Image, float, np.random.Generator], None], ...] = (
    _word,
    _word,
    _ring,
    _spot,
    _bar,
    _stick,
)
