"""Sample pictures of a dataset: a frame with its masks outlined and named by class. Knows no format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from engine.datasets.files import read_still
from engine.media.labels import label
from engine.media.paint import paint, resized
from engine.media.still import write_jpeg
from engine.types import FrameMasks, Image
from exports.files import Files
from exports.scaling import scaled_mask

Clip = TypeVar("Clip")
MOST: Final = 6
WIDEST: Final = 960  # pixels
_FILL: Final = 0.15
_LETTERS: Final = 13  # pixels


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame of a clip: ``picture`` as it lies on disk, ``row`` its masks, ``labels`` the class of each track."""

    clip: str
    picture: Path
    row: FrameMasks
    labels: Mapping[int, str]


def spread(clips: Sequence[Clip]) -> list[Clip]:
    """Return at most ``MOST`` of ``clips``, evenly from first to last."""
    if len(clips) <= MOST:
        return list(clips)
    return [clips[round(k * (len(clips) - 1) / (MOST - 1))] for k in range(MOST)]


def draw(files: Files, sample: Sample) -> str:
    """Write the picture of a sample as ``card/CLIP.jpg`` and return its name.

    Raises:
        InputError: the picture cannot be read.
        DiskFull: no room.
    """
    name = f"card/{sample.clip}.jpg"
    write_jpeg(files.path(name), _painted(read_still(sample.picture), sample), quality=88)
    files.adopt(name)
    return name


def _painted(rgb: Image, sample: Sample) -> Image:
    """Return the picture, uint8 (H, W, 3), at most ``WIDEST`` pixels wide, with its masks at the same size."""
    high, wide = rgb.shape[:2]
    scale = min(1.0, WIDEST / wide)
    size = max(1, round(high * scale)), max(1, round(wide * scale))
    small = resized(rgb, width=size[1], height=size[0])
    masks = (replace(mask, rle=scaled_mask(mask.rle, size)) for mask in sample.row.masks)
    row = FrameMasks(sample.row.frame, tuple(masks))
    return label(paint(small, row, fill=_FILL), row, sample.labels, letters=_LETTERS)
