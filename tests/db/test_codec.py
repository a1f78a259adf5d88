"""Chunks: any frames come back exactly, and damage of any kind is found."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import codec
from engine.errors import DamagedChunk, InputError
from engine.types import RLE, FrameMasks, TrackMask

float32 = st.floats(0, 1, width=32)
track_masks = st.builds(
    TrackMask,
    track=st.integers(1, 2**40),
    rle=st.builds(
        RLE, st.tuples(st.integers(1, 9999), st.integers(1, 9999)), st.binary(max_size=40)
    ),
    score=float32,
    stability=float32,
)
picture = st.lists(track_masks, max_size=5, unique_by=lambda mask: mask.track).map(tuple)


@st.composite
def runs(draw: st.DrawFn) -> list[FrameMasks]:
    """Draw 1 to 32 consecutive frames."""
    first = draw(st.integers(0, 2**31))
    pictures = draw(st.lists(picture, min_size=1, max_size=codec.FRAMES))
    return [FrameMasks(first + k, masks) for k, masks in enumerate(pictures)]


def example() -> list[FrameMasks]:
    masks = tuple(
        TrackMask(t, RLE((1080, 1920), bytes([t]) * 90), 0.875, 0.5) for t in range(1, 17)
    )
    return [FrameMasks(64 + k, masks[: k % 17]) for k in range(codec.FRAMES)]


@given(runs())
def test_any_frames_come_back_exactly(frames: list[FrameMasks]) -> None:
    assert list(codec.decode(codec.encode(frames))) == frames


@given(st.floats(0, 1), st.floats(0, 1))
def test_scores_keep_the_precision_of_float32(score: float, stability: float) -> None:
    frame = FrameMasks(0, (TrackMask(1, RLE((2, 2), b""), score, stability),))
    mask = codec.decode(codec.encode([frame]))[0].masks[0]
    assert (mask.score, mask.stability) == (np.float32(score), np.float32(stability))


def test_a_chunk_begins_with_its_name_and_version() -> None:
    assert codec.encode(example())[:6] == b"BMSK\x01\x00"


def test_equal_frames_give_equal_bytes() -> None:
    assert codec.encode(example()) == codec.encode(example())


def test_a_chunk_is_smaller_than_what_it_holds() -> None:
    raw = sum(len(mask.rle.counts) for frame in example() for mask in frame.masks)
    assert len(codec.encode(example())) < raw / 10


@pytest.mark.parametrize(
    "numbers",
    [[], [3, 5], [4, 3], [3, 3], list(range(33))],
    ids=["none", "a gap", "backward", "doubled", "too many"],
)
def test_only_short_runs_of_consecutive_frames_are_a_chunk(numbers: list[int]) -> None:
    with pytest.raises(InputError, match="1 to 32 consecutive"):
        codec.encode([FrameMasks(n) for n in numbers])


def test_every_truncation_is_found() -> None:
    chunk = codec.encode(example())
    for length in range(len(chunk)):
        with pytest.raises(DamagedChunk):
            codec.decode(chunk[:length])


def test_every_flipped_bit_is_found() -> None:
    chunk = codec.encode(example()[:6])
    for bit in range(8 * len(chunk)):
        damaged = bytearray(chunk)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DamagedChunk):
            codec.decode(bytes(damaged))


def test_bytes_behind_the_end_are_found() -> None:
    with pytest.raises(DamagedChunk, match="checksum"):
        codec.decode(codec.encode(example()) + b"\0")


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(DamagedChunk):
        codec.decode(data)


def sealed(payload: bytes, *, version: int = 1, count: int = 1, size: int | None = None) -> bytes:
    """Return a chunk whose checksum is right, whatever it holds."""
    length = len(payload) if size is None else size
    header = struct.pack("<4sHHII", b"BMSK", version, count, 0, length)
    body = zlib.compress(payload)
    return header + struct.pack("<I", zlib.crc32(body, zlib.crc32(header))) + body


def test_an_unknown_version_says_which_program_to_use() -> None:
    with pytest.raises(DamagedChunk, match=r"version 2.*reads 1"):
        codec.decode(sealed(b"\0\0", version=2))


def test_a_payload_longer_than_promised_is_refused_without_filling_the_memory() -> None:
    with pytest.raises(DamagedChunk, match="payload of 3 bytes, expected 2"):
        codec.decode(sealed(b"\0" * 50_000_000, size=2))


@pytest.mark.parametrize(
    "payload",
    [b"\1\0", b"\0", b"\0\0extra", struct.pack("<HqffIII", 1, 1, 1, 1, 2, 2, 9) + b"short"],
    ids=["columns missing", "counts missing", "left over", "runs missing"],
)
def test_columns_that_do_not_add_up_are_refused(payload: bytes) -> None:
    with pytest.raises(DamagedChunk, match="add up"):
        codec.decode(sealed(payload))


def test_a_track_twice_on_one_frame_is_damage_too() -> None:
    columns = [struct.pack(f"<2{kind}", 1, 1) for kind in "qffIII"]
    with pytest.raises(DamagedChunk, match="twice"):
        codec.decode(sealed(struct.pack("<H", 2) + b"".join(columns) + b"ab"))
