"""A copy is found again while its clip's media is as it was, and the longest unused goes first."""

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.fakes.frames import numbered, read_number
from engine.media import VideoWriter, decode, page_folder
from engine.media.page_folder import find_page_copy, make_page_copy, page_copy_path, trim
from engine.types import Clip


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    media = tmp_path / "film.mp4"
    media.write_bytes(b"pictures")
    return Clip("table-1", "v", str(media), 0, 300, 1920, 1080, Fraction(30000, 1001))


def made(folder: Path, name: str, *, size: int, used: float) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(bytes(size))
    os.utime(path, (used, used))
    return path


def test_a_copy_lies_in_the_workspace_under_the_clips_name(clip: Clip, tmp_path: Path) -> None:
    path = page_copy_path(tmp_path, clip)
    assert path.parent == tmp_path / "page"
    assert path.name.startswith("table-1-")
    assert path.suffix == ".mp4"
    assert page_copy_path(tmp_path, clip) == path


def test_another_range_rate_or_file_has_another_place(clip: Clip, tmp_path: Path) -> None:
    others = [
        replace(clip, start=1),
        replace(clip, frames=299),
        replace(clip, rate=Fraction(30)),
        replace(clip, media=str(tmp_path / "other.mp4")),
        clip,
    ]
    assert len({page_copy_path(tmp_path, one) for one in others}) == len(others)


def test_a_file_that_was_replaced_has_another_place(clip: Clip, tmp_path: Path) -> None:
    before = page_copy_path(tmp_path, clip)
    Path(clip.media).write_bytes(b"other pictures")
    assert page_copy_path(tmp_path, clip) != before


def test_media_that_is_gone_has_a_place_too(clip: Clip, tmp_path: Path) -> None:
    Path(clip.media).unlink()
    assert find_page_copy(tmp_path, clip) is None


def test_a_copy_that_was_found_counts_as_used(clip: Clip, tmp_path: Path) -> None:
    assert find_page_copy(tmp_path, clip) is None
    path = page_copy_path(tmp_path, clip)
    made(path.parent, path.name, size=1, used=1000.0)
    assert find_page_copy(tmp_path, clip) == path
    assert path.stat().st_mtime > 1000.0


def test_the_longest_unused_copies_go_first(tmp_path: Path) -> None:
    old, older, new = (
        made(tmp_path, name, size=100, used=used)
        for name, used in (("old.mp4", 20.0), ("older.mp4", 10.0), ("new.mp4", 30.0))
    )
    assert trim(tmp_path, most=250) == 1
    assert (old.exists(), older.exists(), new.exists()) == (True, False, True)


def test_a_copy_that_is_shown_now_stays(tmp_path: Path) -> None:
    shown = made(tmp_path, "shown.mp4", size=100, used=1.0)
    other = made(tmp_path, "other.mp4", size=100, used=2.0)
    assert trim(tmp_path, most=0, keep=frozenset([shown])) == 1
    assert shown.exists()
    assert not other.exists()


def test_nothing_goes_while_there_is_room(tmp_path: Path) -> None:
    made(tmp_path, "one.mp4", size=100, used=1.0)
    assert trim(tmp_path, most=100) == 0
    assert trim(tmp_path / "not-there") == 0


@pytest.fixture
def film(tmp_path: Path) -> Clip:
    path = tmp_path / "shown.mp4"
    with VideoWriter(path, width=96, height=64, rate=Fraction(30), keyframes=40) as writer:
        for number in range(12):
            writer.write(numbered(number, width=96, height=64))
    return Clip("table-2", "v", str(path), 0, 12, 96, 64, Fraction(30))


def test_a_copy_is_made_where_it_is_looked_for_and_only_once(film: Clip, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    assert make_page_copy(tmp_path, film, progress=lambda *now: told.append(now))
    assert told[-1] == (12, 12)
    path = find_page_copy(tmp_path, film)
    assert path is not None
    assert [read_number(rgb) for rgb in decode(path)] == list(range(12))
    assert not make_page_copy(tmp_path, film)


def test_a_copy_that_was_removed_is_made_anew(film: Clip, tmp_path: Path) -> None:
    make_page_copy(tmp_path, film)
    page_copy_path(tmp_path, film).unlink()
    assert make_page_copy(tmp_path, film)


def test_a_copy_that_is_not_wanted_any_more_is_not_there(film: Clip, tmp_path: Path) -> None:
    assert not make_page_copy(tmp_path, film, stop=lambda: True)
    assert not list((tmp_path / "page").iterdir())


def test_a_new_copy_makes_the_longest_unused_go(
    film: Clip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = made(tmp_path / "page", "old.mp4", size=2000, used=1.0)
    monkeypatch.setattr(page_folder.trim, "__kwdefaults__", {"most": 1000, "keep": frozenset()})
    assert make_page_copy(tmp_path, film)
    assert not old.exists()
    assert page_copy_path(tmp_path, film).exists()


def test_a_folder_that_cannot_be_made_is_said(film: Clip, tmp_path: Path) -> None:
    (tmp_path / "page").write_text("a file is in the way")
    with pytest.raises(InputError, match="cannot be written"):
        make_page_copy(tmp_path, film)
