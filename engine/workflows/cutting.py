"""How a recording becomes clips: where it is cut, what they are called, and which split they belong to. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from engine.errors import InputError
from engine.types import Clip, Video

SHORTEST: Final = 8  # frames: what the training code of SAM 2 samples from a clip
LONGEST_NAME: Final = 40
VAL_OF_TEN: Final = 1


def cut(frames: int, *, rate: Fraction, clip_seconds: float, what: str) -> tuple[range, ...]:
    """Return the ranges of frames, ``round(clip_seconds * rate)`` each and together all of them.

    A last piece shorter than 8 frames joins the one before it; ``what`` is the recording's name.

    Raises:
        InputError: the recording or the wanted length is shorter than 8 frames.
    """
    length = round(Fraction(clip_seconds) * rate)
    if frames < SHORTEST or length < SHORTEST:
        raise InputError(
            f"{what}: {frames} frames in clips of {length}; datasets need clips of {SHORTEST} frames or "
            "more: choose a longer recording or a larger --clip-seconds"
        )
    starts = list(range(0, frames, length))
    if len(starts) > 1 and frames - starts[-1] < SHORTEST:
        starts.pop()
    return tuple(range(a, b) for a, b in zip(starts, [*starts[1:], frames], strict=True))


def split_of(sha256: str) -> str:
    """Return ``val`` for about one content in ten and ``train`` for the others, always the same for the same."""
    return "val" if int(sha256[-8:], 16) % 10 < VAL_OF_TEN else "train"


def plain_name(name: str) -> str:
    """Return the name in ``[A-Za-z0-9_-]``, at most 40 long: accents dropped, anything else one '-'."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain)[:LONGEST_NAME].strip("-_") or "video"


def clips_of(video: Video, ranges: Sequence[range], *, split: str) -> tuple[Clip, ...]:
    """Return the clips, named after the file and its content and numbered from 1: ``game-0a1b2c3d-001``.

    The folder has no part in it, so the same file gives the same ids wherever it lies.
    """
    stem = f"{plain_name(Path(video.source).stem)}-{video.sha256[:8]}"
    return tuple(
        Clip(
            id=f"{stem}-{number:03d}",
            video=video.sha256,
            media=video.media,
            start=frames.start,
            frames=len(frames),
            width=video.width,
            height=video.height,
            rate=video.rate,
            split=split,
        )
        for number, frames in enumerate(ranges, start=1)
    )
