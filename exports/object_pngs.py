"""One PNG for each object and frame, as SA-V's validation set has them. Knows neither folders nor lists of a format.

One bit a pixel with the colours black and white: a reader gets 0 and 1, or black and white, so that ``> 0`` is the
object in all of them (a darker colour is dithered away by those that ask for black and white). Objects may overlap.
One that is not visible has a blank picture, because loaders take a missing one for "not annotated" or for an error.
"""

import zlib
from io import BytesIO
from typing import Any, Final

import numpy as np
from PIL import Image

from engine import rle
from engine.errors import ExportError
from engine.types import RLE
from exports.files import Files
from exports.masks import ClipMasks

MOST_OBJECTS: Final = 1000
"""Folders are named by three digits."""

_BLACK_AND_WHITE: Final = bytes([0, 0, 0, 255, 255, 255])


def object_png(mask: RLE) -> bytes:
    """Return a mask as a PNG of mode P with one bit a pixel; the same mask gives the same bytes."""
    pixels = np.zeros(mask.size, np.uint8)
    if (box := rle.bbox(mask)) is not None:
        x0, y0, x1, y1 = map(int, box)
        pixels[y0:y1, x0:x1] = rle.decode_crop(mask, (x0, y0, x1, y1))
    picture = Image.fromarray(pixels, mode="P")
    picture.putpalette(_BLACK_AND_WHITE)
    out = BytesIO()
    picture.save(out, "PNG", bits=1, compress_type=zlib.Z_RLE)
    return out.getvalue()


def write_objects(masks: ClipMasks, files: Files, folder: str) -> None:
    """Write ``FOLDER/OBJECT/FRAME.png`` for every object and annotated frame, objects counted from 000.

    Raises:
        ExportError: a mask is not of the pictures' size.
    """
    nothing = rle.empty(masks.size)
    for number, track in enumerate(masks.tracks):
        drawn, data = nothing, object_png(nothing)
        for row in masks.rows:
            mask = row.by_track().get(track.id)
            shown = mask.rle if mask is not None else nothing
            if shown.size != masks.size:
                raise ExportError(
                    f"{masks.clip.id}: track {track.id} has a mask of {shown.size}, expected {masks.size}"
                )
            if shown != drawn:  # a ball at rest, or away, is drawn once
                drawn, data = shown, object_png(shown)
            files.write(f"{folder}/{number:03d}/{row.frame:05d}.png", data)


def objects_of(masks: ClipMasks) -> dict[str, Any]:
    """Return the track and class of every object, by its number."""
    return {
        str(number): {"track": track.id, "label": track.label}
        for number, track in enumerate(masks.tracks)
    }


def too_many(masks: ClipMasks) -> str:
    """Return why folders of three digits cannot hold the clip's objects, "" when they can or there is none."""
    if not masks.tracks:
        return "no ball on any frame"
    if len(masks.tracks) > MOST_OBJECTS:
        return f"{len(masks.tracks)} balls, folders of three digits hold {MOST_OBJECTS}"
    return ""
