"""Picture k shows frame k of the video: whatever matrix the video names, wherever something moves."""

import os
import shutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from engine.media import VideoWriter, decode
from engine.media.still import write_jpeg
from exports.checks.pictures import SHRINK, look
from exports.checks.planes import Planes, shrunk
from exports.checks.video import Footage, check_video

SIZE, FRAMES = (120, 160), 24
Make = Callable[[int], np.ndarray]


def table(frame: int, *, speed: float) -> np.ndarray:
    """A green cloth with a pattern and a red ball that rolls, uint8 (H, W, 3)."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    cloth = [np.full(SIZE, 20), 110 + 20 * np.sin(columns / 9), 60 + 10 * np.cos(rows / 7)]
    ball = (columns - 30 - speed * frame) ** 2 + (rows - 60) ** 2 < 12**2
    colours = (200, 40, 30)
    planes = [np.where(ball, c, p) for c, p in zip(colours, cloth, strict=True)]
    return np.stack(planes, axis=-1).astype(np.uint8)


def rolling(frame: int) -> np.ndarray:
    return table(frame, speed=1.0)


def resting(_frame: int) -> np.ndarray:
    return table(0, speed=0.0)


@pytest.fixture
def film(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    def made(picture: Make, *, shown: Make | None = None) -> tuple[Path, Path]:
        video, folder = tmp_path / "clip.mp4", tmp_path / "pictures"
        folder.mkdir()
        with VideoWriter(
            video, width=SIZE[1], height=SIZE[0], rate=Fraction(30), keyframes=6
        ) as writer:
            for k in range(FRAMES):
                writer.write(picture(k))
                write_jpeg(folder / f"{k:05d}.jpg", (shown or picture)(k))
        return video, folder

    return made


def told(
    video: Path, folder: Path, numbers: range = range(FRAMES), *, keyframes: bool = False
) -> tuple[list[str], object]:
    """Run a check to its end; return what it yields and what it returns."""
    lines, check = [], check_video(video, folder, numbers, keyframes=keyframes)
    while True:
        try:
            lines.append(next(check))
        except StopIteration as end:
            return lines, end.value


def test_pictures_of_a_video_are_those_of_its_frames(
    film: Callable[..., tuple[Path, Path]],
) -> None:
    assert told(*film(rolling)) == ([], Footage(FRAMES, SIZE, Fraction(30)))


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_ball_that_rolls_one_pixel_a_frame_betrays_a_shift_by_one(
    shift: int, film: Callable[..., tuple[Path, Path]]
) -> None:
    """The ball is as bright as the cloth: it is its colour that tells."""
    (line,), _ = told(*film(rolling, shown=lambda k: rolling(k + shift)))
    (number, shown) = (int(part) for part in (line.split("pictures/")[1][:5], line.split()[3]))
    assert shown - number == shift
    assert line.endswith(f"shows frame {shown} of clip.mp4, not {number}")


@pytest.mark.parametrize("shift", [-3, -2, 2, 3])
def test_a_larger_shift_is_found_one_way_or_the_other(
    shift: int, film: Callable[..., tuple[Path, Path]]
) -> None:
    (line,), _ = told(*film(rolling, shown=lambda k: rolling(k + shift)))
    assert "differs from frame" in line or "shows frame" in line


def test_a_shift_from_some_frame_on_is_found(film: Callable[..., tuple[Path, Path]]) -> None:
    (line,), _ = told(*film(rolling, shown=lambda k: rolling(k + (k >= 12))))
    assert int(line.split("pictures/")[1][:5]) >= 12


def test_a_table_at_rest_cannot_tell(film: Callable[..., tuple[Path, Path]]) -> None:
    assert told(*film(resting, shown=lambda k: resting(k + 1)))[0] == []


def test_only_pictures_that_are_there_are_compared(
    film: Callable[..., tuple[Path, Path]],
) -> None:
    video, folder = film(rolling)
    for path in folder.iterdir():
        if int(path.stem) % 5:
            path.unlink()
    assert told(video, folder, range(0, FRAMES, 5))[0] == []


def test_red_and_blue_exchanged_are_found(film: Callable[..., tuple[Path, Path]]) -> None:
    (line,), _ = told(*film(rolling, shown=lambda k: rolling(k)[..., ::-1]))
    assert "00000.jpg: differs from frame 0 of clip.mp4 by " in line


def test_a_foreign_picture_is_named(film: Callable[..., tuple[Path, Path]]) -> None:
    (line,), _ = told(*film(rolling, shown=lambda k: 255 - rolling(k) if k == 7 else rolling(k)))
    assert "00007.jpg: differs from frame 7 of clip.mp4 by " in line


def test_a_video_that_plays_turned_is_told(film: Callable[..., tuple[Path, Path]]) -> None:
    video, folder = film(rolling)
    data = bytearray(video.read_bytes())
    upright = bytes.fromhex("00010000 00000000 00000000 00000000 00010000".replace(" ", ""))
    turned = bytes.fromhex("00000000 00010000 00000000 ffff0000 00000000".replace(" ", ""))
    at = data.index(upright, data.index(b"tkhd"))
    data[at : at + len(turned)] = turned
    video.write_bytes(data)
    assert any("is rotated by" in line for line in told(video, folder)[0])


def frames_with(matrix: Colorspace, reach: ColorRange, pixels: str) -> Iterator[av.VideoFrame]:
    """One picture as a decoder of such a stream hands it over, whatever its codec."""
    rgb = av.VideoFrame.from_ndarray(rolling(0), format="rgb24")
    frame = rgb.reformat(
        format=pixels, dst_colorspace=matrix, dst_color_range=reach, src_color_range=ColorRange.JPEG
    )
    numbers = {Colorspace.ITU709: 1, Colorspace.ITU601: 6, Colorspace.BT2020: 9}
    frame.colorspace, frame.color_range = numbers[matrix], reach
    yield frame


@pytest.mark.parametrize("matrix", [Colorspace.ITU709, Colorspace.ITU601])
@pytest.mark.parametrize("reach", [ColorRange.MPEG, ColorRange.JPEG])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p", "yuv420p10le"])
def test_planes_of_a_picture_are_those_of_the_frame_made_of_it(
    matrix: Colorspace, reach: ColorRange, pixels: str
) -> None:
    for frame in frames_with(matrix, reach, pixels):
        formula = Planes(frame)
        small = shrunk(formula.of_frame(frame), formula.steps, SHRINK)
        planes = [np.rint(plane).astype(np.uint8) for plane in formula.of_rgb(rolling(0))]
        expected = shrunk(planes, [(1, 1)] * 3, SHRINK)
        assert np.abs(small - expected).mean(axis=(1, 2)).max() < 2.0


def test_a_jpeg_at_an_eighth_is_the_mean_of_its_blocks(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "a.jpg", rolling(0))
    small = look(tmp_path / "a.jpg")
    assert isinstance(small, np.ndarray)
    channels = [np.ascontiguousarray(rolling(0)[..., channel]) for channel in range(3)]
    whole = shrunk(channels, [(1, 1)] * 3, SHRINK)
    assert np.abs(np.moveaxis(small, -1, 0) - whole).mean() < 2


@pytest.fixture
def footage() -> Path:
    beside = Path(__file__).parents[2].parent / "shared" / "footage"
    folder = Path(os.environ.get("ENGINE_FOOTAGE", beside))
    if not folder.is_dir():
        pytest.skip("no real clips: name their folder in ENGINE_FOOTAGE")
    return folder


@pytest.mark.slow
@pytest.mark.footage
@pytest.mark.parametrize(
    "name", ["overhead_1080p.mp4", "game1_clip1/game1_clip1.mp4", "snooker/11.mp4"]
)
def test_real_clips_agree_with_their_own_pictures_and_betray_a_shift(
    name: str, footage: Path, tmp_path: Path
) -> None:
    count, folder = 40, tmp_path / "pictures"
    folder.mkdir()
    frames = list(decode(footage / name, stop=count))
    video = tmp_path / "clip.mp4"
    high, wide, _ = frames[0].shape
    with VideoWriter(video, width=wide, height=high, rate=Fraction(30)) as writer:
        for k, rgb in enumerate(frames):
            writer.write(rgb)
            write_jpeg(folder / f"{k:05d}.jpg", rgb)
    assert told(video, folder, range(count))[0] == []
    for k in range(count - 1):
        shutil.move(folder / f"{k + 1:05d}.jpg", folder / f"{k:05d}.jpg")
    shutil.copy(folder / f"{count - 2:05d}.jpg", folder / f"{count - 1:05d}.jpg")
    assert told(video, folder, range(count))[0]


def test_keyframes_alone_tell_length_size_and_rate(film: Callable[..., tuple[Path, Path]]) -> None:
    assert told(*film(rolling), keyframes=True) == ([], Footage(FRAMES, SIZE, Fraction(30)))


def test_keyframes_alone_tell_a_picture_of_another_place_in_time(
    film: Callable[..., tuple[Path, Path]],
) -> None:
    def late(frame: int) -> np.ndarray:
        return table(frame + 40 * (frame == 12), speed=1.0)

    (failure,), _ = told(*film(rolling, shown=late), keyframes=True)
    assert "00012.jpg: differs from frame 12" in failure


def test_a_video_that_ends_in_the_middle_is_told_by_its_keyframes_too(
    film: Callable[..., tuple[Path, Path]],
) -> None:
    video, folder = film(rolling)
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    lines, footage = told(video, folder, keyframes=True)
    assert lines or footage != Footage(FRAMES, SIZE, Fraction(30))
