"""Burnt-in graphics: score bars, badges, logos, clocks. Knows nothing of the scene below."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from engine.synth import texture
from engine.synth.raster import Picture


@dataclass(frozen=True, slots=True)
class Patch:
    """``canvas`` uint8 (h, w, 4), RGB and coverage, to be laid on the picture with its corner at (x, y)."""

    x: int
    y: int
    canvas: Picture


def random_overlay(rng: Generator, size: tuple[int, int]) -> list[Patch]:
    """Return the graphics of a broadcast on a picture of ``size`` (height, width); often none."""
    if rng.random() < 0.4:
        return []
    makers = (_bar, _badge, _title, _badge, _bar)
    patches = [makers[int(rng.integers(5))](rng, size) for _ in range(int(rng.integers(1, 5)))]
    return [patch for patch in patches if min(patch.canvas.shape[:2]) > 2]


def sized(rng: Generator, size: tuple[int, int]) -> list[Patch]:
    """Return the graphics for a picture of ``size`` (height, width), as large in it as on a 720p picture."""
    times = max(1.0, size[1] / 1280)
    small = random_overlay(rng, (round(size[0] / times), round(size[1] / times)))
    return small if times == 1 else [_enlarged(patch, times) for patch in small]


def _enlarged(patch: Patch, times: float) -> Patch:
    canvas = cv2.resize(patch.canvas, None, fx=times, fy=times, interpolation=cv2.INTER_LINEAR)
    return Patch(int(patch.x * times), int(patch.y * times), np.asarray(canvas, np.uint8))


def lay(patch: Patch, picture: Picture) -> tuple[slice, slice, Picture]:
    """Lay ``patch`` on ``picture`` in place; return where, and its coverage uint8 there."""
    height, width = picture.shape[:2]
    y1, x1 = (
        min(height, patch.y + patch.canvas.shape[0]),
        min(width, patch.x + patch.canvas.shape[1]),
    )
    where = (slice(patch.y, y1), slice(patch.x, x1))
    canvas = patch.canvas[: y1 - patch.y, : x1 - patch.x]
    share = canvas[..., 3:].astype(np.float32) / 255
    part = picture[where]
    part[:] = (part + (canvas[..., :3].astype(np.float32) - part) * share).astype(np.uint8)
    return where[0], where[1], canvas[..., 3]


def _corner(rng: Generator, size: tuple[int, int], high: int, wide: int) -> tuple[int, int]:
    """Return a place near the border, as graphics have."""
    height, width = size
    near, far = int(rng.integers(0, 60)), width - wide - int(rng.integers(0, 60))
    x = int(rng.choice([near, (width - wide) // 2, far]))
    y = int(rng.choice([rng.integers(0, 40), height - high - rng.integers(0, 40)], p=[0.35, 0.65]))
    return max(0, x), max(0, y)


def _bar(rng: Generator, size: tuple[int, int]) -> Patch:
    high, wide = int(rng.integers(18, 56)), int(rng.integers(80, size[1] * 2 // 3))
    canvas = np.zeros((high, wide, 4), np.uint8)
    canvas[:] = (*(int(c) for c in texture.random_colour(rng)), int(rng.choice([255, 255, 170])))
    cells = int(rng.integers(1, 5))
    for k in range(cells):
        left = k * wide // cells
        if rng.random() < 0.5:
            canvas[:, left : left + int(rng.integers(10, 60)), :3] = texture.random_colour(rng)
        if rng.random() < 0.35:
            colour = (*texture.random_colour(rng), 255.0)
            cv2.circle(canvas, (left + high // 2, high // 2), high // 3, colour, -1, cv2.LINE_AA)
        texture.write(
            canvas,
            texture.word(rng),
            left=left + 8,
            base=high * 3 // 4,
            high=high * 0.5,
            colour=(240, 240, 240),
            font=texture.FONTS[int(rng.integers(4))],
        )
    return Patch(*_corner(rng, size, high, wide), canvas)


def _badge(rng: Generator, size: tuple[int, int]) -> Patch:
    radius = int(rng.integers(8, 42))
    side = 2 * radius + 4
    canvas = np.zeros((side, side, 4), np.uint8)
    middle = (radius + 2, radius + 2)
    fill = (*texture.random_colour(rng), 255.0)
    cv2.circle(canvas, middle, radius, fill, -1, cv2.LINE_AA)
    ring = (*texture.random_colour(rng), 255.0)
    begin = int(rng.integers(0, 360))
    cv2.ellipse(
        canvas,
        middle,
        (radius - 2, radius - 2),
        0,
        begin,
        begin + int(rng.integers(60, 360)),
        ring,
        3,
        cv2.LINE_AA,
    )
    if rng.random() < 0.7:
        text = texture.word(rng, int(rng.integers(1, 3)))
        texture.write(
            canvas,
            text,
            left=radius // 2 + 2,
            base=radius + radius // 2,
            high=radius * 0.8,
            colour=(245, 245, 245),
            font=texture.FONTS[int(rng.integers(3))],
        )
    return Patch(*_corner(rng, size, side, side), canvas)


def _title(rng: Generator, size: tuple[int, int]) -> Patch:
    high, wide = int(rng.integers(16, 50)), int(rng.integers(60, 300))
    canvas = np.zeros((high, wide, 4), np.uint8)
    ink = (245.0, 245.0, 245.0) if rng.random() < 0.6 else texture.random_colour(rng)
    texture.write(
        canvas,
        texture.word(rng),
        left=2,
        base=high * 3 // 4,
        high=high * 0.6,
        colour=ink,
        font=texture.FONTS[int(rng.integers(len(texture.FONTS)))],
        weight=2,
    )
    return Patch(*_corner(rng, size, high, wide), canvas)
