"""One pass through a file: every picture is decoded once, and nothing but its time stamp is kept.

Notes what the file does; refuses to judge what is to be done about it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import av
from av import VideoFrame
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from engine.errors import VideoError

Progress = Callable[[int, int], None]

STILL: Final = (
    "image2",
    "_pipe",
    "tty",
)  # demuxers that make one picture of a photograph or a text
SLACK: Final = 0.5  # seconds: containers without an index round their duration
REPORT_EVERY: Final = 30


def silent(done: int, total: int) -> None:
    """Show no progress."""
    del done, total


@dataclass(slots=True)
class Scan:
    """What one pass saw. ``stamps`` are the presented pictures' times in ticks of ``time_base``."""

    time_base: Fraction
    stamps: list[int] = field(default_factory=list)
    first: VideoFrame | None = None
    packets: int = 0
    discarded: int = 0
    end: float = 0.0
    interlaced: bool = False
    stamped: bool = True
    damage: str = ""


def scan(container: InputContainer, stream: VideoStream, *, progress: Progress) -> Scan:
    """Decode everything; ``progress(pictures, expected)`` is called every second or so.

    Raises:
        VideoError: still picture, changing size, damage, or an end before the promised one.
    """
    _refuse_still(container)
    seen = Scan(stream.time_base or Fraction(1, 1000))
    expected = expected_frames(container, stream)
    for frame in _decoded(container, stream, seen):
        _note(container, seen, frame)
        if len(seen.stamps) % REPORT_EVERY == 0:
            progress(len(seen.stamps), max(expected, len(seen.stamps)))
    progress(len(seen.stamps), len(seen.stamps))
    _refuse_incomplete(container, stream, seen, expected)
    return seen


def expected_frames(container: InputContainer, stream: VideoStream) -> int:
    """Return how many pictures the container announces, by count or by duration; 0 when it does not."""
    if stream.frames:
        return stream.frames
    rate = stream.average_rate or stream.guessed_rate
    return round((container.duration or 0) / av.time_base * rate) if rate else 0


def _refuse_still(container: InputContainer) -> None:
    """Refuse photographs and texts, which the library would play as videos of one picture."""
    if any(name.endswith(STILL) for name in container.format.name.split(",")):
        raise VideoError(
            f"{container.name}: a still picture or text ({container.format.name}), expected a video"
        )


def _decoded(container: InputContainer, stream: VideoStream, seen: Scan) -> Iterator[VideoFrame]:
    """Yield the frames of ``stream``; note the packets of all streams, and the first damage, which ends it."""
    for packet in container.demux():
        if packet.size:
            _note_packet(seen, packet, ours=packet.stream_index == stream.index)
        if packet.stream_index != stream.index:
            continue
        try:
            yield from (frame for frame in packet.decode() if isinstance(frame, VideoFrame))
        except av.InvalidDataError as error:
            seen.damage = error.strerror or str(error)
            return


def _note_packet(seen: Scan, packet: "Packet[Any]", *, ours: bool) -> None:
    """Note how far the file reaches and what of it is not to be shown."""
    if packet.pts is not None and packet.time_base is not None:
        seen.end = max(seen.end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    if ours:
        seen.packets += 1
        seen.discarded += packet.is_discard


def _note(container: InputContainer, seen: Scan, frame: VideoFrame) -> None:
    """Take the frame's time stamp, and check that it is like the first."""
    if seen.first is None:
        seen.first = frame
    if (frame.width, frame.height) != (seen.first.width, seen.first.height):
        raise VideoError(
            f"{container.name}: pictures change from {seen.first.width}x{seen.first.height} to "
            f"{frame.width}x{frame.height} at frame {len(seen.stamps)}; split the file there"
        )
    seen.interlaced |= frame.interlaced_frame
    last = seen.stamps[-1] if seen.stamps else None
    seen.stamped &= frame.pts is not None
    stamp = frame.pts if frame.pts is not None else 0
    seen.stamps.append(stamp if last is None else max(last, stamp))


def _refuse_incomplete(
    container: InputContainer, stream: VideoStream, seen: Scan, expected: int
) -> None:
    """Refuse a file that is damaged, ends early or shows nothing; nothing is ingested by half."""
    readable = len(seen.stamps)
    if seen.damage or _ends_early(container, stream, seen):
        why = "damaged" if seen.damage and seen.packets >= expected else "truncated"
        raise VideoError(
            f"{container.name}: {why}: {readable} of {max(expected, readable)} frames are readable; copy it "
            f"again from its source, or save the readable part with 'ffmpeg -i FILE -c copy NEW.mp4' "
            "and ingest that"
        )
    if not readable:
        raise VideoError(
            f"{container.name}: holds no pictures (0 frames); record or export it again"
        )


def _ends_early(container: InputContainer, stream: VideoStream, seen: Scan) -> bool:
    """Whether the file ends before its index or, where it has none, before its duration says."""
    if "mp4" in container.format.name:
        return seen.packets < len(stream.index_entries)
    if container.format.name.startswith(("matroska", "flv", "avi", "asf")):
        promised = (container.duration or 0) / av.time_base
        return seen.packets > 0 and seen.end < promised - SLACK
    return False
