"""Pictures of bad frames: the truth's outline beside the found one. Knows pixels and masks, no score's meaning."""

from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image as Pillow

from engine import geometry, rle
from engine.datasets import LabelledClip, stretch
from engine.errors import EngineError
from engine.evaluation.matching import Compared
from engine.evaluation.series import RECALLED
from engine.evaluation.worst import Bad
from engine.types import RLE, Box, Image, Mask

TRUE, FOUND, STRAY = (0, 229, 255), (255, 61, 180), (255, 200, 0)
WIDE = 1120  # pixels of a frame in the page
SIDE = 168  # pixels of a closer look
ROOM = 1.8  # a closer look in diameters of what it shows
FARTHEST = 6.0  # in diameters of the ball: beyond, a closer look shows the ball alone
LEAST = 24.0  # pixels of the picture across a closer look, at least

Outline = tuple[RLE, tuple[int, int, int], int]
View = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """A bad ball, closer: an image URI and what it shows."""

    uri: str
    label: str
    track: int
    j: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A bad frame as a page shows it: the whole picture and its worst balls as image URIs."""

    bad: Bad
    uri: str
    looks: tuple[Look, ...]


def scenes(
    bad: Sequence[Bad], clips: Sequence[tuple[LabelledClip, Sequence[Compared]]]
) -> tuple[Scene, ...]:
    """Return the pictures of bad frames, read again from their clips, in the order of ``bad``.

    Stored masks are judged without their video; a frame whose picture cannot be read is left out.
    """
    known = {one.clip.id: (one, compared) for one, compared in clips}
    found = []
    for one in bad:
        with suppress(EngineError, OSError):
            found.append(_scene(one, *known[one.clip]))
    return tuple(found)


def render(rgb: Image, outlines: Sequence[Outline], *, view: View, size: tuple[int, int]) -> Image:
    """Return the part ``view`` (x0, y0, x1, y1) of ``rgb``, uint8 (H, W, 3), at ``size`` (width, height), with outlines.

    Args:
        rgb: the picture; beyond it a view shows black.
        outlines: masks with colour (R, G, B) and thickness in pixels of the result, the last on top.
        view: in whole pixels of the picture; may reach beyond it.
        size: of the result.
    """
    cut = Pillow.fromarray(rgb).crop(view)
    canvas = np.array(cut.resize(size, Pillow.Resampling.LANCZOS))
    for mask, colour, thickness in outlines:
        canvas[_rim(_seen(mask, view, size), thickness)] = colour
    return canvas


def jpeg(rgb: Image, *, quality: int = 84) -> str:
    """Return a picture, uint8 (H, W, 3), as the URI of a JPEG that holds it."""
    held = BytesIO()
    Pillow.fromarray(rgb).save(held, "JPEG", quality=quality, subsampling=0, optimize=True)
    return f"data:image/jpeg;base64,{b64encode(held.getvalue()).decode()}"


def _scene(bad: Bad, labelled: LabelledClip, compared: Sequence[Compared]) -> Scene:
    """Return the pictures of one bad frame."""
    row = next(one for one in compared if one.frame == bad.frame)
    pictures, _ = stretch(labelled, bad.frame, bad.frame + 1)
    rgb = next(pictures)
    view = _field(row, (rgb.shape[0], rgb.shape[1]))
    size = (WIDE, round(WIDE * (view[3] - view[1]) / (view[2] - view[0])))
    whole = render(rgb, _outlines(row, thickness=2), view=view, size=size)
    looks = (_look(rgb, row, one.track, one.found, one.label, j) for one, j in bad.balls)
    return Scene(bad, jpeg(whole), tuple(look for look in looks if look is not None))


def _look(
    rgb: Image, row: Compared, track: int, served: int | None, label: str, j: float
) -> Look | None:
    """Return a closer look at one ball, its own outlines thick; None where neither truth nor prediction shows it."""
    true, found = row.true.by_track().get(track), row.found.by_track().get(served or -1)
    boxes = [box for mask in (true, found) if mask and (box := rle.bbox(mask.rle))]
    if not boxes:
        return None
    own = [(true.rle, TRUE, 3)] if true else []
    own += [(found.rle, FOUND, 2)] if found else []
    shown = render(rgb, _outlines(row, thickness=1) + own, view=_view(boxes), size=(SIDE, SIDE))
    return Look(jpeg(shown), label, track, j, _mistaken(row, track, served))


def _mistaken(row: Compared, track: int, served: int | None) -> str:
    """Say which other track lies on a ball, if one does: the mask is right and the name is wrong."""
    places = [place for place, mask in enumerate(row.true.masks) if mask.track == track]
    on = [
        mask.track
        for place in places
        for mask, overlap in zip(row.found.masks, row.iou[place].tolist(), strict=True)
        if overlap > RECALLED and mask.track != served
    ]
    return f"drawn as track {on[0]}" if on else ""


def _field(row: Compared, size: tuple[int, int]) -> View:
    """Return the part of a picture of ``size`` (height, width) that holds every mask, with room, 16:9 or wider."""
    high, wide = size
    masks = [mask for side in (row.true, row.found) for mask in side.masks]
    boxes = [box for mask in masks if (box := rle.bbox(mask.rle))] or [(0.0, 0.0, wide, high)]
    x0, y0, x1, y1 = _hull(boxes)
    tall = min(high, max(1.3 * (y1 - y0), 1.3 * (x1 - x0) * 9 / 16, high / 3))
    broad = min(wide, max(1.3 * (x1 - x0), tall * 16 / 9))
    left = min(max(0.0, (x0 + x1 - broad) / 2), wide - broad)
    top = min(max(0.0, (y0 + y1 - tall) / 2), high - tall)
    return round(left), round(top), round(left + broad), round(top + tall)


def _view(boxes: Sequence[Box]) -> View:
    """Return a square around boxes; around the first alone where the other lies far away."""
    both = _hull(boxes)
    ball = max(geometry.width(boxes[0]), geometry.height(boxes[0]))
    box = both if max(geometry.width(both), geometry.height(both)) < FARTHEST * ball else boxes[0]
    half = max(LEAST, ROOM * max(geometry.width(box), geometry.height(box))) / 2
    x, y = geometry.center(box)
    left, top, side = round(x - half), round(y - half), round(2 * half)
    return left, top, left + side, top + side


def _hull(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around all."""
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def _outlines(row: Compared, *, thickness: int) -> list[Outline]:
    """Return the truth's outlines, a little wider, under the found ones; masks that lie on no ball stand out."""
    touching = {place for _, place in np.argwhere(row.iou > 0).tolist()}
    return [(mask.rle, TRUE, thickness + 1) for mask in row.true.masks] + [
        (mask.rle, FOUND if place in touching else STRAY, thickness)
        for place, mask in enumerate(row.found.masks)
    ]


def _seen(mask: RLE, view: View, size: tuple[int, int]) -> Mask:
    """Return a mask as the view shows it, bool of ``size``."""
    high, wide = mask.size
    x0, y0, x1, y1 = max(0, view[0]), max(0, view[1]), min(wide, view[2]), min(high, view[3])
    shown = np.zeros((view[3] - view[1], view[2] - view[0]), np.uint8)
    if x0 < x1 and y0 < y1:
        inside = rle.decode_crop(mask, (x0, y0, x1, y1))
        shown[y0 - view[1] : y1 - view[1], x0 - view[0] : x1 - view[0]] = inside
    return np.asarray(Pillow.fromarray(shown).resize(size, Pillow.Resampling.NEAREST), bool)


def _rim(mask: Mask, thickness: int) -> Mask:
    """Return the inner rim of a mask, bool (h, w)."""
    inner = mask
    for _ in range(thickness):
        padded = np.pad(inner, 1)
        inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:] & inner
    return mask & ~inner
