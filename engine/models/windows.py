"""The square window around a ball, cut and scaled the same way in training and in use; knows no network.

A view is a half-open box on whole frame pixels that the model sees as its square of S x S pixels. It may
reach beyond the picture, where the picture's edge is repeated.
"""

from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine import geometry
from engine.types import Box, Image

View: TypeAlias = tuple[int, int, int, int]


def window(box: Box, *, context: float, least: int = 24) -> View:
    """Return the square around a ball's box, ``context`` times its longer side, at least ``least`` pixels."""
    side = max(least, round(context * max(geometry.width(box), geometry.height(box))))
    x, y = geometry.center(box)
    left, top = round(x - side / 2), round(y - side / 2)
    return left, top, left + side, top + side


def cut(rgb: Image, view: View, side: int) -> Tensor:
    """Return a window of ``rgb``, uint8 (H, W, 3), as uint8 (3, side, side), smoothed where it shrinks."""
    return fit(piece(rgb, view), side)


def fit(pixels: Image, side: int) -> Tensor:
    """Return a square of pixels, uint8 (n, n, 3), as uint8 (3, side, side), smoothed where it shrinks."""
    square = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)
    if square.shape[1] == side:
        return square
    return functional.interpolate(
        square[None], (side, side), mode="bilinear", antialias=square.shape[1] > side
    )[0]


def piece(rgb: Image, view: View) -> Image:
    """Return the pixels of a view, the picture's edge repeated beyond it."""
    high, wide = rgb.shape[:2]
    x0, y0, x1, y1 = view
    if x0 >= 0 and y0 >= 0 and x1 <= wide and y1 <= high:
        return rgb[y0:y1, x0:x1]
    rows = np.clip(np.arange(y0, y1), 0, high - 1)
    columns = np.clip(np.arange(x0, x1), 0, wide - 1)
    edge: Image = rgb[rows[:, None], columns]
    return edge
