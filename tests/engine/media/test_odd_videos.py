"""Every odd video, through its working copy, to the frames of a clip: the number in the picture must be right."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.video_pyav import PyavFrameSource
from engine.errors import VideoError
from engine.fakes.frames import read_number
from engine.media import decode, probe
from engine.media.prober import PyavProber
from engine.media.working_copy import write_working_copy
from engine.types import Clip
from engine.workflows.ingest import Footage

Make = Callable[..., Path]


def silent(done: int, total: int) -> None:
    """Show nothing."""


def used(path: Path, folder: Path) -> tuple[Footage, Path]:
    """Look at the file as ingest does; return the footage and what would be decoded."""
    prober = PyavProber()
    footage = prober.look(path, progress=silent)
    if not footage.reasons:
        return footage, path
    out = folder / "copy.mp4"
    prober.copy(path, out, footage, progress=silent)
    return footage, out


def clip_of(footage: Footage, media: Path) -> Clip:
    width, height = footage.width, footage.height
    return Clip("odd-001", "sha", str(media), 0, footage.frames, width, height, footage.rate)


def pictures(footage: Footage, media: Path, **where: int) -> list[np.ndarray]:
    batches = PyavFrameSource().batches(clip_of(footage, media), **where)
    return [rgb for batch in batches for rgb in batch.rgb]


def turn_back(degrees: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda rgb: np.rot90(rgb, -degrees // 90)


def rotate(degrees: int) -> Callable[[Any], None]:
    return lambda stream: stream.set_display_rotation(degrees)


ODD: dict[str, tuple[str, dict[str, Any]]] = {
    "NTSC": ("n.mp4", {"rate": Fraction(30000, 1001)}),
    "B-frames": ("b.mp4", {"options": {"bf": "4"}}),
    "open groups": ("g.mp4", {"options": {"x264-params": "open-gop=1:keyint=12:bframes=3"}}),
    "fragments": ("f.mp4", {"muxer": {"movflags": "frag_keyframe+empty_moov"}}),
    "variable rate": ("v.mp4", {"stamps": [40 * k + 71 * (k // 7) for k in range(60)]}),
    "bursts": ("u.mkv", {"stamps": [33 * k - (25 if k % 9 == 4 else 0) for k in range(60)]}),
    "ten bits": ("t.mp4", {"pixels": "yuv420p10le"}),
    "4:2:2": ("2.mp4", {"pixels": "yuv422p"}),
    "odd size": ("o.mp4", {"size": (95, 63), "pixels": "yuv444p"}),
    "HEVC": ("h.mp4", {"codec": "libx265", "options": {"x265-params": "log-level=none"}}),
    "VP9": ("v.webm", {"codec": "libvpx-vp9", "options": {"cpu-used": "8"}}),
    "MJPEG": ("m.avi", {"codec": "mjpeg", "pixels": "yuvj420p"}),
    "transport stream": ("t.ts", {}),
    "grey": ("g.mkv", {"codec": "ffv1", "pixels": "gray"}),
    "RGBA": ("q.mov", {"codec": "qtrle", "pixels": "argb"}),
}


@pytest.mark.parametrize("odd", ODD)
def test_frame_k_shows_the_source_picture_that_the_map_says(
    film: Make, tmp_path: Path, odd: str
) -> None:
    name, made = ODD[odd]
    footage, media = used(film(name, frames=60, **made), tmp_path)
    seen = [read_number(rgb) for rgb in pictures(footage, media)]
    assert seen == list(footage.frame_map or range(60))
    assert [read_number(rgb) for rgb in pictures(footage, media, start=43, stop=50)] == seen[43:50]
    assert probe(media).reasons == ()


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_video_is_upright_in_its_working_copy(
    film: Make, tmp_path: Path, degrees: int
) -> None:
    footage, media = used(film("r.mp4", prepare=rotate(degrees)), tmp_path)
    upright = map(turn_back(degrees), pictures(footage, media))
    assert [read_number(rgb) for rgb in upright] == list(range(40))
    assert (footage.width, footage.height) == ((96, 64) if degrees == 180 else (64, 96))


def test_an_odd_size_is_padded_by_repeating_the_edge(film: Make, tmp_path: Path) -> None:
    footage, media = used(film("o.mp4", size=(95, 63), pixels="yuv444p"), tmp_path)
    picture = pictures(footage, media)[0].astype(int)
    assert picture.shape == (64, 96, 3)
    assert np.abs(picture[:, 95] - picture[:, 94]).max() < 40


def test_frames_hidden_by_an_edit_list_stay_hidden(film: Make, recut: Make, tmp_path: Path) -> None:
    cut = recut(film("e.mp4", options={"bf": "3"}), late=-7 * 512)
    footage, media = used(cut, tmp_path)
    assert [read_number(rgb) for rgb in pictures(footage, media)] == list(range(7, 40))


def test_a_video_that_begins_late_begins_at_its_first_picture(
    film: Make, recut: Make, tmp_path: Path
) -> None:
    footage, media = used(recut(film("l.mp4"), late=9 * 512), tmp_path)
    assert [read_number(rgb) for rgb in pictures(footage, media)] == list(range(40))


def test_hdr_footage_is_read_without_tone_mapping(film: Make, tmp_path: Path) -> None:
    def tag(stream: Any) -> None:
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc = 9, 9, 16

    options = {"x265-params": "log-level=none:hdr10=1"}
    made = film("h.mp4", codec="libx265", pixels="yuv420p10le", options=options, prepare=tag)
    footage, media = used(made, tmp_path)
    assert [read_number(rgb) for rgb in pictures(footage, media)] == list(range(40))


@given(gaps=st.lists(st.integers(15, 120), min_size=9, max_size=30))
@settings(max_examples=10, deadline=None)
def test_any_time_stamps_give_a_copy_that_shows_its_map(
    film: Make, tmp_path_factory: pytest.TempPathFactory, gaps: list[int]
) -> None:
    stamps = [sum(gaps[:k]) for k in range(len(gaps))]
    source = film("any.mkv", frames=len(stamps), stamps=stamps, options={"preset": "ultrafast"})
    footage, media = used(source, tmp_path_factory.mktemp("any"))
    seen = [read_number(rgb) for rgb in pictures(footage, media)]
    assert seen == list(footage.frame_map or range(len(stamps)))


def test_a_source_that_became_shorter_leaves_no_copy(film: Make, tmp_path: Path) -> None:
    out = tmp_path / "copy.mp4"
    with pytest.raises(VideoError, match="40 of 50 frames"):
        write_working_copy(film("s.mp4"), out, rate=Fraction(30), frame_map=range(50))
    assert list(tmp_path.iterdir()) == []


def test_a_copy_reports_its_progress(film: Make, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    write_working_copy(
        film("p.mkv", frames=10),
        tmp_path / "copy.mp4",
        rate=Fraction(30),
        frame_map=(0, 1, 1, 9),
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(1, 4), (3, 4), (4, 4)]
    assert [read_number(rgb) for rgb in decode(tmp_path / "copy.mp4")] == [0, 1, 1, 9]


@pytest.mark.slow
def test_four_thousand_pixels_wide_works(film: Make, tmp_path: Path) -> None:
    footage, media = used(film("4k.mkv", frames=9, size=(3840, 2160)), tmp_path)
    assert [read_number(rgb) for rgb in pictures(footage, media, size=2)] == list(range(9))
    assert (footage.width, footage.height) == (3840, 2160)
