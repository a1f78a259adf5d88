"""The FrameSource over real files: what happens when the file is not what it was, and how much it holds."""

import tracemalloc
from fractions import Fraction
from pathlib import Path
from time import sleep

import pytest

from engine.adapters.video_pyav import AHEAD, PyavFrameSource
from engine.errors import VideoError
from engine.fakes.frames import numbered, read_number
from engine.media import VideoWriter
from engine.types import Clip

RATE = Fraction(25)


def write(path: Path, *, frames: int = 60, size: tuple[int, int] = (64, 48)) -> Path:
    with VideoWriter(path, width=size[0], height=size[1], rate=RATE, keyframes=10) as writer:
        for number in range(frames):
            writer.write(numbered(number, width=size[0], height=size[1]))
    return path


def clip_of(path: Path, *, start: int = 0, frames: int = 60) -> Clip:
    return Clip("c-001", "sha", str(path), start, frames, 64, 48, RATE)


def test_media_that_moved_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"gone\.mp4: there is no such file; check the path"):
        next(PyavFrameSource().batches(clip_of(tmp_path / "gone.mp4")))


def test_media_replaced_by_another_size_says_both_sizes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", size=(96, 48))
    with pytest.raises(
        VideoError, match=r"are 96x48, clip c-001 was ingested with 64x48.*put the original"
    ):
        next(PyavFrameSource().batches(clip_of(path)))


def test_media_replaced_by_a_shorter_one_gives_what_there_is_and_then_the_reason(
    tmp_path: Path,
) -> None:
    batches = PyavFrameSource().batches(clip_of(write(tmp_path / "a.mp4", frames=20)), size=8)
    assert [next(batches).first, next(batches).first] == [0, 8]
    with pytest.raises(VideoError, match="ends after 20 frames, 60 were expected"):
        next(batches)


def test_a_file_that_is_no_video_any_more_is_a_video_error(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("not any more")
    with pytest.raises(VideoError, match="cannot be read as video"):
        next(PyavFrameSource().batches(clip_of(path)))


def test_clips_of_one_file_meet_without_gap_or_overlap(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4")
    seen = [
        read_number(rgb)
        for start in (0, 23, 46)
        for batch in PyavFrameSource().batches(
            clip_of(path, start=start, frames=min(23, 60 - start))
        )
        for rgb in batch.rgb
    ]
    assert seen == list(range(60))


def test_pictures_can_be_drawn_upon(tmp_path: Path) -> None:
    batch = next(PyavFrameSource().batches(clip_of(write(tmp_path / "a.mp4"))))
    batch.rgb[:] = 7
    assert (batch.rgb == 7).all()


def test_memory_is_bounded_by_the_batches_ahead_not_by_the_clip(tmp_path: Path) -> None:
    path, size = write(tmp_path / "a.mp4", frames=300), 10
    clip, batch = clip_of(path, frames=300), size * 64 * 48 * 3
    tracemalloc.start()
    for _ in PyavFrameSource().batches(clip, size=size):
        sleep(0.002)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < (AHEAD + 4) * batch
    assert peak < 300 * 64 * 48 * 3 / 4
