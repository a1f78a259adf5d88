"""What every FrameSource keeps to, whatever it reads from."""

import threading
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.video_pyav import PyavFrameSource
from engine.errors import InputError
from engine.fakes.frames import FakeFrameSource, numbered, read_number
from engine.media import VideoWriter
from engine.media.still import write_jpeg, write_png
from engine.ports import FrameSource
from engine.types import Clip

FRAMES = 90
START = 11
RATE = Fraction(30000, 1001)


def video(folder: Path) -> Path:
    path = folder / "numbered.mp4"
    with VideoWriter(path, width=64, height=48, rate=RATE, keyframes=25) as writer:
        for number in range(FRAMES):
            writer.write(numbered(number, width=64, height=48))
    return path


def jpegs(folder: Path) -> Path:
    for number in range(FRAMES):
        write_jpeg(folder / f"{number:05d}.jpg", numbered(number, width=64, height=48))
    return folder


def pngs(folder: Path) -> Path:
    for number in range(FRAMES):
        write_png(folder / f"{number:05d}.png", numbered(number, width=64, height=48))
    return folder


WAYS = {
    "fake": (FakeFrameSource, video),
    "video": (PyavFrameSource, video),
    "folder of JPEGs": (PyavFrameSource, jpegs),
    "folder of PNGs": (PyavFrameSource, pngs),
}


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest):
    return WAYS[request.param]


@pytest.fixture(scope="module")
def media(way, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return way[1](tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="module")
def source(way) -> FrameSource:
    return way[0]()


@pytest.fixture(scope="module")
def clip(media: Path) -> Clip:
    return Clip("numbered-001", "sha", str(media), START, 70, 64, 48, RATE)


def test_frame_k_of_the_clip_is_frame_start_plus_k_of_the_media(
    source: FrameSource, clip: Clip
) -> None:
    seen = [read_number(rgb) for batch in source.batches(clip) for rgb in batch.rgb]
    assert seen == list(range(START, START + 70))


def test_batches_say_their_first_frame_and_only_the_last_is_shorter(
    source: FrameSource, clip: Clip
) -> None:
    batches = [(batch.first, len(batch)) for batch in source.batches(clip, size=32)]
    assert batches == [(0, 32), (32, 32), (64, 6)]


def test_pictures_are_rgb_bytes_of_the_size_of_the_clip(source: FrameSource, clip: Clip) -> None:
    batch = next(source.batches(clip, size=3))
    assert batch.rgb.shape == (3, 48, 64, 3)
    assert batch.rgb.dtype.name == "uint8"


@given(
    bounds=st.lists(st.integers(0, 70), min_size=2, max_size=2).map(sorted), size=st.integers(1, 40)
)
@settings(max_examples=25, deadline=None)
def test_any_range_gives_exactly_its_frames(
    source: FrameSource, clip: Clip, bounds: list[int], size: int
) -> None:
    start, stop = bounds
    batches = list(source.batches(clip, size=size, start=start, stop=stop))
    seen = [read_number(rgb) - START for batch in batches for rgb in batch.rgb]
    assert seen == list(range(start, stop))
    assert [batch.first for batch in batches] == list(range(start, stop, size))


def test_a_picture_is_the_same_bytes_from_the_start_and_from_the_middle(
    source: FrameSource, clip: Clip
) -> None:
    (whole,) = source.batches(clip, size=70)
    (middle,) = source.batches(clip, size=70, start=33, stop=41)
    assert (whole.rgb[33:41] == middle.rgb).all()


def test_two_passes_do_not_disturb_each_other(source: FrameSource, clip: Clip) -> None:
    first, second = source.batches(clip, size=1), source.batches(clip, size=1, start=40)
    seen = [(read_number(next(first).rgb[0]), read_number(next(second).rgb[0])) for _ in range(5)]
    assert seen == [(START + k, START + 40 + k) for k in range(5)]


def test_a_pass_that_is_closed_early_leaves_no_thread_behind(
    source: FrameSource, clip: Clip
) -> None:
    before = threading.active_count()
    batches = source.batches(clip, size=2)
    next(batches)
    batches.close()  # type: ignore[attr-defined]  # the port promises a generator
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("size", "start", "stop"), [(0, 0, None), (8, -1, None), (8, 0, 71), (8, 5, 4)]
)
def test_a_range_outside_the_clip_is_refused_with_its_length(
    source: FrameSource, clip: Clip, size: int, start: int, stop: int | None
) -> None:
    with pytest.raises(InputError, match="it has 70 frames"):
        list(source.batches(clip, size=size, start=start, stop=stop))
