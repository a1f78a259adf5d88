"""Still pictures as files: JPEG frames, PNG masks with a palette, PNG pages. Knows no format of datasets."""

import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import simplejpeg
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
    _write(path, lambda: path.write_bytes(jpeg(rgb, quality=quality)))


def jpeg(
    rgb: Image, *, quality: int = 95, size: tuple[int, int] | None = None, halved: bool = False
) -> bytes:
    """Return ``rgb``, uint8 (H, W, 3), as JPEG, scaled to ``size`` (height, width).

    Colours keep the resolution of the picture; ``halved``, they have half of it each way (4:2:0), as nearly every video
    has them: half the time, and three quarters of the bytes.
    """
    if size is not None and size != rgb.shape[:2]:
        picture = Pillow.fromarray(rgb).resize((size[1], size[0]), Pillow.Resampling.LANCZOS)
        rgb = np.asarray(picture)
    coded: bytes = (
        simplejpeg.encode_jpeg(  # a fifth faster than Pillow, which copies the picture first
            np.ascontiguousarray(rgb),
            quality=quality,
            colorspace="RGB",
            colorsubsampling="420" if halved else "444",
            fastdct=False,
        )
    )
    return coded


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write uint8 (H, W) or (H, W, 3) as PNG; errors as for ``write_jpeg``."""
    _write(path, lambda: Pillow.fromarray(pixels).save(path, "PNG"))


def palette_png(indices: NDArray[np.uint8], palette: bytes) -> bytes:
    """Return indices, uint8 (H, W), with a palette of 768 bytes as an 8-bit PNG of mode P.

    Raises:
        InputError: the palette is shorter, which would make Pillow write fewer bits a pixel.
    """
    if len(palette) != 768:
        raise InputError(f"a palette of {len(palette)} bytes; expected 768, 256 colours of 3")
    if indices.ndim != 2:
        raise InputError(f"indices of shape {indices.shape}; expected (H, W)")
    picture = Pillow.fromarray(indices, mode="P")
    picture.putpalette(palette)
    out = BytesIO()
    # runs of one number are all that there is: twice as fast as the default, and as small
    picture.save(out, "PNG", compress_type=zlib.Z_RLE)
    return out.getvalue()


def _write(path: Path, save: Callable[[], object]) -> None:
    """Write a file, or leave none."""
    try:
        with writing(path):
            save()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
