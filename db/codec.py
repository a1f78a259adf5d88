"""How a run of frames becomes bytes and comes back; knows nothing of databases or of what the masks mean.

A chunk is a header and a zlib stream. The header, little-endian: magic ``BMSK``, version (u16), number of
frames (u16), first frame (u32), size of the payload before compression (u32), CRC-32 (u32) of everything
else in the chunk. The payload is columnar, because equal things side by side compress best: masks per frame
(u16 each), then for all masks together track (i64), score and stability (f32), height and width (u32), length
of the run lengths (u32), and last the run lengths themselves, byte for byte.
"""

import struct
import zlib
from collections.abc import Sequence

import numpy as np

from engine.errors import DamagedChunk, InputError
from engine.types import RLE, FrameMasks, TrackMask

FRAMES = 32
"""The most frames one chunk holds; chunks begin a new block at every multiple of it."""

VERSION = 1

_MAGIC = b"BMSK"
_HEADER = struct.Struct("<4sHHII")
_CHECKSUM = struct.Struct("<I")
_BODY = _HEADER.size + _CHECKSUM.size
_COLUMNS = ("<i8", "<f4", "<f4", "<u4", "<u4", "<u4")


def encode(frames: Sequence[FrameMasks]) -> bytes:
    """Return the chunk that holds ``frames``: 1 to 32 consecutive ones. Scores keep float32 precision.

    Raises:
        InputError: no frames, too many, or a gap between them.
    """
    numbers = [frame.frame for frame in frames]
    if not 1 <= len(frames) <= FRAMES or numbers != list(
        range(numbers[0], numbers[0] + len(frames))
    ):
        raise InputError(f"a chunk holds 1 to {FRAMES} consecutive frames, got {numbers}")
    payload = _pack(frames)
    header = _HEADER.pack(_MAGIC, VERSION, len(frames), numbers[0], len(payload))
    body = zlib.compress(payload, 6)
    return header + _CHECKSUM.pack(_checksum(header, body)) + body


def decode(chunk: bytes) -> tuple[FrameMasks, ...]:
    """Return the frames of a chunk, as they were encoded.

    Raises:
        DamagedChunk: truncated, altered, or written by an unknown version.
    """
    if len(chunk) < _BODY:
        raise DamagedChunk(
            f"chunk of {len(chunk)} bytes is shorter than its header: restore a backup"
        )
    header, body = chunk[: _HEADER.size], chunk[_BODY:]
    magic, version, count, first, size = _HEADER.unpack(header)
    if magic != _MAGIC:
        raise DamagedChunk(f"chunk begins with {magic!r}, not {_MAGIC!r}: restore a backup")
    if version != VERSION:
        raise DamagedChunk(
            f"chunk of version {version}, this program reads {VERSION}: use the program that wrote it"
        )
    (stored,) = _CHECKSUM.unpack(chunk[_HEADER.size : _BODY])
    found = _checksum(header, body)
    if stored != found:
        raise DamagedChunk(
            f"chunk at frame {first}: checksum {found:08x}, expected {stored:08x}: restore a backup"
        )
    return _unpack(_inflate(body, size, first=first), first=first, count=count)


def _checksum(header: bytes, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(header))


def _inflate(body: bytes, size: int, *, first: int) -> bytes:
    """Decompress no more than the header promised, so that no chunk can fill the memory."""
    stream = zlib.decompressobj()
    try:
        payload = stream.decompress(body, size + 1)
    except zlib.error as error:
        raise DamagedChunk(f"chunk at frame {first} does not decompress: {error}") from error
    if len(payload) != size:
        raise DamagedChunk(
            f"chunk at frame {first}: payload of {len(payload)} bytes, expected {size}"
        )
    return payload


def _pack(frames: Sequence[FrameMasks]) -> bytes:
    masks = [mask for frame in frames for mask in frame.masks]
    rows = [(m.track, m.score, m.stability, *m.rle.size, len(m.rle.counts)) for m in masks]
    per_frame = np.array([len(frame.masks) for frame in frames], dtype="<u2")
    columns = [
        np.array(values, dtype=kind).tobytes()
        for kind, values in zip(_COLUMNS, zip(*rows, strict=True), strict=bool(rows))
    ]
    return b"".join([per_frame.tobytes(), *columns, *(mask.rle.counts for mask in masks)])


def _unpack(payload: bytes, *, first: int, count: int) -> tuple[FrameMasks, ...]:
    """Read the columns back; sizes that do not add up are damage that the checksum cannot know."""
    try:
        per_frame = np.frombuffer(payload, dtype="<u2", count=count)
        masks = _masks(payload, at=per_frame.nbytes, total=int(per_frame.sum()))
        edges = [0, *np.cumsum(per_frame, dtype=np.int64).tolist()]
        return tuple(
            FrameMasks(first + k, tuple(masks[edges[k] : edges[k + 1]])) for k in range(count)
        )
    except (ValueError, InputError) as error:
        raise DamagedChunk(f"chunk at frame {first} does not add up: {error}") from error


def _masks(payload: bytes, *, at: int, total: int) -> list[TrackMask]:
    """Read ``total`` masks from the columns that begin at byte ``at``."""
    columns = []
    for kind in _COLUMNS:
        column = (
            np.frombuffer(payload, dtype=kind, count=total, offset=at)
            if total
            else np.empty(0, kind)
        )
        columns.append(column.tolist())
        at += column.nbytes
    masks = []
    for track, score, stability, height, width, length in zip(*columns, strict=True):
        rle = RLE((height, width), payload[at : at + length])
        masks.append(TrackMask(track, rle, score, stability))
        at += length
    if at != len(payload):
        raise ValueError(f"masks end at byte {at} of {len(payload)}")
    return masks
