"""A cut is the recording's own pictures, bit for bit, or it is not made at all."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import DiskFull, VideoError
from engine.media import decode
from engine.media.cutting import cut_stream
from engine.media.probing import probe

MakeFilm = Callable[..., Path]
NTSC = Fraction(30000, 1001)


PLAIN = {"options": {"bf": "0", "sc_threshold": "0"}}  # keyframes at 0, 12, 24, 36
FILMS: dict[str, dict[str, Any]] = {
    "plain": PLAIN,
    "at 29.97": {**PLAIN, "rate": NTSC},
    "at 59.94": {**PLAIN, "rate": Fraction(60000, 1001)},
    "in Matroska": {**PLAIN, "name": "film.mkv"},
    "in a transport stream": {**PLAIN, "name": "film.ts"},
    "of full range": {**PLAIN, "pixels": "yuvj420p"},
    "every frame a keyframe": {"options": {"bf": "0", "x264-params": "keyint=1"}},
    "with an open group": {"options": {"bf": "0", "open-gop": "1"}},
    "with reordered pictures": {"options": {"bf": "2"}},
    "in 4:4:4": {**PLAIN, "pixels": "yuv444p"},
    "in MPEG-4": {"codec": "mpeg4"},
    "with a frame twice as long": {**PLAIN, "stamps": [33 * k + 33 * (k > 20) for k in range(40)]},
    "with pictures late by 2 ms": {**PLAIN, "stamps": [33 * k + 2 * (k % 2) for k in range(40)]},
    "with intra refresh": {"options": {"bf": "0", "x264-params": "intra-refresh=1"}},
}
CUT = set(list(FILMS)[:7])
WHOLE = {"with reordered pictures", "in 4:4:4", "in MPEG-4"}  # never cut


def cuts(path: Path, out: Path, rate: Fraction, *, frames: int = 9) -> Iterator[int]:
    """Cut at every frame; yield where that was done, after having looked at each picture of the cut."""
    for start in range(31):
        if not cut_stream(path, out, start=start, frames=frames, rate=rate):
            assert not out.exists()
            continue
        expected = decode(path, start=start, stop=start + frames, rate=rate)
        pairs = list(zip(decode(out), expected, strict=True))
        assert len(pairs) == frames
        assert all(np.array_equal(here, there) for here, there in pairs)
        found = probe(out)
        assert (found.rate, found.frames) == (rate, frames)
        out.unlink()
        yield start


@pytest.mark.parametrize("kind", FILMS)
def test_a_cut_shows_the_very_pictures_or_there_is_none(
    kind: str, film: MakeFilm, tmp_path: Path
) -> None:
    made = {"name": "film.mp4", **FILMS[kind]}
    path = film(**made)
    done = list(cuts(path, tmp_path / "cut.mp4", made.get("rate", Fraction(30))))
    if kind in CUT:
        assert {0, 12, 24} <= set(done)
    if kind in WHOLE:
        assert done == []
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("late", [-3, 0, 5])
def test_a_recording_that_begins_late_or_is_cut_by_its_index_is_numbered_as_it_is_decoded(
    late: int, film: MakeFilm, recut: MakeFilm, tmp_path: Path
) -> None:
    path = recut(film("film.mp4", **PLAIN), late=late * 512)
    assert list(cuts(path, tmp_path / "cut.mp4", Fraction(30), frames=5))


def test_a_cut_begins_where_a_picture_stands_on_its_own(film: MakeFilm, tmp_path: Path) -> None:
    path, out = film("film.mp4", **PLAIN), tmp_path / "cut.mp4"
    assert cut_stream(path, out, start=12, frames=28, rate=Fraction(30))
    assert not cut_stream(path, tmp_path / "other.mp4", start=13, frames=9, rate=Fraction(30))


def test_what_is_longer_than_the_recording_is_not_cut(film: MakeFilm, tmp_path: Path) -> None:
    path = film("film.mp4", **PLAIN)
    assert not cut_stream(path, tmp_path / "cut.mp4", start=12, frames=29, rate=Fraction(30))
    assert not cut_stream(path, tmp_path / "cut.mp4", start=48, frames=1, rate=Fraction(30))
    assert not list(tmp_path.iterdir())


def test_another_rate_than_the_recordings_is_not_cut(film: MakeFilm, tmp_path: Path) -> None:
    path = film("film.mp4", **PLAIN)
    for rate in (Fraction(25), Fraction(60), NTSC):
        if cut_stream(path, tmp_path / "cut.mp4", start=0, frames=20, rate=rate):
            assert rate == NTSC  # over two thirds of a second nobody can tell


def test_the_same_cut_has_the_same_bytes(film: MakeFilm, tmp_path: Path) -> None:
    path = film("film.mp4", **PLAIN)
    for name in ("a.mp4", "b.mp4"):
        assert cut_stream(path, tmp_path / name, start=12, frames=9, rate=Fraction(30))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.parametrize("kept", [0, 40, 0.5, 0.9])
@pytest.mark.parametrize(
    ("name", "flags"),
    [("film.mp4", ""), ("film.mp4", "+faststart"), ("film.mkv", ""), ("film.ts", "")],
)
def test_what_is_left_of_a_recording_is_cut_exactly_or_named(
    name: str, flags: str, kept: float, film: MakeFilm, tmp_path: Path
) -> None:
    path, damaged = film(name, **PLAIN, muxer={"movflags": flags} if flags else None), tmp_path / name  # fmt: skip
    data = path.read_bytes()
    damaged.write_bytes(data[: kept if isinstance(kept, int) else int(kept * len(data))])
    (tmp_path / "cut").mkdir()
    with suppress_named(damaged):
        assert not cut_stream(
            damaged, tmp_path / "cut/cut.mp4", start=12, frames=28, rate=Fraction(30)
        )
    assert not list((tmp_path / "cut").iterdir())


@contextmanager
def suppress_named(path: Path) -> Iterator[None]:
    """Let an error pass that speaks of a recording and names it."""
    try:
        yield
    except VideoError as error:
        if str(path) not in str(error):
            raise


def test_no_room_is_said_and_leaves_nothing(film: MakeFilm, tmp_path: Path) -> None:
    path = film("film.mp4", **PLAIN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, limits[1]))
    try:
        with pytest.raises(DiskFull, match="no room left"):
            cut_stream(path, tmp_path / "cut.mp4", start=0, frames=40, rate=Fraction(30))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir())


def test_an_old_file_stays_where_a_cut_is_not_made(film: MakeFilm, tmp_path: Path) -> None:
    out = tmp_path / "cut.mp4"
    out.write_bytes(b"old")
    assert not cut_stream(film("film.mp4", **PLAIN), out, start=1, frames=9, rate=Fraction(30))
    assert out.read_bytes() == b"old"
