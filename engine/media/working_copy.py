"""A constant-rate H.264 copy of a video that cannot be used as it is. Decides nothing: it is told the mapping."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from engine.errors import VideoError
from engine.media.colour import ToRgb
from engine.media.display import display_of, even, pad_even
from engine.media.reading import opened
from engine.media.scanning import Progress, silent
from engine.media.writing import VideoWriter
from engine.types import Image


def write_working_copy(
    source: Path,
    out: Path,
    *,
    rate: Fraction,
    frame_map: Sequence[int],
    progress: Progress = silent,
) -> None:
    """Write slot k of the copy with the source's picture ``frame_map[k]``, upright, square, even.

    The map does not decrease. The copy appears under its name when it is complete.

    Raises:
        VideoError: the source does not decode as far as the map reaches.
        DiskFull: no room; nothing is left of the copy.
    """
    times, total = Counter(frame_map), len(frame_map)
    with opened(source) as (container, stream):
        frames = enumerate(container.decode(stream))
        number, frame = next(frames, (0, None))
        if frame is None:
            raise VideoError(f"{source}: holds no pictures")
        display = display_of(frame, pixel_aspect=stream.sample_aspect_ratio)
        width, height = display.size(frame.width, frame.height)
        wide, convert = display.stretched_width(frame.width), ToRgb()
        with VideoWriter(out, width=even(width), height=even(height), rate=rate) as writer:
            while frame is not None and writer.frames < total:
                if times[number]:
                    picture = pad_even(display.turn(convert(frame, width=wide)))
                    _repeat(writer, picture, times[number])
                    progress(writer.frames, total)
                number, frame = next(frames, (number, None))
            _refuse_short(source, writer.frames, total)


def _repeat(writer: VideoWriter, picture: Image, times: int) -> None:
    """Write the same picture into as many slots as it is shown."""
    for _ in range(times):
        writer.write(picture)


def _refuse_short(source: Path, written: int, total: int) -> None:
    """Refuse to finish a copy that is shorter than its map."""
    if written < total:
        raise VideoError(
            f"{source}: gave pictures for {written} of {total} frames; it changed while it was read: "
            "ingest it again"
        )
