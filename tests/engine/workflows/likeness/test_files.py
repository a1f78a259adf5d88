"""Folders and files are whole or as before, and what nobody needs goes."""

import os
from pathlib import Path

import pytest

from engine.errors import DiskFull, InputError
from engine.workflows.likeness.files import LEFT, making, trim, write_text, writing


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "clip-1"
    with making(place) as part:
        (part / "a").write_text("1")
        assert not place.exists()
    assert (place / "a").read_text() == "1"
    assert [path.name for path in place.parent.iterdir()] == ["clip-1"]


def test_a_folder_that_failed_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), making(tmp_path / "clip-1") as part:
        (part / "a").write_text(str(1 / 0))
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "known.json"
    write_text(path, "one")
    write_text(path, "two")
    assert path.read_text() == "two"
    assert [one.name for one in path.parent.iterdir()] == ["known.json"]


def test_a_file_stays_as_it_was_where_it_cannot_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    path.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_text(path, "two")
    assert [one.name for one in tmp_path.iterdir()] == ["known.json"]


@pytest.mark.parametrize("number", [28, 122, 27])
def test_a_full_disk_a_full_quota_and_a_limit_are_all_no_room(number: int) -> None:
    with pytest.raises(DiskFull, match="free some"), writing(Path("somewhere")):
        raise OSError(number, "full")


def test_what_nobody_needs_goes_and_what_somebody_may_still_make_stays(tmp_path: Path) -> None:
    for name in ("kept-1", "gone-2", ".new.77", ".old.78"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("")
    (tmp_path / "alike.json").write_text("{}")
    past = (tmp_path / ".new.77").stat().st_mtime - LEFT - 60
    os.utime(tmp_path / ".old.78", (past, past))
    assert trim(tmp_path, {"kept-1", "unknown"}) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [".new.77", "alike.json", "kept-1"]


def test_there_is_nothing_to_trim_where_nothing_was_made(tmp_path: Path) -> None:
    assert trim(tmp_path / "nowhere", set()) == 0
