"""Still pictures as files: JPEG frames, PNG masks with a palette, PNG pages. Knows no format of datasets."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from engine.errors import InputError
from engine.media.faults import writing
from engine.types import Image

# ultralytics, once imported, lets Pillow look for a reader of HEIF pictures that is not installed.
# A damaged PNG makes it raise SyntaxError, a size that is a bomb its own error.
UNREADABLE = (
    UnidentifiedImageError,
    Pillow.DecompressionBombError,
    OSError,
    ImportError,
    SyntaxError,
    ValueError,
)
"""What opening or decoding a damaged picture raises."""


def write_jpeg(path: Path, rgb: Image, *, quality: int = 95) -> None:
    """Write ``rgb``, uint8 (H, W, 3), as JPEG; the same pixels give the same bytes.

    Raises:
        DiskFull: no room; nothing is left at ``path``.
        InputError: the folder is not there, or not writable.
    """
    _write(path, lambda: Pillow.fromarray(rgb).save(path, "JPEG", quality=quality, subsampling=0))


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write uint8 (H, W) or (H, W, 3) as PNG; errors as for ``write_jpeg``."""
    _write(path, lambda: Pillow.fromarray(pixels).save(path, "PNG"))


def write_palette_png(path: Path, indices: NDArray[np.uint8], palette: bytes) -> None:
    """Write indices, uint8 (H, W), with a palette of 768 bytes as an 8-bit PNG of mode P.

    Raises:
        InputError: the palette is shorter, which would make Pillow write fewer bits a pixel.
        DiskFull: no room; nothing is left at ``path``.
    """
    if len(palette) != 768:
        raise InputError(
            f"{path}: a palette of {len(palette)} bytes; expected 768, 256 colours of 3"
        )
    picture = Pillow.fromarray(indices, mode="P") if indices.ndim == 2 else None
    if picture is None:
        raise InputError(f"{path}: indices of shape {indices.shape}; expected (H, W)")
    picture.putpalette(palette)
    _write(path, lambda: picture.save(path, "PNG"))


def _write(path: Path, save: Callable[[], None]) -> None:
    """Write a file, or leave none."""
    try:
        with writing(path):
            save()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
