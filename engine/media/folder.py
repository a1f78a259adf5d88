"""A folder of numbered pictures to frames: frame k is the picture that is named k. Knows no clip and no dataset."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from engine.errors import VideoError
from engine.media.still import UNREADABLE
from engine.types import Image

ENDINGS = (".jpg", ".png")


def decode_folder(folder: Path, *, start: int, stop: int) -> Iterator[Image]:
    """Yield pictures ``start`` up to ``stop`` of a folder of 00000.jpg and so on, as uint8 (H, W, 3) RGB.

    Raises:
        VideoError: a picture is missing or damaged.
    """
    if start == stop:
        return
    ending = _ending(folder, start)
    for number in range(start, stop):
        yield _picture(folder / f"{number:05d}{ending}")


def _ending(folder: Path, number: int) -> str:
    """Return how the names of the pictures end."""
    for ending in ENDINGS:
        if (folder / f"{number:05d}{ending}").is_file():
            return ending
    name = f"{number:05d}.jpg"
    raise VideoError(
        f"{folder / name}: this picture is missing; put it back, or import the dataset it came from again"
    )


def _picture(path: Path) -> Image:
    """Read one picture.

    Raises:
        VideoError: there is none, or it is damaged.
    """
    if not path.is_file():
        raise VideoError(
            f"{path}: this picture is missing; put it back, or import the dataset it came from again"
        )
    try:
        with Pillow.open(path) as opened:
            rgb: Image = np.asarray(opened.convert("RGB"))
            return rgb
    except UNREADABLE as error:
        raise VideoError(
            f"{path}: not readable as a picture ({error}); put the original back, or import its dataset again"
        ) from error
