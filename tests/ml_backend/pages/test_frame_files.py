"""Pictures of key frames: the right ones, whole or not at all, and made once."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from engine.adapters.video_pyav import PyavFrameSource
from engine.errors import InputError, VideoError
from engine.types import Clip, FrameBatch
from ml_backend.pages.frame_files import frame_path, write_frames

HIGH, WIDE = 24, 40


class Shades:
    """A source whose frame k is of shade 5 k all over; it counts what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def batches(self, clip, *, size=4, start=0, stop=None):  # noqa: ARG002 - the port's
        for frame in range(start, clip.frames if stop is None else stop):
            self.asked.append(frame)
            yield FrameBatch(frame, np.full((1, HIGH, WIDE, 3), 5 * frame, np.uint8))


@pytest.fixture
def clip():
    return Clip("game-1", "v", "game.mp4", 0, 50, WIDE, HIGH, Fraction(30))


def test_each_file_shows_its_frame_in_full_size(tmp_path, clip):
    paths = write_frames(tmp_path, clip, (3, 40, 7), Shades())
    for path, frame in zip(paths, (3, 40, 7), strict=True):
        pixels = np.asarray(Pillow.open(path))
        assert pixels.shape == (HIGH, WIDE, 3)
        assert np.abs(pixels.astype(int) - 5 * frame).max() <= 2
        assert path == frame_path(tmp_path, clip, frame)


def test_names_say_the_frame_and_sort_like_it(tmp_path, clip):
    paths = write_frames(tmp_path, clip, range(0, 50, 7), Shades())
    assert [int(path.stem) for path in sorted(paths)] == list(range(0, 50, 7))
    assert {path.parent for path in paths} == {tmp_path / "labelstudio" / "game-1"}


def test_what_is_there_is_not_made_again(tmp_path, clip):
    first = write_frames(tmp_path, clip, (3, 7), Shades())
    source = Shades()
    assert write_frames(tmp_path, clip, (3, 7, 9), source)[:2] == first
    assert source.asked == [9]


def test_nothing_half_written_is_left_by_a_source_that_fails(tmp_path, clip):
    class Torn(Shades):
        def batches(self, clip, *, size=4, start=0, stop=None):
            if start == 7:
                raise VideoError("game.mp4: torn")
            yield from super().batches(clip, size=size, start=start, stop=stop)

    with pytest.raises(VideoError):
        write_frames(tmp_path, clip, (3, 7), Torn())
    assert [path.name for path in tmp_path.rglob("*.*")] == ["000003.jpg"]
    assert len(write_frames(tmp_path, clip, (3, 7), Shades())) == 2


def test_a_folder_that_cannot_be_made_is_refused(tmp_path, clip):
    (tmp_path / "labelstudio").write_text("a file is in the way")
    with pytest.raises(InputError, match="cannot be written"):
        write_frames(tmp_path, clip, (3,), Shades())


def test_the_frames_of_a_real_video_are_the_ones_that_the_engine_sees(tmp_path):
    media = Path(__file__).parents[3] / "engine" / "assets" / "demo.mp4"
    clip = Clip("demo", "v", str(media), 10, 60, 960, 540, Fraction(30))
    source = PyavFrameSource()
    (path,) = write_frames(tmp_path, clip, (37,), source)
    (batch,) = source.batches(clip, size=1, start=37, stop=38)
    (other,) = source.batches(clip, size=1, start=34, stop=35)
    shown = np.asarray(Pillow.open(path)).astype(int)
    near, far = (np.abs(shown - one.rgb[0]).mean() for one in (batch, other))
    assert near < 3
    assert near < far


def test_a_frame_outside_the_clip_is_refused(tmp_path):
    media = Path(__file__).parents[3] / "engine" / "assets" / "demo.mp4"
    clip = Clip("demo", "v", str(media), 0, 20, 960, 540, Fraction(30))
    with pytest.raises(InputError, match="20"):
        write_frames(tmp_path, clip, (20,), PyavFrameSource())
