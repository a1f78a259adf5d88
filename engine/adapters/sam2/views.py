"""Where the model looks: the whole picture, or a square window around each ball; knows no network and no tracks.

A view is a half-open box in frame pixels that the model sees as its square of S x S pixels. Windows lie on
whole pixels and may reach beyond the picture, where its edge is repeated.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as Still
from torch import Tensor
from torch.nn import functional

from engine import rle
from engine.models.windows import View, cut
from engine.types import RLE, Image


def whole(rgb: Image) -> View:
    """Return the view of the whole picture."""
    return 0, 0, rgb.shape[1], rgb.shape[0]


def contains(view: View, x: float, y: float) -> bool:
    """Return whether a place in frame pixels lies in the view."""
    return view[0] <= x < view[2] and view[1] <= y < view[3]


def touches(view: View, rgb: Image) -> bool:
    """Return whether any of the picture is in the view."""
    return view[0] < rgb.shape[1] and view[1] < rgb.shape[0] and view[2] > 0 and view[3] > 0


def shrink(rgb: Image, side: int) -> Tensor:
    """Return the whole picture as uint8 (1, 3, side, side), bicubic, as upstream's loader of JPEG folders does."""
    picture = np.asarray(Still.fromarray(rgb).resize((side, side)))
    return torch.from_numpy(picture.copy()).permute(2, 0, 1)[None]


def crop(rgb: Image, views: list[View], side: int) -> Tensor:
    """Return the windows as uint8 (V, 3, side, side)."""
    pieces = [cut(rgb, view, side) for view in views]
    return torch.stack(pieces) if pieces else torch.zeros(0, 3, side, side, dtype=torch.uint8)


def to_model(x: float, y: float, view: View, side: int) -> tuple[float, float]:
    """Return a place in frame pixels as a place in model pixels."""
    return (x - view[0]) / (view[2] - view[0]) * side, (y - view[1]) / (view[3] - view[1]) * side


def see_mask(mask: RLE, view: View, side: int) -> Tensor:
    """Return a mask as the model sees it: float 0 or 1 (1, side, side)."""
    high, wide = mask.size
    x0, y0, x1, y1 = view
    canvas = np.zeros((y1 - y0, x1 - x0), np.float32)
    box = max(0, x0), max(0, y0), min(wide, x1), min(high, y1)
    if box[0] < box[2] and box[1] < box[3]:
        part = rle.decode_crop(mask, box)
        canvas[box[1] - y0 : box[3] - y0, box[0] - x0 : box[2] - x0] = part
    seen = torch.from_numpy(canvas)[None, None]
    if seen.shape[-2:] != (side, side):
        seen = functional.interpolate(seen, (side, side), mode="bilinear", antialias=True)
    return (seen[0] >= 0.5).float()


def paint(logits: NDArray[np.float32], view: View, size: tuple[int, int]) -> RLE | None:
    """Return the mask where logits are above 0, at the picture's own resolution; None where that is nowhere.

    Args:
        logits: float32 (h, w), spread over the view.
        view: where it lies in the picture.
        size: (height, width) of the picture.
    """
    rows, columns = np.nonzero(logits > 0)
    if not len(rows):
        return None
    down = _span(int(rows.min()), int(rows.max()), logits.shape[0], (view[1], view[3]), size[0])
    right = _span(
        int(columns.min()), int(columns.max()), logits.shape[1], (view[0], view[2]), size[1]
    )
    fine = _between(_between(logits, down, (view[1], view[3])).T, right, (view[0], view[2])).T > 0
    if not fine.any():
        return None
    return rle.encode(fine, origin=(right.start, down.start), size=size)


def _span(first: int, last: int, cells: int, edge: tuple[int, int], limit: int) -> range:
    """Return the pixels of the picture that cells ``first`` to ``last`` and their neighbours touch."""
    scale = (edge[1] - edge[0]) / cells
    low = int(edge[0] + (first - 1) * scale) - 1
    high = int(edge[0] + (last + 2) * scale) + 2
    start = min(limit, max(0, edge[0], low))
    return range(start, max(start, min(limit, edge[1], high)))


def _between(
    values: NDArray[np.float32], pixels: range, edge: tuple[int, int]
) -> NDArray[np.float32]:
    """Interpolate rows of ``values`` at the centres of ``pixels``, as torch does without aligned corners."""
    scale = np.float32(len(values) / (edge[1] - edge[0]))
    place = (np.arange(pixels.start, pixels.stop, dtype=np.float32) - edge[0] + 0.5) * scale - 0.5
    place = np.clip(place, 0, len(values) - 1).astype(np.float32)
    below = place.astype(np.int64)
    above = np.minimum(below + 1, len(values) - 1)
    part = (place - below)[:, None]
    mixed: NDArray[np.float32] = values[below] * (1 - part) + values[above] * part
    return mixed
