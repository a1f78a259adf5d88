"""The browser's copy of a clip: frame k of the copy is frame k of the clip. Knows encoders; refuses to know servers and where copies lie.

A browser steps and seeks quickly where keyframes are close together and no picture waits for a later one. Its pictures have
to be those that the models see: the size is that of the clip (an odd one gets one more row or column), nothing is turned,
and the tags make a browser compute the same colours.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import Final

import av
from av import VideoFrame
from av.video.frame import PictureType
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    VideoReformatter,
)

from engine.media.colour import FromRgb, ToRgb, matrix_of, range_of, tag_bt709
from engine.media.cutting import FORMATS, cut_stream
from engine.media.display import even, pad_even
from engine.media.faults import reading
from engine.media.folder import decode_folder
from engine.media.reading import THREADS, frames, opened
from engine.media.scanning import Progress, silent
from engine.media.writing import VideoWriter
from engine.types import Clip, Image

KEYFRAMES: Final = 12
"""Frames from one keyframe to the next: half of them are decoded for a step back or a jump, some 20 ms at 1080p."""

PRESET, CRF = "ultrafast", 20
MATRICES: Final = {Colorspace.ITU709: 1, Colorspace.ITU601: 6}
"""Numbers of the matrices (ITU-T H.273, table 4) that every browser knows."""


class _Stopped(Exception):  # noqa: N818 - no fault: somebody asked for it
    """The copy is not wanted any more."""


def write_page_copy(
    clip: Clip,
    out: Path,
    *,
    progress: Progress = silent,
    stop: Callable[[], bool] = lambda: False,
    threads: int = THREADS,
) -> bool:
    """Write the copy, which appears under its name when it is complete; return False, leaving nothing, where ``stop`` said so.

    The recording's own packets are taken where they are the clip's pictures and their keyframes are close.

    Raises:
        VideoError: the clip's media is gone, does not decode, or is shorter than the clip says.
        DiskFull: no room; nothing is left of the copy.
    """
    if stop():
        return False
    if not Path(clip.media).is_dir() and _cut(clip, out):
        progress(clip.frames, clip.frames)
        return True
    with suppress(_Stopped):
        _encode(clip, out, progress=progress, stop=stop, threads=threads)
        return True
    return False


def _cut(clip: Clip, out: Path) -> bool:
    """Copy the clip's packets; say whether that is as good as a new encoding."""
    source = Path(clip.media)
    first = next(frames(source, start=clip.start, stop=clip.start + 1, rate=clip.rate))
    if not _shown_as_decoded(source, first):
        return False
    part = out.with_name(f"{out.stem}.cut.mp4")
    try:
        found = cut_stream(source, part, start=clip.start, frames=clip.frames, rate=clip.rate)
        if found and _widest_gap(part, clip.frames) <= KEYFRAMES + 3:
            part.replace(out)
            return True
        return False
    finally:
        part.unlink(missing_ok=True)


def _shown_as_decoded(source: Path, first: VideoFrame) -> bool:
    """Say whether browsers show the stream with the size and in the colours in which it is decoded here.

    Chromium 156 takes BT.601 for the matrix where matrix or primaries are not tagged, so half a tag is none.
    """
    with opened(source) as (_, stream):
        aspect = stream.sample_aspect_ratio
    tags = first.colorspace, first.color_primaries, first.color_trc
    return (
        tags == (Colorspace.ITU709, ColorPrimaries.BT709, ColorTrc.BT709)
        and not first.rotation
        and aspect in (None, 0, 1)  # nothing said, or square
    )


def _widest_gap(path: Path, end: int) -> int:
    """Return the most frames from one keyframe of a file to the next, or to its end."""
    with opened(path) as (container, stream), reading(path):
        keys = [n for n, packet in enumerate(container.demux(stream)) if packet.is_keyframe]
    return max(after - before for before, after in pairwise([*keys, end]))


def _encode(
    clip: Clip, out: Path, *, progress: Progress, stop: Callable[[], bool], threads: int
) -> None:
    """Encode the clip's pictures, quickly."""
    pictures = _pictures(clip, threads)
    first = next(pictures)
    with VideoWriter(
        out,
        width=even(clip.width),
        height=even(clip.height),
        rate=clip.rate,
        crf=CRF,
        preset=PRESET,
        keyframes=KEYFRAMES,
        tag=partial(_tag, first),
    ) as writer:
        for frame in chain([first], pictures):
            if stop():
                raise _Stopped
            frame.pict_type = PictureType.NONE  # the encoder would repeat the recording's keyframes
            writer.write_frame(frame)
            progress(writer.frames, clip.frames)


def _pictures(clip: Clip, threads: int) -> Iterator[VideoFrame]:
    """Yield the clip's frames as yuv420p in the limited range, even sizes."""
    source, stop, from_rgb = Path(clip.media), clip.start + clip.frames, FromRgb()
    if source.is_dir():
        for rgb in decode_folder(source, start=clip.start, stop=stop):
            yield _from_rgb(rgb, from_rgb)
        return
    to_rgb, limited = ToRgb(), _Limited()
    for frame in frames(source, start=clip.start, stop=stop, rate=clip.rate, threads=threads):
        if _as_it_is(frame):
            yield limited(frame)
        else:
            yield _from_rgb(to_rgb(frame), from_rgb)


def _from_rgb(rgb: Image, convert: FromRgb) -> VideoFrame:
    """Return a picture as the encoder takes it."""
    frame = convert(pad_even(rgb))
    frame.colorspace = Colorspace.ITU709
    return frame


def _as_it_is(frame: VideoFrame) -> bool:
    """Say whether a frame needs no way through RGB, which costs more than encoding it."""
    return (
        frame.format.name in FORMATS
        and not frame.width % 2
        and not frame.height % 2
        and matrix_of(frame) in MATRICES
    )


class _Limited:
    """Brings frames into the limited range, which every browser understands; keeps the converter warm."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """Return the frame, or one with its pixels in the limited range."""
        if range_of(frame) is ColorRange.MPEG:
            return frame
        matrix = matrix_of(frame)
        limited = self._reformatter.reformat(
            frame,
            format="yuv420p",
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
        limited.colorspace = frame.colorspace
        return limited


def _tag(first: VideoFrame, context: av.CodecContext) -> None:
    """Tag an encoder with the matrix of the clip's frames; primaries and curve are those of BT.709, which browsers do not convert."""
    tag_bt709(context)
    context.colorspace = MATRICES[matrix_of(first)]  # type: ignore[attr-defined]  # of video contexts
