"""What a video file is: exact count, size and rate, and why it would need a working copy. Writes nothing."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from av.container import InputContainer
from av.video.stream import VideoStream

from engine.errors import VideoError
from engine.media.display import Display, display_of
from engine.media.reading import opened
from engine.media.scanning import Progress, Scan, scan, silent
from engine.media.timing import (
    TOLERANCE,
    constant_rate,
    frame_map,
    nearest_standard,
    typical_rate,
)

PLAYABLE_PIXELS: Final = ("yuv420p", "yuvj420p")
PLAYABLE_PROFILES: Final = ("Baseline", "Constrained Baseline", "Main", "High")
LARGEST_DENOMINATOR: Final = 1001  # a declared rate beyond it is a mean, not a rate that was meant
FALLBACK_RATE: Final = Fraction(25)


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """One video file, decoded once.

    ``frames`` counts the pictures that a player shows; ``width`` and ``height`` are of the picture as
    shown. ``rate`` is the constant rate, or the standard rate nearest to what most pictures keep.
    ``frame_map`` is empty where picture k of the file is in slot k of that rate; otherwise entry k
    is the picture to be shown in slot k. ``reasons`` say why it cannot be used as it is.
    """

    frames: int
    width: int
    height: int
    rate: Fraction
    average_rate: Fraction
    is_cfr: bool
    display: Display
    edit_list: bool
    interlaced: bool
    codec: str
    profile: str
    pixel_format: str
    container: str
    audio: bool
    reasons: tuple[str, ...]
    frame_map: tuple[int, ...] = ()

    @property
    def seconds(self) -> float:
        """Duration in seconds at the constant rate."""
        return float((len(self.frame_map) or self.frames) / self.rate)


def probe(path: str | Path, *, progress: Progress = silent) -> VideoFacts:
    """Decode the whole file once, in constant memory but for its time stamps, and return its facts.

    Raises:
        VideoError: absent, empty, no video, a still picture, truncated, damaged, or without a decoder.
    """
    with opened(path) as (container, stream):
        seen = scan(container, stream, progress=progress)
        return _facts(container, stream, seen)


def _facts(container: InputContainer, stream: VideoStream, seen: Scan) -> VideoFacts:
    """Put what the pass saw and what the container says together."""
    if seen.first is None:
        raise VideoError(f"{container.name}: holds no pictures")
    declared = stream.average_rate or stream.guessed_rate or FALLBACK_RATE
    if not seen.stamped:
        seen.time_base, seen.stamps = 1 / declared, list(range(len(seen.stamps)))
    constant, rate = _rate(seen, declared)
    display = display_of(seen.first, pixel_aspect=stream.sample_aspect_ratio)
    width, height = display.size(seen.first.width, seen.first.height)
    shown = () if constant else frame_map(seen.stamps, rate * seen.time_base)
    edited = _edited(container, stream, seen)
    reasons = (
        *_timing_reasons(seen, rate, constant=constant, edited=edited),
        *_picture_reasons(container, stream, seen, display),
    )
    return VideoFacts(
        frames=len(seen.stamps),
        width=width,
        height=height,
        rate=rate,
        average_rate=declared,
        is_cfr=constant,
        display=display,
        edit_list=edited,
        interlaced=seen.interlaced,
        codec=stream.codec_context.name,
        profile=stream.profile or "",
        pixel_format=stream.codec_context.pix_fmt or "",
        container=container.format.name,
        audio=bool(container.streams.audio),
        reasons=reasons,
        frame_map=shown,
    )


def _rate(seen: Scan, declared: Fraction) -> tuple[bool, Fraction]:
    """Return whether the pictures keep a constant rate, and that rate or the standard one nearest to them."""
    meant = declared if declared.denominator <= LARGEST_DENOMINATOR else None
    constant = constant_rate(seen.stamps, seen.time_base, declared=meant)
    if constant is not None:
        return True, constant
    return False, nearest_standard(typical_rate(seen.stamps, seen.time_base) or float(declared))


def _edited(container: InputContainer, stream: VideoStream, seen: Scan) -> bool:
    """Whether an edit list hides stored pictures: some are marked so, or left out of the index.

    The edit list that only undoes the delay of reordered pictures hides none and is harmless.
    """
    hidden = "mp4" in container.format.name and 0 < len(stream.index_entries) < stream.frames
    return seen.discarded > 0 or hidden


def _timing_reasons(seen: Scan, rate: Fraction, *, constant: bool, edited: bool) -> tuple[str, ...]:
    """Say what is wrong with when its pictures are shown."""
    late = abs(seen.stamps[0] * seen.time_base * rate) > TOLERANCE
    found = {
        "its rate is not constant": not constant,
        "it carries an edit list": edited,
        "it does not begin at time 0": late and not edited,
        "its frames have no time stamps": not seen.stamped,
        "some of its packets are no pictures": seen.packets - seen.discarded != len(seen.stamps),
    }
    return tuple(reason for reason, applies in found.items() if applies)


def _picture_reasons(
    container: InputContainer, stream: VideoStream, seen: Scan, display: Display
) -> tuple[str, ...]:
    """Say what is wrong with the pictures, or would not play in a browser."""
    first, codec, pixels = seen.first, stream.codec_context.name, stream.codec_context.pix_fmt
    sizes = (first.width, first.height) if first else (0, 0)
    h264 = codec == "h264"
    found = {
        f"it is {display.words}": not display.upright,
        "its pixels are not square": display.stretch != 1,
        "it is interlaced": seen.interlaced,
        f"its size {sizes[0]}x{sizes[1]} is odd": bool(sizes[0] % 2 or sizes[1] % 2),
        f"browsers do not play {codec} everywhere": not h264,
        f"browsers do not play {pixels} {stream.profile or ''}".rstrip(): h264
        and (pixels not in PLAYABLE_PIXELS or stream.profile not in PLAYABLE_PROFILES),
        f"browsers do not play {container.format.name} files": "mp4" not in container.format.name,
    }
    return tuple(reason for reason, applies in found.items() if applies)
