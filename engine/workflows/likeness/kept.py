"""Pictures and vectors of clips, made once and kept as files, and which clips are alike. Knows files; decodes and embeds nothing itself.

What a clip needs lies in one folder, which appears when it is complete: ``looks.npz`` and a JPEG for every still. The folder's
name says what it was made of and with what, so that whatever changed is made anew. Damaged, it counts as absent.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.likeness import TICK, Looks
from engine.ports.board import Still
from engine.ports.embedder import Embedder
from engine.ports.frames import FrameSource
from engine.types import Clip, FrameBatch, Image
from engine.workflows.likeness.files import making

RECIPE: Final = 1
"""Raised when looks or stills are chosen, drawn or kept otherwise than before."""

STILL: Final = 2
"""Every so many looks there is a picture: one a second."""

LOOKS: Final = "looks.npz"
Progress = Callable[[int, int], None]


def silent(_done: int, _of: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Studio:
    """What pictures and vectors are made with, and the folder where they are kept.

    ``jpeg`` makes a small JPEG of a picture, uint8 (H, W, 3).
    """

    folder: Path
    source: FrameSource
    embedder: Embedder
    jpeg: Callable[[Image], bytes]


def made_with(studio: Studio, clip: Clip) -> str:
    """Return what tells a clip's looks from those of another recording, another part of it, or made otherwise.

    A recording is known by its content: one on a disk that is not mounted just now, or that was copied elsewhere, is the same.
    """
    facts = (RECIPE, studio.embedder.name, clip.video, clip.start, clip.frames, str(clip.rate))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def folder_name(clip: Clip, made: str) -> str:
    """Return the name of the folder of a clip whose looks are ``made`` so."""
    return f"{clip.id}-{made}"


def kept_looks(studio: Studio, clip: Clip) -> Looks | None:
    """Return a clip's vectors where they are kept; damaged ones count as absent."""
    return _read(_place(studio, clip), clip)


def stills_of(
    studio: Studio,
    clip: Clip,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = silent,
) -> tuple[Still, ...] | None:
    """Return a clip's stills, made now where they are not kept; None where ``stop`` said so before they were complete.

    Raises:
        VideoError: the media is gone, or does not decode.
        DiskFull, InputError: the files cannot be written.
    """
    place = _place(studio, clip)
    looks = _read(place, clip) or _make(studio, clip, place, stop=stop, progress=progress)
    if looks is None:
        return None
    vectors = dict(zip(looks.frames, looks.vectors, strict=True))
    return tuple(Still(frame, str(place / _name(frame)), vectors[frame]) for frame in stills(clip))


def looked_at(clip: Clip) -> tuple[int, ...]:
    """Return the frames of a clip that are looked at: two a second, the first and the last.

    They are counted from the beginning of the media, so that overlapping clips of one recording look at the same pictures.
    """
    return _every(clip, 1)


def stills(clip: Clip) -> tuple[int, ...]:
    """Return the frames of a clip of which there is a picture: one a second, the first and the last."""
    return _every(clip, STILL)


def _every(clip: Clip, ticks: int) -> tuple[int, ...]:
    """Return every so many ticks' frame of a clip, by the media's count, with the first and the last."""
    step = ticks * max(1, round(clip.rate * Fraction(TICK)))
    inner = range(-clip.start % step, clip.frames, step)
    return tuple(sorted({0, *inner, clip.frames - 1}))


def _make(
    studio: Studio, clip: Clip, place: Path, *, stop: Callable[[], bool], progress: Progress
) -> Looks | None:
    """Look at a clip and keep what was seen; None where ``stop`` said so."""
    vectors, shown = list[NDArray[np.float32]](), frozenset(stills(clip))
    with making(place) as part:
        for frame, rgb in _pictures(studio.source, clip):
            if stop():
                shutil.rmtree(part)
                return None
            vectors.append(studio.embedder.embed(FrameBatch(frame, rgb[None]))[0])
            if frame in shown:
                (part / _name(frame)).write_bytes(studio.jpeg(rgb))
            progress(frame + 1, clip.frames)
        looks = Looks(looked_at(clip), clip.rate, np.stack(vectors))
        np.savez(part / LOOKS, frames=np.array(looks.frames), vectors=looks.vectors)
        shutil.rmtree(place, ignore_errors=True)  # a damaged one
    return looks


def _pictures(source: FrameSource, clip: Clip) -> Iterator[tuple[int, Image]]:
    """Yield the frames that are looked at, with their pictures."""
    wanted = frozenset(looked_at(clip))
    for batch in source.batches(clip):
        for frame, rgb in enumerate(batch.rgb, batch.first):
            if frame in wanted:
                yield frame, rgb


def _read(place: Path, clip: Clip) -> Looks | None:
    """Return the looks that are kept in a folder, or None where it is not complete."""
    try:
        with np.load(place / LOOKS, allow_pickle=False) as kept:
            frames = tuple(int(frame) for frame in kept["frames"])
            looks = Looks(frames, clip.rate, np.asarray(kept["vectors"], np.float32))
        whole = frames == looked_at(clip) and all(
            (place / _name(k)).is_file() for k in stills(clip)
        )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, InputError):
        return None
    return looks if whole else None


def _place(studio: Studio, clip: Clip) -> Path:
    """Return where what is kept of a clip lies, or will lie."""
    return studio.folder / folder_name(clip, made_with(studio, clip))


def _name(frame: int) -> str:
    """Return the name of a still."""
    return f"{frame:06d}.jpg"
