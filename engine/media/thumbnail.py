"""Small pictures of large ones, as JPEG. Knows one size, and no file."""

from typing import Final

from engine.media.still import jpeg
from engine.types import Image

WIDTH: Final = 320


def thumbnail(rgb: Image) -> bytes:
    """Return ``rgb``, uint8 (H, W, 3), as JPEG of ``WIDTH`` pixels, or of its own width where that is less."""
    height, width, _ = rgb.shape
    scale = min(1.0, WIDTH / width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return jpeg(rgb, quality=80, size=size, halved=True)
