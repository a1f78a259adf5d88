"""Single pictures of a clip for the browser. Knows the source of pictures, and no browser copy."""

from contextlib import closing

from engine.errors import InputError
from engine.media.still import jpeg
from engine.ports import FrameSource
from engine.types import Clip

QUALITY = 85


def picture(source: FrameSource, clip: Clip, frame: int) -> bytes:
    """Return a frame as JPEG.

    Raises:
        InputError: the clip has no such frame.
        VideoError: it cannot be read.
    """
    if not 0 <= frame < clip.frames:
        raise InputError(f"frame {frame}: clip {clip.id} has 0 to {clip.frames - 1}")
    with closing(source.batches(clip, size=1, start=frame, stop=frame + 1)) as batches:  # type: ignore[type-var]  # it is a generator
        return jpeg(next(batches).rgb[0], quality=QUALITY, halved=True)
