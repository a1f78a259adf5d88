"""Segmentations as COCO's JSON writes them, to masks: run lengths packed or plain, and polygons. Knows no file.

Polygons become pixels by the rule of pycocotools, which everybody compares with.
"""

from typing import Any

from pycocotools import mask as coco

from engine import rle
from engine.errors import InputError
from engine.types import RLE


def mask_of(said: object, size: tuple[int, int]) -> RLE | None:
    """Return the mask of a segmentation on pictures of ``size`` (height, width); None for null and for no polygon.

    Raises:
        InputError: it is no segmentation, or not one of such pictures.
    """
    match said:
        case None | []:
            return None
        case {"counts": list() as counts}:
            return _plain(counts, _size_of(said, size))
        case {"counts": str() | bytes()}:
            mask = rle.from_coco(said)
            if mask.size != size:
                raise InputError(
                    f"run lengths of {mask.size} (height, width), its pictures are {size}"
                )
            return mask
        case list():
            return _polygons(said, size)
    raise InputError(f"expected run lengths, polygons or null, got {str(said)[:80]}")


def _size_of(said: Any, size: tuple[int, int]) -> tuple[int, int]:
    """Return ``size``, which is what run lengths must say."""
    if said.get("size") != list(size):
        raise InputError(
            f"run lengths of {said.get('size')} (height, width), its pictures are {size}"
        )
    return size


def _plain(counts: list[Any], size: tuple[int, int]) -> RLE:
    """Return the mask of run lengths that are not packed."""
    if not all(isinstance(run, int) and run >= 0 for run in counts):
        raise InputError(f"expected run lengths from 0 up, got {str(counts)[:80]}")
    high, wide = size
    if sum(counts) != high * wide:
        raise InputError(f"run lengths cover {sum(counts)} pixels, the picture has {high} x {wide}")
    return _packed(coco.frPyObjects({"counts": counts, "size": list(size)}, high, wide))


def _polygons(said: list[Any], size: tuple[int, int]) -> RLE:
    """Return the union of polygons, each x0, y0, x1, y1, ... in pixels."""
    high, wide = size
    for polygon in said:
        if not isinstance(polygon, list) or len(polygon) < 6 or len(polygon) % 2:
            raise InputError(f"expected a polygon of 3 points or more, got {str(polygon)[:80]}")
        for number, most in zip(polygon, (wide, high) * (len(polygon) // 2), strict=True):
            if not _near(number, most):
                raise InputError(
                    f"a polygon has the coordinate {number!r}, its pictures are {wide} x {high}; expected pixels"
                )
    return _packed(coco.merge(coco.frPyObjects(said, high, wide)))


def _near(number: object, most: int) -> bool:
    """Return whether a coordinate is within one picture of the picture: far ones would fill the memory."""
    if not isinstance(number, int | float) or isinstance(number, bool):
        return False
    return -most <= number <= 2 * most


def _packed(said: Any) -> RLE:
    """Return what pycocotools packed, in the one form that equal masks share."""
    mask = rle.from_coco({"size": [int(n) for n in said["size"]], "counts": said["counts"]})
    return rle.subtract(mask, rle.empty(mask.size))
