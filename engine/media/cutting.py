"""Cuts a recording's stream without encoding it anew, where that is exact. Knows packets, decodes nothing.

Exact means: H.264 in 4:2:0, pictures stored in the order in which they are shown, one on every tick of the rate, and a
keyframe where the cut begins. Then frame k of the cut is frame ``start + k`` of the recording, bit for bit.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from engine.media.faults import reading, writing
from engine.media.reading import opened
from engine.media.timing import nearest_slot
from engine.media.writing import beside

FORMATS: Final = ("yuv420p", "yuvj420p")


def cut_stream(source: Path, out: Path, *, start: int, frames: int, rate: Fraction) -> bool:
    """Write frames ``start`` to ``start + frames`` of ``source`` to ``out``; return False, and write nothing, where a cut is not exact.

    Raises:
        VideoError: the recording cannot be read.
        DiskFull: no room; nothing is left at ``out``.
    """
    part = beside(out)
    try:
        with opened(source) as (container, stream):
            if not _copyable(stream):
                return False
            packets = _chosen(container, stream, start=start, frames=frames, rate=rate)
            with writing(out):  # what goes wrong with the source meanwhile is a VideoError already
                done = _mux(part, stream, packets, rate=rate)
        if done == frames:
            part.replace(out)
        return done == frames
    finally:
        part.unlink(missing_ok=True)


def frames_in(path: Path) -> int:
    """Return how many pictures a file stores; none is decoded.

    Raises:
        VideoError: the file cannot be read.
    """
    with opened(path) as (container, stream), reading(path):
        return sum(1 for packet in container.demux(stream) if packet.size)


def _copyable(stream: VideoStream) -> bool:
    """Say whether loaders read the stream as it is."""
    context = stream.codec_context
    return (
        context.name == "h264"
        and context.pix_fmt in FORMATS
        and not context.has_b_frames
        and stream.time_base is not None
    )


def _chosen(
    container: InputContainer, stream: VideoStream, *, start: int, frames: int, rate: Fraction
) -> Iterator[Any]:
    """Yield the packets of the cut as long as they are one a tick, in order, the first a keyframe."""
    base = stream.time_base or Fraction(1)
    origin = stream.start_time or 0
    container.seek(int(start / (rate * base)) + origin, stream=stream, backward=True)
    expected = start
    for packet in _demuxed(container, stream):
        if packet.pts is None or packet.pts != packet.dts:
            return
        number = nearest_slot(packet.pts - origin, base * rate)
        if number < start:
            continue
        if number != expected or (number == start and not packet.is_keyframe):
            return
        yield packet
        expected += 1
        if expected == start + frames:
            return


def _demuxed(container: InputContainer, stream: VideoStream) -> Iterator[Any]:
    """Yield the packets of the stream.

    Raises:
        VideoError: the recording cannot be read further.
    """
    with reading(Path(container.name)):
        yield from container.demux(stream)


def _mux(part: Path, stream: VideoStream, packets: Iterator[Any], *, rate: Fraction) -> int:
    """Write packets at one a tick from time 0 on; return how many."""
    done = 0
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        copied = container.add_stream_from_template(stream)
        copied.time_base = 1 / rate
        for packet in packets:
            packet.stream, packet.time_base = copied, 1 / rate
            packet.pts = packet.dts = done
            packet.duration = 1
            container.mux(packet)
            done += 1
    return done
