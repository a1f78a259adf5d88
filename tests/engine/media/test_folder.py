"""A folder of pictures is footage: frame k is the picture named k, and what is wrong with one is said by its path."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.adapters.video_pyav import PyavFrameSource
from engine.errors import VideoError
from engine.fakes.frames import numbered, read_number
from engine.media.folder import decode_folder
from engine.media.still import write_jpeg, write_png
from engine.types import Clip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(6):
        write_jpeg(tmp_path / f"{number:05d}.jpg", numbered(number, width=64, height=48))
    return tmp_path


def test_frames_are_found_by_their_numbers_and_not_by_their_order(folder: Path) -> None:
    (folder / "00000.jpg").unlink()
    assert [read_number(rgb) for rgb in decode_folder(folder, start=2, stop=5)] == [2, 3, 4]


def test_an_empty_range_opens_nothing(tmp_path: Path) -> None:
    assert list(decode_folder(tmp_path, start=3, stop=3)) == []


@pytest.mark.parametrize("lost", [1, 3])
def test_a_missing_picture_is_named(folder: Path, lost: int) -> None:
    (folder / f"{lost:05d}.jpg").unlink()
    with pytest.raises(VideoError, match=f"0000{lost}.jpg: this picture is missing"):
        list(decode_folder(folder, start=1, stop=6))


def test_a_damaged_picture_is_named_with_the_next_step(folder: Path) -> None:
    (folder / "00004.jpg").write_bytes((folder / "00004.jpg").read_bytes()[:100])
    with pytest.raises(VideoError, match=r"00004.jpg: not readable.*import its dataset again"):
        list(decode_folder(folder, start=0, stop=6))


def test_a_grey_png_becomes_three_equal_colours(tmp_path: Path) -> None:
    write_png(tmp_path / "00000.png", np.full((4, 6), 90, np.uint8))
    (rgb,) = decode_folder(tmp_path, start=0, stop=1)
    assert rgb.shape == (4, 6, 3)
    assert (rgb == 90).all()


def test_a_picture_of_another_size_is_no_frame_of_the_clip(folder: Path) -> None:
    write_jpeg(folder / "00003.jpg", numbered(3, width=32, height=48))
    clip = Clip("game-1", "sha", str(folder), 0, 6, 64, 48, Fraction(30))
    with pytest.raises(VideoError, match="pictures are 32x48, clip game-1 was ingested with 64x48"):
        list(PyavFrameSource().batches(clip))
