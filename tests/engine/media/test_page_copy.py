"""The browser's copy of a clip shows the clip's own pictures, one for one, and is made for stepping and seeking."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from engine.adapters.video_pyav import PyavFrameSource
from engine.errors import DiskFull, VideoError
from engine.fakes.frames import numbered, read_number
from engine.media import decode, page_copy, probe
from engine.media.colour import tag_bt709
from engine.media.page_copy import KEYFRAMES, write_page_copy
from engine.media.still import write_jpeg, write_png
from engine.types import Clip

MakeFilm = Callable[..., Path]
NTSC = Fraction(30000, 1001)


def clip_of(path: Path, *, start: int = 0, frames: int | None = None) -> Clip:
    facts = probe(path)
    many = facts.frames - start if frames is None else frames
    return Clip("c", "v", str(path), start, many, facts.width, facts.height, facts.rate)


def keyframes(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(container.streams.video[0]) if p.size]
    assert all(p.pts == p.dts for p in packets)
    return [number for number, packet in enumerate(packets) if packet.is_keyframe]


def numbers(path: Path) -> list[int]:
    return [read_number(picture) for picture in decode(path)]


FILMS: dict[str, dict[str, Any]] = {
    "at 30": {},
    "at 29.97": {"rate": NTSC},
    "at 23.976": {"rate": Fraction(24000, 1001)},
    "of full range": {"pixels": "yuvj420p"},
    "with reordered pictures": {"options": {"bf": "3"}},
    "with a keyframe at the beginning alone": {"options": {"x264-params": "keyint=infinite"}},
    "in 4:4:4": {"pixels": "yuv444p"},
    "in MPEG-4": {"codec": "mpeg4"},
    "of 720 lines": {"size": (1280, 720)},
}


@pytest.mark.parametrize("kind", FILMS)
@pytest.mark.parametrize(("start", "count"), [(0, 40), (7, 20), (39, 1)])
def test_frame_k_of_the_copy_is_frame_k_of_the_clip(
    kind: str, start: int, count: int, film: MakeFilm, tmp_path: Path
) -> None:
    clip = clip_of(film("film.mp4", **FILMS[kind]), start=start, frames=count)
    assert write_page_copy(clip, tmp_path / "copy.mp4")
    assert numbers(tmp_path / "copy.mp4") == list(range(start, start + count))


@pytest.mark.parametrize("kind", FILMS)
def test_the_copy_needs_no_working_copy_and_keeps_the_rate(
    kind: str, film: MakeFilm, tmp_path: Path
) -> None:
    clip = clip_of(film("film.mp4", **FILMS[kind]))
    write_page_copy(clip, tmp_path / "copy.mp4")
    facts = probe(tmp_path / "copy.mp4")
    assert (facts.rate, facts.frames, facts.is_cfr) == (clip.rate, clip.frames, True)
    assert facts.reasons == ()


@pytest.mark.parametrize("kind", FILMS)
def test_colours_are_those_that_models_see(kind: str, film: MakeFilm, tmp_path: Path) -> None:
    clip = clip_of(film("film.mp4", **FILMS[kind]))
    write_page_copy(clip, tmp_path / "copy.mp4")
    for shown, seen in zip(decode(tmp_path / "copy.mp4"), decode(clip.media), strict=True):
        assert np.abs(shown.astype(int) - seen).mean() < 3


def test_a_keyframe_is_never_far(film: MakeFilm, tmp_path: Path) -> None:
    clip = clip_of(film("film.mp4", options={"x264-params": "keyint=infinite"}))
    write_page_copy(clip, tmp_path / "copy.mp4")
    keys = [*keyframes(tmp_path / "copy.mp4"), clip.frames]
    assert keys[0] == 0
    assert max(after - before for before, after in pairwise(keys)) <= KEYFRAMES


def test_the_index_is_in_front_so_that_playing_begins_before_all_has_come(
    film: MakeFilm, tmp_path: Path
) -> None:
    write_page_copy(clip_of(film("film.mp4", options={"bf": "2"})), tmp_path / "copy.mp4")
    data = (tmp_path / "copy.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def tagged(stream: Any, *, keyframes: int) -> None:
    tag_bt709(stream.codec_context)
    stream.gop_size = keyframes


CALM = {"bf": "0", "sc_threshold": "0"}  # no keyframes but those that were asked for


def test_a_stream_that_serves_as_it_is_is_copied_and_not_encoded(
    film: MakeFilm, tmp_path: Path
) -> None:
    path = film("film.mp4", options=CALM, prepare=partial(tagged, keyframes=12))
    write_page_copy(clip_of(path, start=12, frames=20), tmp_path / "copy.mp4")
    pairs = zip(decode(tmp_path / "copy.mp4"), decode(path, start=12, stop=32), strict=True)
    assert all(np.array_equal(shown, seen) for shown, seen in pairs)
    assert keyframes(tmp_path / "copy.mp4") == [0, 12]


def test_a_stream_with_distant_keyframes_is_encoded(film: MakeFilm, tmp_path: Path) -> None:
    path = film("film.mp4", options=CALM, prepare=partial(tagged, keyframes=40))
    write_page_copy(clip_of(path), tmp_path / "copy.mp4")
    assert keyframes(tmp_path / "copy.mp4") == [0, 12, 24, 36]


def test_a_stream_that_browsers_would_turn_or_stretch_is_encoded(
    film: MakeFilm, tmp_path: Path
) -> None:
    def stretched(stream: Any) -> None:
        tagged(stream, keyframes=12)
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)

    clip = replace(clip_of(film("film.mp4", options=CALM, prepare=stretched)), width=96)
    write_page_copy(clip, tmp_path / "copy.mp4")
    facts = probe(tmp_path / "copy.mp4")
    assert (facts.width, facts.height) == (96, 64)


@pytest.mark.parametrize("write", [write_png, write_jpeg])
def test_a_folder_of_pictures_becomes_a_film(write: Callable[..., None], tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    ending = "png" if write is write_png else "jpg"
    for number in range(20):
        write(folder / f"{number:05d}.{ending}", numbered(number, width=97, height=63))
    clip = Clip("c", "v", str(folder), 3, 12, 97, 63, Fraction(24))
    assert write_page_copy(clip, tmp_path / "copy.mp4")
    pictures = list(decode(tmp_path / "copy.mp4"))
    assert [read_number(picture[:63, :97]) for picture in pictures] == list(range(3, 15))
    assert pictures[0].shape == (64, 98, 3)


def test_progress_comes_to_an_end(film: MakeFilm, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    clip = clip_of(film("film.mp4"))
    write_page_copy(clip, tmp_path / "copy.mp4", progress=lambda *now: told.append(now))
    assert told[-1] == (40, 40)
    assert told == sorted(told)


def test_nothing_is_left_of_a_copy_that_is_not_wanted_any_more(
    film: MakeFilm, tmp_path: Path
) -> None:
    asked = iter(range(100))
    clip = clip_of(film("film.mp4"))
    assert not write_page_copy(clip, tmp_path / "copy.mp4", stop=lambda: next(asked) > 9)
    assert not list(tmp_path.iterdir())


def test_a_clip_that_is_longer_than_its_media_is_refused(film: MakeFilm, tmp_path: Path) -> None:
    clip = replace(clip_of(film("film.mp4")), frames=50)
    with pytest.raises(VideoError, match="ends after 40 frames, 50 were expected"):
        write_page_copy(clip, tmp_path / "copy.mp4")
    assert not list(tmp_path.iterdir())


def test_media_that_is_gone_is_said(film: MakeFilm, tmp_path: Path) -> None:
    clip = replace(clip_of(film("film.mp4")), media=str(tmp_path / "gone.mp4"))
    with pytest.raises(VideoError, match="there is no such file"):
        write_page_copy(clip, tmp_path / "copy.mp4")


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("options", [{"bf": "2"}, {"bf": "0", "sc_threshold": "0"}])
def test_a_full_disk_is_said_and_nothing_is_left(
    options: dict[str, str], film: MakeFilm, tmp_path: Path
) -> None:
    clip = clip_of(film("film.mp4", size=(320, 240), options=options))
    with largest_file(4096), pytest.raises(DiskFull):
        write_page_copy(clip, tmp_path / "copy.mp4")
    assert not list(tmp_path.iterdir())


def test_the_clips_reader_and_the_copy_agree_on_every_frame(film: MakeFilm, tmp_path: Path) -> None:
    clip = clip_of(film("film.mp4", options={"bf": "2"}, rate=NTSC), start=5, frames=30)
    write_page_copy(clip, tmp_path / "copy.mp4")
    read = np.concatenate([batch.rgb for batch in PyavFrameSource().batches(clip)])
    assert [read_number(picture) for picture in read] == numbers(tmp_path / "copy.mp4")


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast"])
def test_the_encoder_may_be_made_slower(
    preset: str, film: MakeFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_copy, "PRESET", preset)
    write_page_copy(clip_of(film("film.mp4", options={"bf": "2"})), tmp_path / "copy.mp4")
    assert numbers(tmp_path / "copy.mp4") == list(range(40))


@pytest.mark.slow
def test_a_film_of_four_thousand_columns_is_copied_too(film: MakeFilm, tmp_path: Path) -> None:
    clip = clip_of(film("film.mp4", size=(3840, 2160), frames=14, options={"bf": "2"}))
    write_page_copy(clip, tmp_path / "copy.mp4")
    assert numbers(tmp_path / "copy.mp4") == list(range(14))


@pytest.mark.footage
@pytest.mark.slow
def test_real_recordings_are_copied(footage: Path, tmp_path: Path) -> None:
    for path in sorted(footage.glob("*.mp4")):
        clip = clip_of(path, frames=30)
        write_page_copy(clip, tmp_path / "copy.mp4")
        for shown, seen in zip(decode(tmp_path / "copy.mp4"), decode(path, stop=30), strict=True):
            assert np.abs(shown.astype(int) - seen).mean() < 3
