"""Draws masks, outlines and names over one picture. Knows nothing of files and clips."""

import colorsys
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from engine import rle
from engine.types import Box, FrameMasks, Image, Mask, TrackMask

GOLDEN = 0.61803398875
FILL = 0.42


def color(track: int) -> tuple[int, int, int]:
    """Return the RGB colour of a track, 0..255; neighbours in number are far apart in hue."""
    hue, lightness = (track * GOLDEN) % 1.0, (0.55, 0.65, 0.45)[track % 3]
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.95)
    return round(red * 255), round(green * 255), round(blue * 255)


def outline(mask: Mask) -> Mask:
    """Return the pixels of ``mask``, bool (h, w), that touch the outside, as bool (h, w)."""
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner


def paint(
    rgb: Image, row: FrameMasks, *, names: Mapping[int, str] | None = None, fill: float = FILL
) -> Image:
    """Return a copy of ``rgb``, uint8 (H, W, 3), with every mask filled, outlined and, with ``names``, named.

    ``fill`` is the share of colour inside a mask, 0 (outline only) to 1 (opaque).
    """
    canvas = rgb.copy()
    for mask in row.masks:
        _fill(canvas, mask, fill)
    if not names:
        return canvas
    sheet = Pillow.fromarray(canvas)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=max(9, rgb.shape[0] // 52))
    for mask in row.masks:
        _name(pen, font, mask, f"{mask.track} {names.get(mask.track, '')}".strip())
    return np.array(sheet)


def text(rgb: Image, lines: str, *, at: tuple[int, int], size: int = 14) -> Image:
    """Return a copy of ``rgb``, uint8 (H, W, 3), with white, dark-edged text at (x, y)."""
    sheet = Pillow.fromarray(rgb)
    font = ImageFont.load_default(size=size)
    ImageDraw.Draw(sheet).text(
        at, lines, font=font, fill=(255, 255, 255), stroke_width=2, stroke_fill=(16, 16, 16)
    )
    return np.array(sheet)


def resized(rgb: Image, *, width: int, height: int) -> Image:
    """Return ``rgb``, uint8 (H, W, 3), at another size, smoothly."""
    return np.asarray(Pillow.fromarray(rgb).resize((width, height), Pillow.Resampling.LANCZOS))


def zoomed(rgb: Image, box: Box, *, side: int) -> Image:
    """Return the square around ``box`` at twice its size as uint8 (side, side, 3), black beyond the picture."""
    reach = max(box[2] - box[0], box[3] - box[1])
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    left, top = round(x - reach), round(y - reach)
    crop = Pillow.fromarray(rgb).crop((left, top, round(x + reach), round(y + reach)))
    return np.asarray(crop.resize((side, side), Pillow.Resampling.BICUBIC))


def _fill(canvas: NDArray[np.uint8], mask: TrackMask, share: float) -> None:
    """Colour one mask on the canvas, its rim in full colour."""
    box = rle.bbox(mask.rle)
    if box is None:
        return
    x0, y0, x1, y1 = map(int, box)
    inside = rle.decode_crop(mask.rle, (x0, y0, x1, y1))
    window, shade = canvas[y0:y1, x0:x1], np.array(color(mask.track), np.float32)
    window[inside] = (window[inside] * (1 - share) + shade * share).astype(np.uint8)
    window[outline(inside)] = shade


def _name(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    mask: TrackMask,
    name: str,
) -> None:
    """Write a name above the ball."""
    box = rle.bbox(mask.rle)
    if box is not None:
        pen.text(
            ((box[0] + box[2]) / 2, box[1] - 2),
            name,
            font=font,
            anchor="ms",
            fill=(255, 255, 255),
            stroke_width=1,
            stroke_fill=(16, 16, 16),
        )
