"""The reader: exactly the frames asked for, from any place, however the stream is ordered."""

from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path

import pytest

from engine.errors import InputError, VideoError
from engine.fakes.frames import read_number
from engine.media import decode
from engine.media.reading import frames, keyframes

RATE = Fraction(30)
STREAMS = {
    "without B-frames": {"bf": "0"},
    "with B-frames and pyramids": {"bf": "4", "x264-params": "b-pyramid=normal"},
    "with open groups": {"bf": "3", "x264-params": "open-gop=1:keyint=12:min-keyint=12"},
    "with one keyframe": {"x264-params": "keyint=infinite:scenecut=0"},
    "with intra refresh": {"x264-params": "intra-refresh=1:keyint=12"},
}


@pytest.fixture(scope="module", params=STREAMS)
def stream(request: pytest.FixtureRequest, film: Callable[..., Path]) -> Path:
    return film("stream.mp4", frames=70, options=STREAMS[request.param])


def numbers(path: Path, **where: object) -> list[int]:
    return [read_number(rgb) for rgb in decode(path, **where)]  # type: ignore[arg-type]  # start, stop, rate


def test_all_frames_in_order(stream: Path) -> None:
    assert numbers(stream) == list(range(70))


def test_a_seek_to_every_frame_gives_that_frame(stream: Path) -> None:
    for start in range(70):
        stop = min(start + 2, 70)
        assert numbers(stream, start=start, stop=stop, rate=RATE) == list(range(start, stop))


def test_counting_and_seeking_agree_to_the_byte(stream: Path) -> None:
    counted = list(decode(stream, start=41, stop=47))
    sought = list(decode(stream, start=41, stop=47, rate=RATE))
    assert all((a == b).all() for a, b in zip(counted, sought, strict=True))


def test_without_a_stop_it_reads_to_the_end(stream: Path) -> None:
    assert numbers(stream, start=66, rate=RATE) == [66, 67, 68, 69]


def test_ntsc_frames_are_exact_far_from_the_start(film: Callable[..., Path]) -> None:
    rate = Fraction(30000, 1001)
    path = film("ntsc.mp4", frames=600, rate=rate, size=(32, 32), options={"preset": "veryfast"})
    assert numbers(path, start=511, stop=515, rate=rate) == [511, 512, 513, 514]


def test_a_file_that_ends_before_stop_says_how_far_it_goes(stream: Path) -> None:
    with pytest.raises(VideoError, match="ends after 70 frames, 75 were expected"):
        numbers(stream, start=60, stop=75, rate=RATE)


def test_a_file_at_another_rate_is_not_read_as_if_it_were_right(stream: Path) -> None:
    with pytest.raises(VideoError, match="is missing at 60 frames/s"):
        numbers(stream, start=10, stop=20, rate=Fraction(60))


@pytest.mark.parametrize(("start", "stop"), [(-1, 4), (5, 4)])
def test_a_range_that_is_none_is_refused(stream: Path, start: int, stop: int) -> None:
    with pytest.raises(InputError, match="are no range"):
        numbers(stream, start=start, stop=stop)


def test_an_empty_range_is_empty(stream: Path) -> None:
    assert numbers(stream, start=5, stop=5, rate=RATE) == []


def test_the_file_is_closed_when_the_reader_stops_early(stream: Path) -> None:
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    frames = decode(stream)
    list(islice(frames, 3))
    frames.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_keyframes_come_with_their_numbers(stream: Path) -> None:
    whole = {k: frame.to_ndarray() for k, frame in enumerate(frames(stream))}
    found = dict(keyframes(stream, RATE))
    assert 1 <= len(found) < len(whole)
    for number, frame in found.items():
        assert frame.key_frame
        assert (frame.to_ndarray() == whole[number]).all()
