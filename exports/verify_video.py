"""Does frame k of the video show what picture k shows, at a constant rate? Yields failures in words.

Both went through a lossy codec, so they are compared by the mean brightness of cells of a coarse grid: noise and edges
vanish there, a shifted, turned or foreign frame does not.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import VideoError
from engine.media import decode, probe
from engine.media.still import UNREADABLE

GRID = (32, 18)
MEAN_APART, CELL_APART = (
    6.0,
    16.0,
)  # grey levels of 255; on real tables 1.3 and 3 where frames agree


def check_video(
    video: Path, pictures: Path, *, frames: int, size: tuple[int, int]
) -> Iterator[str]:
    """Compare ``video`` with ``frames`` pictures 00000.jpg, ... of ``size`` (height, width)."""
    try:
        facts = probe(video)
        seen = (facts.frames, (facts.height, facts.width))
        if seen != (frames, size):
            yield f"{video}: {seen[0]} frames of {seen[1]}, {frames} pictures of {size}"
            return
        if not facts.is_cfr or facts.edit_list:
            yield f"{video}: {facts.is_cfr = }, {facts.edit_list = }; loaders count frames at a constant rate"
        for number, shown in enumerate(decode(video)):
            path = pictures / f"{number:05d}.jpg"
            mean, cell = _apart(Image.fromarray(shown), path)
            if mean > MEAN_APART or cell > CELL_APART:
                yield f"{path}: differs from frame {number} of {video.name} by {mean:.0f}, in a cell by {cell:.0f}"
                return
    except (VideoError, *UNREADABLE) as error:
        yield str(error)


def _apart(frame: Image.Image, path: Path) -> tuple[float, float]:
    """Return by how many grey levels two pictures differ, on average and in the worst cell."""
    with Image.open(path) as picture:
        difference = np.abs(_coarse(picture) - _coarse(frame))
    return float(difference.mean()), float(difference.max())


def _coarse(picture: Image.Image) -> NDArray[np.float32]:
    """Return the mean brightness of the cells of the grid, float32 (18, 32), 0..255."""
    small = picture.convert("L").resize(GRID, Image.Resampling.BOX)
    return np.asarray(small, np.float32)
