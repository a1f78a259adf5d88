"""The writer: constant rate, same bytes for the same pictures, all or nothing on disk."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.errors import InputError
from engine.fakes.frames import numbered, read_number
from engine.media import VideoWriter, decode, probe

RATE = Fraction(30000, 1001)


def write(
    path: Path, *, frames: int = 40, rate: Fraction = RATE, keyframes: int | None = None
) -> Path:
    with VideoWriter(path, width=96, height=64, rate=rate, keyframes=keyframes) as writer:
        for number in range(frames):
            writer.write(numbered(number, width=96, height=64))
    return path


def test_every_picture_comes_back_in_its_place(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4")
    assert [read_number(rgb) for rgb in decode(path)] == list(range(40))


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    path, noise = tmp_path / "a.mp4", np.random.default_rng(0)
    pictures = noise.integers(0, 256, (30, 80, 80, 3), np.uint8)
    made = set()
    for _ in range(12):
        with VideoWriter(path, width=80, height=80, rate=RATE) as writer:
            for picture in pictures:
                writer.write(picture)
        made.add(path.read_bytes())
    assert len(made) == 1


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), RATE, Fraction(240)])
def test_a_written_file_needs_no_working_copy_and_keeps_its_exact_rate(
    tmp_path: Path, rate: Fraction
) -> None:
    facts = probe(write(tmp_path / "a.mp4", rate=rate, frames=700))
    assert (facts.rate, facts.frames, facts.reasons) == (rate, 700, ())


def test_time_stamps_are_exactly_on_the_grid_and_nothing_is_reordered(tmp_path: Path) -> None:
    with av.open(str(write(tmp_path / "a.mp4"))) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
    times = [packet.pts * packet.time_base for packet in packets if packet.pts is not None]
    assert times == [k / RATE for k in range(40)]
    assert all(packet.pts == packet.dts for packet in packets)


def test_the_index_is_in_front_and_the_colours_are_tagged(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4")
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.pix_fmt, context.colorspace, context.color_range) == ("yuv420p", 1, 1)


def test_keyframes_are_as_near_to_each_other_as_asked(tmp_path: Path) -> None:
    with av.open(str(write(tmp_path / "a.mp4", keyframes=7))) as container:
        keys = [k for k, p in enumerate(container.demux(video=0)) if p.size and p.is_keyframe]
    assert max(np.diff(keys)) <= 7


def test_colours_survive_within_what_quantisation_costs(tmp_path: Path) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    picture = np.kron(colours, np.ones((16, 16, 1), np.uint8))
    with VideoWriter(tmp_path / "a.mp4", width=96, height=64, rate=RATE, crf=4) as writer:
        writer.write(picture)
    (seen,) = decode(tmp_path / "a.mp4")
    middles = seen[8::16, 8::16].astype(int) - colours
    assert np.abs(middles).max() <= 6


def test_nothing_is_visible_under_the_name_until_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with VideoWriter(path, width=16, height=16, rate=RATE) as writer:
        writer.write(np.zeros((16, 16, 3), np.uint8))
        assert not path.exists()
    assert [found.name for found in tmp_path.iterdir()] == ["a.mp4"]


def write_something_wrong(path: Path) -> None:
    with VideoWriter(path, width=16, height=16, rate=RATE) as writer:
        writer.write(np.zeros((16, 16, 3), np.uint8))
        writer.write(np.zeros((1, 1, 3), np.uint8))


def test_an_error_in_the_block_leaves_nothing_and_keeps_an_older_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"older")
    with pytest.raises(InputError, match="expected uint8"):
        write_something_wrong(path)
    assert [found.name for found in tmp_path.iterdir()] == ["a.mp4"]
    assert path.read_bytes() == b"older"


FULL = """
import resource, sys, numpy as np
from fractions import Fraction
from engine.errors import DiskFull
from engine.media import VideoWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
noise = np.random.default_rng(0)
try:
    with VideoWriter(sys.argv[1], width=128, height=128, rate=Fraction(30), crf=1) as writer:
        for _ in range(60):
            writer.write(noise.integers(0, 256, (128, 128, 3), np.uint8))
except DiskFull as error:
    print("DiskFull", error)
"""


def test_no_room_is_its_own_error_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path / "a.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "DiskFull" in done.stdout, done.stderr
    assert "free some and repeat" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("width", "height"), [(15, 16), (16, 15), (0, 16)])
def test_odd_sizes_are_refused_by_name(tmp_path: Path, width: int, height: int) -> None:
    with pytest.raises(InputError, match=f"even sizes, got {width}x{height}"):
        VideoWriter(tmp_path / "a.mp4", width=width, height=height, rate=RATE)


def test_a_rate_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="positive rate"):
        VideoWriter(tmp_path / "a.mp4", width=16, height=16, rate=Fraction(0))


@pytest.mark.parametrize(
    "picture", [np.zeros((16, 18, 3), np.uint8), np.zeros((16, 16, 3), np.float32)]
)
def test_a_picture_of_another_shape_or_type_is_refused(tmp_path: Path, picture: np.ndarray) -> None:
    with (
        pytest.raises(InputError, match="expected uint8"),
        VideoWriter(tmp_path / "a.mp4", width=16, height=16, rate=RATE) as writer,
    ):
        writer.write(picture)


def test_an_empty_video_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="no picture was written"),
        VideoWriter(tmp_path / "a.mp4", width=16, height=16, rate=RATE),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="choose a folder"),
        VideoWriter(tmp_path / "no" / "a.mp4", width=16, height=16, rate=RATE),
    ):
        pass


def test_writing_outside_the_block_is_refused(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "a.mp4", width=16, height=16, rate=RATE)
    with pytest.raises(InputError, match="'with' block"):
        writer.write(np.zeros((16, 16, 3), np.uint8))
