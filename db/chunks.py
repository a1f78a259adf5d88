"""Cuts streams of frames into chunks and keeps them until a transaction wants them; knows no tables.

Chunks never cross a multiple of 32 frames. So a reader finds everything about a frame in one block, however
many revisions and restarts have written it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile

from db import codec
from db.faults import room_for
from engine.errors import InputError
from engine.types import Clip, FrameMasks

_IN_MEMORY = 32 << 20
"""Bytes of compressed chunks that wait in memory; more go to a temporary file."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """``frames`` frames from ``first`` on, encoded."""

    first: int
    frames: int
    data: bytes


def cut(frames: Iterable[FrameMasks], clip: Clip) -> Iterator[Chunk]:
    """Yield the chunks of ``frames``, which come in order but may leave gaps.

    Raises:
        InputError: a frame is outside the clip, out of order, or has a mask of another size.
    """
    run: list[FrameMasks] = []
    for frame in _checked(frames, clip):
        if run and (frame.frame != run[-1].frame + 1 or frame.frame % codec.FRAMES == 0):
            yield _chunk(run)
            run = []
        run.append(frame)
    if run:
        yield _chunk(run)


@contextmanager
def spooled(chunks: Iterable[Chunk]) -> Iterator[Iterator[Chunk]]:
    """Exhaust ``chunks`` now and give them back one by one: slow producers must not hold a transaction open.

    Raises:
        DiskFull: no room for the temporary file.
    """
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        index = []
        for chunk in chunks:
            with room_for("masks that wait to be stored"):
                file.write(chunk.data)
            index.append((chunk.first, chunk.frames, len(chunk.data)))
        with room_for("masks that wait to be stored"):
            file.seek(0)
        yield (Chunk(first, frames, file.read(size)) for first, frames, size in index)


def _chunk(run: list[FrameMasks]) -> Chunk:
    return Chunk(run[0].frame, len(run), codec.encode(run))


def _checked(frames: Iterable[FrameMasks], clip: Clip) -> Iterator[FrameMasks]:
    """Pass the frames on, refusing what no reader could make sense of."""
    last = -1
    for frame in frames:
        if not last < frame.frame < clip.frames:
            raise InputError(
                f"clip {clip.id}: frame {frame.frame} after frame {last}; "
                f"give the frames 0 to {clip.frames - 1} in order, each at most once"
            )
        for mask in frame.masks:
            if mask.rle.size != (clip.height, clip.width):
                raise InputError(
                    f"clip {clip.id}, frame {frame.frame}, track {mask.track}: mask of {mask.rle.size}, "
                    f"expected (height, width) = {(clip.height, clip.width)}"
                )
        last = frame.frame
        yield frame
