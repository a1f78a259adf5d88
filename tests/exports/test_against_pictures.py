"""Pictures of a dataset are compared with the recording where a JPEG says what it shows: not beyond its edge."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.ports import ExportItem
from engine.types import FrameBatch
from exports.checks.against_pictures import check_pictures
from exports.masks import ClipMasks, read_masks
from exports.notes import Notes
from exports.registry import exporter

Make = Callable[..., ExportItem]


def edged(high: int, wide: int) -> np.ndarray:
    """Return RGB uint8 (high, wide, 3) that ends in a bright line at the foot and at the right."""
    rows, columns = np.mgrid[:high, :wide]
    rgb = np.stack([40 + rows % 90, 60 + columns % 80, np.full((high, wide), 70)], axis=-1)
    rgb[-1], rgb[:, -1] = 250, 250
    return rgb.astype(np.uint8)


@pytest.fixture
def masks(make_item: Make) -> ClipMasks:
    return read_masks(make_item(frames=9), min_area=20, sparse=True, notes=Notes())


def written(tmp_path: Path, masks: ClipMasks, rgb: np.ndarray) -> list[str]:
    """Write one picture for each frame and compare it with ``rgb``."""
    made = exporter("sav").format
    places = made.pictures(masks.clip, step=1)
    for number in range(masks.clip.frames):
        path = tmp_path / places.name(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(edged(*masks.size)).save(path, quality=95)
    frames = [FrameBatch(number, rgb[None]) for number in range(masks.clip.frames)]
    return list(check_pictures(tmp_path, made, masks, frames))


@pytest.mark.parametrize("size", [(64, 96), (68, 96), (90, 161), (67, 101), (5, 90), (3, 3)])
def test_a_bright_line_at_the_edge_is_no_difference(
    size: tuple[int, int], masks: ClipMasks, tmp_path: Path
) -> None:
    masks = replace(masks, clip=replace(masks.clip, height=size[0], width=size[1]))
    assert written(tmp_path, masks, edged(*size)) == []


def test_a_block_that_differs_next_to_the_edge_is_told(masks: ClipMasks, tmp_path: Path) -> None:
    masks = replace(masks, clip=replace(masks.clip, height=90, width=161))
    rgb = edged(90, 161)
    rgb[80:88, 152:160] += 40
    (line,) = written(tmp_path, masks, rgb)
    assert "differs from frame 0" in line
