"""Length costs no memory: chunks pass through one by one, in blocks that line up whoever wrote them."""

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from db import chunks as chunking
from db.chunks import Chunk, cut, spooled
from db.connect import Database, open_database
from engine.types import RLE, Clip, FrameMasks, Kind, Revision, TrackMask, Video

FRAMES = 20_000


def drawn(frames: int) -> Iterator[FrameMasks]:
    """Yield frames whose run lengths no compression shrinks to nothing: about 1.5 kB each."""
    for frame in range(frames):
        runs = b"".join((frame * 7919 + k * 104729).to_bytes(8, "little") for k in range(180))
        yield FrameMasks(frame, (TrackMask(1, RLE((48, 64), runs)),))


def peak(work: Callable[[], object]) -> int:
    """Return the bytes that Python held at most while working."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def database(sqlite_database: str, video: Video, clips: list[Clip]) -> Iterator[Database]:
    with open_database(sqlite_database) as opened:
        opened.catalog.add_video(video, [replace(clips[0], frames=FRAMES)])
        yield opened


@pytest.mark.slow
def test_writing_and_reading_a_long_clip_take_no_more_memory_than_a_short_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunking, "_IN_MEMORY", 1 << 20)
    first = Revision("table-0", None, Kind.AUTO, "nano", ())
    written = peak(lambda: database.revisions.append(first, drawn(FRAMES)))
    read = peak(lambda: sum(1 for _ in database.revisions.frames(1)))
    assert written < 8 << 20
    assert read < 4 << 20


def test_chunks_break_at_gaps_and_at_every_thirty_second_frame(clips: list[Clip]) -> None:
    given = [FrameMasks(k) for k in (5, 6, 8, *range(30, 70))]
    found = [(chunk.first, chunk.frames) for chunk in cut(given, clips[0])]
    assert found == [(5, 2), (8, 1), (30, 2), (32, 32), (64, 6)]


def test_no_frames_make_no_chunks(clips: list[Clip]) -> None:
    assert list(cut([], clips[0])) == []


@pytest.mark.parametrize("in_memory", [0, 1 << 20], ids=["in a file", "in memory"])
def test_spooled_chunks_come_back_in_order(in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunking, "_IN_MEMORY", in_memory or 1)
    given = [Chunk(32 * k, 32, bytes([k]) * (k + 1)) for k in range(20)]
    with spooled(iter(given)) as found:
        assert list(found) == given


def test_everything_is_produced_before_the_first_chunk_is_given_back() -> None:
    produced: list[int] = []

    def slow() -> Iterator[Chunk]:
        for k in range(3):
            produced.append(k)
            yield Chunk(32 * k, 32, b"x")

    with spooled(slow()):
        assert produced == [0, 1, 2]


def test_frames_may_be_read_from_the_database_that_they_are_written_to(database: Database) -> None:
    first = Revision("table-0", None, Kind.AUTO, "nano", ())
    stored = database.revisions.append(first, drawn(100))
    child = database.revisions.append(
        replace(first, parent=stored.id), database.revisions.frames(stored.id)
    )
    assert child.parent == stored.id
    frames = database.revisions.frames(child.id, stop=100)
    assert list(frames) == list(drawn(100))
