"""The pictures of a clip as files: decoded once, numbered as the format asks, never short of one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.errors import VideoError
from engine.media import decode
from engine.media.still import jpeg
from engine.ports import ExportItem
from engine.types import Clip, FrameBatch, Image
from exports.files import Files
from exports.format import Pictures
from exports.pictures import Footage, write_pictures

MakeItem = Callable[..., ExportItem]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "root", tmp_path)


def silent(_done: int) -> None:
    """Take progress and show nothing."""


def places(clip: Clip, **more: object) -> Pictures:
    return replace(Pictures("shots/{:05d}.jpg", (clip.height, clip.width)), **more)


def footage(item: ExportItem, **more: object) -> Footage:
    return replace(Footage(item.clip, item.pictures), **more)


def shown(item: ExportItem) -> list[Image]:
    clip = item.clip
    return list(decode(clip.media, start=clip.start, stop=clip.start + clip.frames))


def similar(one: Image, other: Image) -> bool:
    """Say whether two pictures are the same but for what an encoder loses."""
    return bool(np.abs(one.astype(int) - other.astype(int)).mean() < 4)


def test_frame_k_is_frame_start_plus_k_of_the_recording(real_item: MakeItem, files: Files) -> None:
    item = real_item(start=13, frames=9)
    write_pictures(footage(item), places(item.clip), files, tell=silent)
    assert list(files.made) == [f"shots/{k:05d}.jpg" for k in range(9)]
    for number, rgb in enumerate(shown(item)):
        assert (files.root / f"shots/{number:05d}.jpg").read_bytes() == jpeg(rgb, halved=True)


def test_every_fifth_frame_keeps_its_number(real_item: MakeItem, files: Files) -> None:
    item = real_item(frames=12)
    write_pictures(footage(item), places(item.clip, every=5), files, tell=silent)
    assert list(files.made) == [f"shots/{k:05d}.jpg" for k in (0, 5, 10)]
    assert (files.root / "shots/00010.jpg").read_bytes() == jpeg(shown(item)[10], halved=True)


def test_frames_are_counted_from_where_the_format_counts(real_item: MakeItem, files: Files) -> None:
    item = real_item(frames=3)
    write_pictures(footage(item), places(item.clip, first=1), files, tell=silent)
    assert list(files.made) == [f"shots/{k:05d}.jpg" for k in (1, 2, 3)]


def test_a_thinned_clip_shows_every_third_frame_of_the_recording(
    real_item: MakeItem, files: Files
) -> None:
    item = real_item(frames=11)
    clip = replace(item.clip, frames=4, rate=Fraction(10))
    where = places(clip, video="a.mp4")
    write_pictures(footage(item, clip=clip, thin=3), where, files, tell=silent)
    expected = shown(item)[::3]
    assert list(files.made) == [*(f"shots/{k:05d}.jpg" for k in range(4)), "a.mp4"]
    for number, rgb in enumerate(expected):
        assert (files.root / f"shots/{number:05d}.jpg").read_bytes() == jpeg(rgb, halved=True)
    film = list(decode(files.root / "a.mp4"))
    assert all(similar(a, b) for a, b in zip(film, expected, strict=True))


@pytest.mark.parametrize(("start", "how"), [(10, "cut"), (13, "encoded")])
def test_a_video_is_cut_where_that_is_exact_and_encoded_where_it_is_not(
    start: int,
    how: str,
    real_item: MakeItem,
    files: Files,
) -> None:
    item = real_item(start=start, frames=9)
    write_pictures(footage(item), places(item.clip, video="a.mp4"), files, tell=silent)
    assert min(files.made) == "a.mp4"
    pairs = list(zip(decode(files.root / "a.mp4"), shown(item), strict=True))
    assert all(np.array_equal(a, b) for a, b in pairs) is (how == "cut")
    assert all(similar(a, b) for a, b in pairs)


def test_pictures_of_another_size_are_scaled(real_item: MakeItem, files: Files) -> None:
    item = real_item(frames=2)
    write_pictures(footage(item), places(item.clip, size=(32, 48)), files, tell=silent)
    small = jpeg(shown(item)[1], size=(32, 48), halved=True)
    assert (files.root / "shots/00001.jpg").read_bytes() == small


def test_progress_counts_every_frame(real_item: MakeItem, files: Files) -> None:
    item, told = real_item(frames=7), list[int]()
    write_pictures(footage(item), places(item.clip, every=3), files, tell=told.append)
    assert told == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("shown_frames", [0, 5, 13])
@pytest.mark.parametrize("video", ["", "a.mp4"])
def test_a_recording_of_another_length_leaves_nothing_once_forgotten(
    shown_frames: int, video: str, item: ExportItem, files: Files
) -> None:
    def other() -> Iterator[FrameBatch]:
        for number in range(shown_frames):
            yield FrameBatch(number, np.zeros((1, 64, 96, 3), np.uint8))

    where = places(item.clip, video=video)
    with pytest.raises(VideoError, match=f"{shown_frames} frames, 12 were expected"):
        write_pictures(footage(item, source=other), where, files, tell=silent)
    files.forget()
    assert not [path for path in files.root.rglob("*") if path.is_file()]


def test_a_recording_that_is_gone_is_named(real_item: MakeItem, files: Files) -> None:
    item = real_item(media=Path("nowhere/game.mp4"))
    with pytest.raises(VideoError, match=r"nowhere/game\.mp4"):
        write_pictures(footage(item), places(item.clip, video="a.mp4"), files, tell=silent)


@pytest.fixture
def folder(real_item: MakeItem, tmp_path: Path) -> Path:
    """Return a folder of JPEGs, of a quality that is not ours."""
    path = tmp_path / "imported"
    path.mkdir()
    for number, rgb in enumerate(shown(real_item(frames=20))):
        (path / f"{number:05d}.jpg").write_bytes(jpeg(rgb, quality=70))
    return path


def test_jpegs_that_were_imported_are_copied_as_they_are(
    folder: Path, item: ExportItem, files: Files
) -> None:
    clip, told = replace(item.clip, media=str(folder), start=4, frames=8), list[int]()
    write_pictures(Footage(clip, _never), places(clip, every=2), files, tell=told.append)
    assert list(files.made) == [f"shots/{k:05d}.jpg" for k in (0, 2, 4, 6)]
    for number in (0, 2, 4, 6):
        original = folder / f"{number + 4:05d}.jpg"
        assert (files.root / f"shots/{number:05d}.jpg").read_bytes() == original.read_bytes()
    assert told == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_video_of_imported_jpegs_is_encoded_and_they_are_still_copied(
    folder: Path, item: ExportItem, real_item: MakeItem, files: Files
) -> None:
    clip = replace(item.clip, media=str(folder))
    source = Footage(clip, real_item().pictures)
    write_pictures(source, places(clip, video="a.mp4"), files, tell=silent)
    original = (folder / "00003.jpg").read_bytes()
    assert (files.root / "shots/00003.jpg").read_bytes() == original
    assert len(list(decode(files.root / "a.mp4"))) == 12


def test_where_one_of_them_is_missing_or_must_be_scaled_they_are_decoded(
    folder: Path, item: ExportItem, files: Files
) -> None:
    (folder / "00007.jpg").unlink()
    clip = replace(item.clip, media=str(folder))
    with pytest.raises(_Decoded):
        write_pictures(Footage(clip, _never), places(clip), files, tell=silent)
    whole = replace(clip, frames=5)
    with pytest.raises(_Decoded):
        write_pictures(Footage(whole, _never), places(whole, size=(32, 48)), files, tell=silent)


def test_single_pictures_that_must_be_decoded_keep_all_their_colours(
    folder: Path, item: ExportItem, real_item: MakeItem, files: Files
) -> None:
    clip = replace(item.clip, media=str(folder))
    source = Footage(clip, real_item().pictures)
    write_pictures(source, places(clip, size=(32, 48)), files, tell=silent)
    whole = jpeg(shown(real_item())[2], size=(32, 48))
    assert (files.root / "shots/00002.jpg").read_bytes() == whole


class _Decoded(Exception):  # noqa: N818 - what happened
    """Somebody asked for decoded pictures."""


def _never() -> Iterator[FrameBatch]:
    raise _Decoded
    yield
