"""What probing finds: facts to the frame, reasons for a working copy, and one clear error for each bad file."""

import os
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from engine.errors import VideoError
from engine.media import probe

Make = Callable[..., Path]
NTSC = Fraction(30000, 1001)


def test_a_plain_file_is_used_as_it_is(film: Make) -> None:
    facts = probe(film("plain.mp4", rate=NTSC))
    assert (facts.frames, facts.width, facts.height, facts.rate) == (40, 96, 64, NTSC)
    assert (facts.is_cfr, facts.reasons, facts.frame_map) == (True, (), ())
    assert (facts.codec, facts.pixel_format, facts.audio) == ("h264", "yuv420p", False)
    assert facts.seconds == pytest.approx(40 * 1001 / 30000)


def test_reordering_alone_is_no_edit_list(film: Make) -> None:
    facts = probe(film("b.mp4", options={"bf": "4"}))
    assert (facts.edit_list, facts.reasons, facts.frames) == (False, (), 40)


def tag(**values: Any) -> Callable[[Any], None]:
    def prepare(stream: Any) -> None:
        stream.set_display_rotation(values["rotate"])

    return prepare


def stretch(stream: Any) -> None:
    stream.codec_context.sample_aspect_ratio = Fraction(4, 3)


ODD: dict[str, tuple[str, dict[str, Any], str]] = {
    "variable rate": (
        "v.mp4",
        {"stamps": [40 * k + 17 * (k // 5) for k in range(40)]},
        "rate is not constant",
    ),
    "rotated": ("r.mp4", {"prepare": tag(rotate=90)}, "rotated by 90 degrees"),
    "upside down": ("r.mp4", {"prepare": tag(rotate=180)}, "rotated by 180 degrees"),
    "stretched": ("s.mp4", {"prepare": stretch}, "pixels are not square"),
    "interlaced": ("i.mp4", {"options": {"x264-params": "tff=1:interlaced=1"}}, "interlaced"),
    "ten bits": ("t.mp4", {"pixels": "yuv420p10le"}, "yuv420p10le High 10"),
    "4:2:2": ("f.mp4", {"pixels": "yuv422p"}, "yuv422p High 4:2:2"),
    "odd size": ("o.mp4", {"size": (95, 63), "pixels": "yuv444p"}, "95x63 is odd"),
    "HEVC": ("h.mp4", {"codec": "libx265", "options": {"x265-params": "log-level=none"}}, "hevc"),
    "VP9": ("v.webm", {"codec": "libvpx-vp9", "options": {"cpu-used": "8"}}, "vp9"),
    "MPEG-4": ("m.mp4", {"codec": "mpeg4"}, "mpeg4"),
    "MJPEG": ("m.avi", {"codec": "mjpeg", "pixels": "yuvj420p"}, "mjpeg"),
    "Matroska": ("k.mkv", {}, "matroska,webm files"),
    "transport stream": ("t.ts", {}, "mpegts files"),
    "animation": ("a.gif", {"codec": "gif", "pixels": "rgb8", "rate": Fraction(25)}, "gif"),
    "grey FFV1": ("g.mkv", {"codec": "ffv1", "pixels": "gray"}, "ffv1"),
    "RGBA": ("q.mov", {"codec": "qtrle", "pixels": "argb"}, "qtrle"),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_browsers_or_frame_numbers_cannot_rely_on_is_a_reason(film: Make, odd: str) -> None:
    name, made, reason = ODD[odd]
    facts = probe(film(name, **made))
    assert facts.frames == 40
    assert any(reason in said for said in facts.reasons), facts.reasons


def test_a_turned_or_stretched_file_has_the_size_that_is_shown(film: Make) -> None:
    turned = probe(film("r.mp4", prepare=tag(rotate=270)))
    stretched = probe(film("s.mp4", prepare=stretch))
    assert (turned.width, turned.height) == (64, 96)
    assert (stretched.width, stretched.height) == (128, 64)


def test_an_edit_list_hides_frames_and_is_seen(film: Make, recut: Make) -> None:
    facts = probe(recut(film("b.mp4", options={"bf": "2"}), late=-5 * 512))
    assert (facts.frames, facts.edit_list) == (35, True)
    assert facts.reasons == ("it carries an edit list",)


def test_a_file_that_begins_late_is_seen(film: Make, recut: Make) -> None:
    facts = probe(recut(film("a.mp4"), late=5 * 512))
    assert (facts.frames, facts.reasons) == (40, ("it does not begin at time 0",))


def test_a_variable_rate_has_a_map_at_the_nearest_standard_rate(film: Make) -> None:
    stamps = [33 * k + (400 if k >= 20 else 0) for k in range(40)]
    facts = probe(film("v.mp4", stamps=stamps))
    assert facts.rate == 30
    assert facts.frame_map[:20] == tuple(range(20))
    assert facts.frame_map[20:31] == (19,) * 11
    assert facts.frame_map[-1] == 39


def test_progress_ends_at_the_exact_count(film: Make) -> None:
    calls: list[tuple[int, int]] = []
    probe(film("p.mp4", frames=70), progress=lambda done, total: calls.append((done, total)))
    assert calls == [(30, 70), (60, 70), (70, 70)]


def cut_off(path: Path, *, keep: float = 0.6) -> Path:
    data = path.read_bytes()
    short = path.with_name(f"short{path.suffix}")
    short.write_bytes(data[: int(len(data) * keep)])
    return short


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a.mp4", {"muxer": {"movflags": "faststart"}}),
        ("a.mp4", {"muxer": {"movflags": "frag_keyframe+empty_moov"}}),
        ("a.mkv", {}),
        ("a.avi", {"codec": "mjpeg", "pixels": "yuvj420p"}),
    ],
)
def test_a_truncated_file_says_how_much_of_it_is_readable(
    film: Make, name: str, made: dict[str, Any]
) -> None:
    with pytest.raises(VideoError, match=r"truncated: \d+ of \d+ frames are readable.*ffmpeg"):
        probe(cut_off(film(name, frames=60, **made)))


def test_a_file_cut_before_its_index_is_not_a_video(film: Make) -> None:
    with pytest.raises(VideoError, match="incomplete or damaged"):
        probe(cut_off(film("a.mp4")))


def write_no_frames(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()


def write_audio(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44100)
        silence = np.zeros((1, 44100), np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
        frame.rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_unknown_codec(path: Path, film: Make) -> None:
    path.write_bytes(film("a.mp4").read_bytes().replace(b"avc1", b"zzzz"))


BAD: dict[str, tuple[Callable[[Path, Make], object], str]] = {
    "absent": (lambda path, _: path, "there is no such file"),
    "a folder": (lambda path, _: path.mkdir(), "got a directory"),
    "empty": (lambda path, _: path.touch(), "empty"),
    "text": (lambda path, _: path.write_text("hello\n" * 99), "cannot be read as video"),
    "a photograph": (
        lambda path, _: Image.new("RGB", (64, 48)).save(path, "JPEG"),
        "still picture",
    ),
    "no frames": (lambda path, _: write_no_frames(path), "holds no pictures"),
    "audio only": (lambda path, _: write_audio(path), "holds no pictures"),
    "an unknown codec": (write_unknown_codec, "no decoder for its codec"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_video_is_refused_in_words_of_its_own(
    tmp_path: Path, film: Make, bad: str
) -> None:
    write, message = BAD[bad]
    path = tmp_path / "bad.mp4"
    write(path, film)
    with pytest.raises(VideoError, match=f"bad.mp4.*{message}"):
        probe(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(film: Make) -> None:
    path = film("secret.mp4")
    path.chmod(0)
    with pytest.raises(VideoError, match="not readable by this user"):
        probe(path)


def test_a_picture_size_that_changes_is_refused_with_the_frame(film: Make, tmp_path: Path) -> None:
    small, large = film("s.ts", frames=20), film("l.ts", frames=20, size=(128, 64))
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    with pytest.raises(VideoError, match="change from 96x64 to 128x64 at frame 20"):
        probe(both)


@pytest.mark.footage
def test_real_recordings_have_as_many_frames_as_their_truth_says(footage: Path) -> None:
    for number in (11, 12, 13, 14, 15):
        first = (footage / "snooker" / f"{number}_ball_1_gt.txt").read_text().split()[0]
        assert probe(footage / "snooker" / f"{number}.mp4").frames == int(first)


def test_the_frame_count_is_that_of_an_independent_program(film: Make, ffprobe: str) -> None:
    path = film("b.mp4", frames=53, options={"bf": "3"})
    asked = [
        "-v",
        "error",
        "-count_frames",
        "-show_entries",
        "stream=nb_read_frames",
        "-of",
        "csv=p=0",
    ]
    counted = subprocess.run(
        [ffprobe, *asked, str(path)], capture_output=True, text=True, check=True
    )
    assert probe(path).frames == int(counted.stdout.strip())
