"""The FrameSource over videos, which PyAV decodes, and folders of pictures. Knows clips; refuses to know models and catalogs."""

from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from engine.errors import InputError, VideoError
from engine.media.ahead import ahead
from engine.media.folder import decode_folder
from engine.media.reading import THREADS, decode
from engine.types import Clip, FrameBatch, Image

AHEAD: Final = 2  # batches: one waiting and one being made keep a model busy; more is only memory


class PyavFrameSource:
    """Reads clips from constant-rate files or folders of pictures: frame k of a clip is frame ``clip.start + k`` there."""

    def __init__(self, *, threads: int = THREADS) -> None:
        """Decode videos in so many threads."""
        self._threads = threads

    def batches(
        self, clip: Clip, *, size: int = 4, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameBatch]:
        """Yield frames ``start`` up to ``stop`` (default: the end) in order, ``size`` at a time.

        Decoding runs in a thread at most two batches ahead; it ends when the generator is closed.

        Raises:
            InputError: the range is not inside the clip, or ``size`` is not positive.
            VideoError: the media is gone, was replaced, does not decode, or is shorter than the clip says.
        """
        end = clip.frames if stop is None else stop
        if size < 1 or not 0 <= start <= end <= clip.frames:
            raise InputError(
                f"clip {clip.id}: cannot read frames {start} to {end} by {size}; it has {clip.frames} frames"
            )
        make = partial(_batches, clip, size=size, start=start, stop=end, threads=self._threads)
        yield from ahead(make, depth=AHEAD)


def _batches(
    clip: Clip, *, size: int, start: int, stop: int, threads: int
) -> Generator[FrameBatch, None, None]:
    """Decode and stack; runs in the background thread."""
    pictures = _decoded(clip, clip.start + start, clip.start + stop, threads)
    for first in range(start, stop, size):
        rgb = np.empty((min(size, stop - first), clip.height, clip.width, 3), np.uint8)
        for slot in rgb:
            slot[...] = _checked(clip, next(pictures))
        yield FrameBatch(first, rgb)


def _decoded(clip: Clip, start: int, stop: int, threads: int) -> Iterator[Image]:
    """Yield frames ``start`` up to ``stop`` of the clip's media."""
    media = Path(clip.media)
    if media.is_dir():
        return decode_folder(media, start=start, stop=stop)
    return decode(clip.media, start=start, stop=stop, rate=clip.rate, threads=threads)


def _checked(clip: Clip, picture: Image) -> Image:
    """Return the picture when it has the clip's size.

    Raises:
        VideoError: it has another one, so the media is not what was ingested.
    """
    height, width, _ = picture.shape
    if (width, height) != (clip.width, clip.height):
        raise VideoError(
            f"{clip.media}: pictures are {width}x{height}, clip {clip.id} was ingested with "
            f"{clip.width}x{clip.height}; the file was replaced: put the original back or ingest it anew"
        )
    return picture
