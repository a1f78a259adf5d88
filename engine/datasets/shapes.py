"""Shapes that people draw in annotation tools, to masks: polygons, ellipses, run lengths by row, pictures of masks. Knows no tool.

A pixel belongs to a polygon by the rule of pycocotools, and to an ellipse when its centre lies inside.
"""

import math
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image as Pillow

from engine import rle
from engine.datasets.segmentation import mask_of
from engine.errors import InputError
from engine.media.still import UNREADABLE
from engine.types import RLE, Mask

HALF = 127
"""Above this a pixel of a painted mask, 0 to 255, is more inside than outside."""

_FAR = 1 << 20


def polygon(points: Sequence[tuple[float, float]], size: tuple[int, int]) -> RLE:
    """Return the mask of a polygon of (x, y) in pixels on a picture of ``size`` (height, width).

    Raises:
        InputError: fewer than three points, or one far outside the picture.
    """
    found = mask_of([[float(number) for point in points for number in point]], size)
    return found or rle.empty(size)


def ellipse(
    centre: tuple[float, float],
    radii: tuple[float, float],
    size: tuple[int, int],
    *,
    degrees: float = 0.0,
) -> RLE:
    """Return the mask of an ellipse around (x, y) with ``radii`` (along x, along y), turned clockwise by ``degrees``.

    Raises:
        InputError: a number is none, or a radius is not positive.
    """
    numbers = (*centre, *radii, degrees)
    if not all(math.isfinite(n) and abs(n) < _FAR for n in numbers) or min(radii) <= 0:
        raise InputError(f"an ellipse at {centre} with radii {radii}: expected positive numbers")
    (high, wide), reach = size, max(radii) + 1
    x0, x1 = _between(centre[0] - reach, wide), _between(centre[0] + reach + 1, wide)
    y0, y1 = _between(centre[1] - reach, high), _between(centre[1] + reach + 1, high)
    if x0 >= x1 or y0 >= y1:
        return rle.empty(size)
    rows, columns = np.mgrid[y0:y1, x0:x1]
    right, down = columns + 0.5 - centre[0], rows + 0.5 - centre[1]
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    along, across = right * cosine + down * sine, down * cosine - right * sine
    inside = (along / radii[0]) ** 2 + (across / radii[1]) ** 2 <= 1
    return rle.encode(inside, origin=(x0, y0), size=size)


def row_runs(runs: Sequence[int], box: tuple[int, int, int, int], size: tuple[int, int]) -> RLE:
    """Return the mask of run lengths along the rows of ``box`` (left, top, width, height), background first.

    Raises:
        InputError: the runs do not fill the box, or it reaches beyond the picture.
    """
    left, top, wide, high = box
    if min(runs, default=0) < 0 or sum(runs) != wide * high or min(wide, high) < 1:
        raise InputError(
            f"run lengths cover {sum(runs)} pixels, expected {wide} x {high} of their box"
        )
    inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(high, wide)
    return placed(inside, (left, top), size)


def picture(encoded: str, size: tuple[int, int], *, origin: tuple[int, int] = (0, 0)) -> RLE:
    """Return the mask that a PNG in base64, or a data URL of one, shows at ``origin`` (x, y).

    What is seen through is outside; of pictures without transparency everything that is not black is inside.

    Raises:
        InputError: it is no picture, or reaches beyond ``size`` (height, width).
    """
    try:
        data = b64decode(encoded.rpartition(",")[2], validate=True)
        with Pillow.open(BytesIO(data)) as opened:
            if opened.width > size[1] or opened.height > size[0]:
                raise InputError(
                    f"a mask of {opened.width} x {opened.height}, larger than its picture"
                )
            return placed(_inside(opened), origin, size)
    except (NoBase64, *UNREADABLE) as error:
        raise InputError(f"a mask that is no PNG in base64 ({error})") from error


def placed(inside: Mask, origin: tuple[int, int], size: tuple[int, int]) -> RLE:
    """Return the mask ``inside``, bool (h, w), at ``origin`` (x, y) of a picture; errors as for ``rle.encode``."""
    return rle.encode(inside, origin=origin, size=size)


def _inside(opened: Pillow.Image) -> Mask:
    """Return what a picture of a mask marks, bool (h, w)."""
    if opened.mode in ("1", "L", "P", "I", "I;16"):
        return np.asarray(np.asarray(opened) > 0, np.bool_)
    pixels = np.asarray(opened.convert("RGBA"))
    alpha: Mask = pixels[..., 3] > HALF
    return np.asarray(pixels[..., :3].any(axis=2), np.bool_) if alpha.all() else alpha


def _between(number: float, most: int) -> int:
    """Return a whole number from 0 up to ``most``."""
    return min(most, max(0, math.floor(number)))
