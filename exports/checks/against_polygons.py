"""Do YOLO's polygons hold the masks of the database? They tell no ball from another of its class: pixels decide which is which.

Knows lines of labels and data.yaml.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine import rle
from engine.errors import InputError
from engine.types import RLE, FrameMasks
from exports.masks import ClipMasks
from exports.polygons import filled


def check_polygons(path: Path, masks: ClipMasks) -> Iterator[str]:
    """Compare the labels of every picture of a clip with its masks, pixel by pixel.

    Raises:
        InputError: a file of labels, or data.yaml, is not readable.
    """
    names, clip = _names(path / "data.yaml"), masks.clip
    labels = {track.id: track.label for track in masks.tracks}
    for row in masks.rows:
        file = path / "labels" / clip.split / f"{clip.id}_{row.frame:05d}.txt"
        yield from _check_row(clip.id, row, labels, _drawn(file, names, masks.size))


def _check_row(
    name: str, row: FrameMasks, labels: Mapping[int, str], drawn: list[tuple[str, RLE]]
) -> Iterator[str]:
    """Compare one frame; masks of one class that are equal are one polygon."""
    left = list(drawn)
    for mask in row.masks:
        same = [one for one in drawn if one[0] == labels[mask.track]]
        if not same:
            yield f"{name}: frame {row.frame}, track {mask.track}: no polygon of class {labels[mask.track]!r}"
            continue
        best = max(same, key=lambda one: rle.iou(one[1], mask.rle))
        left = [one for one in left if one is not best]
        both = rle.intersection(best[1], mask.rle)
        if pixels := rle.area(best[1]) + rle.area(mask.rle) - 2 * both:
            yield f"{name}: frame {row.frame}, track {mask.track}: {pixels} pixels differ"
    for label, extra in left:
        yield f"{name}: frame {row.frame}: a polygon of class {label!r} at {rle.bbox(extra)} is no mask"


def _names(file: Path) -> dict[int, str]:
    """Return the classes by number."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - comes with ultralytics, without types

    try:
        said: Any = yaml.safe_load(file.read_text())["names"]
        pairs = said.items() if isinstance(said, dict) else enumerate(said)
        return {int(number): str(name) for number, name in pairs}
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise InputError(f"{file}: names no classes ({error}); export it again") from error


def _drawn(file: Path, names: Mapping[int, str], size: tuple[int, int]) -> list[tuple[str, RLE]]:
    """Return class and pixels of each polygon of a picture."""
    scale = np.array([size[1], size[0]], np.float64)
    found = []
    try:
        for line in file.read_text().splitlines():
            number, *points = line.split()
            polygon = np.array(points, np.float64).reshape(-1, 2) * scale
            low = np.clip(np.floor(polygon.min(axis=0)), 0, scale).astype(int)
            high = np.clip(np.ceil(polygon.max(axis=0)), low, scale).astype(int)
            inside = filled(polygon - low, (int(high[1] - low[1]), int(high[0] - low[0])))
            mask = rle.encode(inside, origin=(int(low[0]), int(low[1])), size=size)
            found.append((names[int(number)], mask))
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{file}: no labels of YOLO ({error!r}); export it again") from error
    return found
