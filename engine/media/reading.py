"""A file to pictures: exactly frames ``start`` to ``stop``. Knows seeking, and nothing of clips or catalogs.

Two ways to number frames. Without a rate they are counted from the first, which is right for every
file and reads it from the beginning. With a rate they are counted on its grid by their time stamps,
which needs a constant-rate file and begins at the keyframe before ``start``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, dropwhile, islice
from pathlib import Path
from typing import Final

import av
from av import VideoFrame
from av.container import InputContainer
from av.video.stream import VideoStream

from engine.errors import InputError, VideoError
from engine.media.colour import ToRgb
from engine.media.faults import check_readable, reading
from engine.media.timing import nearest_slot
from engine.types import Image

THREADS: Final = 2
STEP_BACK: Final = (
    16  # frames: no codec reorders further, so the second seek lands before an open group
)


def video_streams(container: InputContainer) -> list[VideoStream]:
    """Return the streams that are moving pictures: not the cover of a song."""
    cover = av.stream.Disposition.attached_pic
    return [stream for stream in container.streams.video if not stream.disposition & cover]


@contextmanager
def opened(
    path: str | Path, *, threads: int = THREADS, **options: str
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a file with its first video stream ready to decode in so many threads, and close it whatever happens.

    Raises:
        VideoError: the file is not there, not readable, no video, or has no decoder.
    """
    check_readable(Path(path))
    with (
        reading(Path(path)),
        # Titles and remarks of older cameras are in any encoding; nobody reads them here.
        av.open(str(path), options=options, metadata_errors="replace") as container,
    ):
        streams = video_streams(container)
        if not streams:
            raise VideoError(f"{path}: holds no pictures (audio only?); choose a file with video")
        stream = streams[0]
        if stream.codec_context is None:
            raise VideoError(f"{path}: no decoder for its codec; convert it to H.264 first")
        stream.codec_context.thread_count = threads
        stream.thread_type = "AUTO"
        yield container, stream


def decode(
    path: str | Path,
    *,
    start: int = 0,
    stop: int | None = None,
    rate: Fraction | None = None,
    threads: int = THREADS,
) -> Iterator[Image]:
    """Yield frames ``start`` up to ``stop`` (default: the end) as uint8 (H, W, 3) RGB, as stored.

    Two ``threads`` are sooner done, one takes a sixth less of a processor that others want too.

    Raises:
        InputError: the range is no range.
        VideoError: the file does not decode, or ends before ``stop``.
    """
    convert = ToRgb()
    for frame in frames(path, start=start, stop=stop, rate=rate, threads=threads):
        yield convert(frame)


def frames(
    path: str | Path,
    *,
    start: int = 0,
    stop: int | None = None,
    rate: Fraction | None = None,
    threads: int = THREADS,
) -> Iterator[VideoFrame]:
    """Yield the same frames as ``decode``, in the decoder's own colours.

    Raises:
        InputError: the range is no range.
        VideoError: the file does not decode, or ends before ``stop``.
    """
    if start < 0 or (stop is not None and stop < start):
        raise InputError(
            f"{path}: frames {start} to {stop} are no range; expected 0 <= start <= stop"
        )
    if start == stop:
        return
    with opened(path, threads=threads) as (container, stream):
        found = (
            _by_count(container, stream, start=start, stop=stop)
            if rate is None
            else _by_time(container, stream, rate=rate, start=start, stop=stop)
        )
        done = start
        for frame in found:
            yield frame
            done += 1
    if stop is not None and done < stop:
        raise VideoError(
            f"{path}: ends after {done} frames, {stop} were expected; it was cut or replaced since it "
            "was ingested: put the original back"
        )


def keyframes(path: str | Path, rate: Fraction) -> Iterator[tuple[int, VideoFrame]]:
    """Yield the keyframes of a constant-rate file with their numbers; nothing else is decoded.

    Raises:
        VideoError: the file does not decode, or a keyframe has no time stamp.
    """
    with opened(path) as (container, stream):
        stream.codec_context.skip_frame = "NONKEY"
        for frame in container.decode(stream):
            yield _number(frame, stream, rate), frame


def _by_count(
    container: InputContainer, stream: VideoStream, *, start: int, stop: int | None
) -> Iterator[VideoFrame]:
    """Decode from the beginning and count."""
    return islice(container.decode(stream), start, stop)


def _by_time(
    container: InputContainer, stream: VideoStream, *, rate: Fraction, start: int, stop: int | None
) -> Iterator[VideoFrame]:
    """Decode from the keyframe before ``start`` and number the frames by their time stamps.

    Raises:
        VideoError: a frame is missing, doubled or without a time stamp, so numbers would not be exact.
    """
    expected = start
    for frame in _from_keyframe(container, stream, rate=rate, start=start):
        number = _number(frame, stream, rate)
        if number < start:
            continue
        if number != expected:
            raise VideoError(
                f"{container.name}: frame {expected} is missing at {rate} frames/s (found {number}); "
                "ingest the file again to get a constant-rate working copy"
            )
        yield frame
        expected += 1
        if expected == stop:
            return


def _number(frame: VideoFrame, stream: VideoStream, rate: Fraction) -> int:
    """Return the slot of the rate's grid, counted from the stream's start, that the frame falls into."""
    if frame.pts is None or stream.time_base is None:
        raise VideoError(
            f"{stream.container.name}: a frame has no time stamp; re-mux the file to mp4"
        )
    return nearest_slot(frame.pts - (stream.start_time or 0), stream.time_base * rate)


def _from_keyframe(
    container: InputContainer, stream: VideoStream, *, rate: Fraction, start: int
) -> Iterator[VideoFrame]:
    """Decode from a keyframe at or before frame ``start``.

    Frames before the first keyframe after a seek lean on pictures that were not decoded (an open
    group), so they are dropped; where ``start`` is among them, the seek goes further back.
    """
    back = 0
    while start - back > 0 and stream.time_base is not None:
        offset = int((start - back) / (rate * stream.time_base)) + (stream.start_time or 0)
        container.seek(offset, stream=stream, backward=True)
        found = dropwhile(lambda frame: not frame.key_frame, container.decode(stream))
        first = next(found, None)
        if first is not None and _number(first, stream, rate) <= start:
            return chain([first], found)
        back = max(STEP_BACK, 2 * back)
    if back:
        container.seek(stream.start_time or 0, stream=stream, backward=True)
    return container.decode(stream)
