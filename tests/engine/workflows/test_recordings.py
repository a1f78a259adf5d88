"""Recordings as files: found, known by their bytes, copied whole or not at all."""

import hashlib
import os
from pathlib import Path

import pytest

from engine.errors import VideoError
from engine.workflows.recordings import copy_into, find_videos, sha256_of


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_videos_are_found_at_any_depth_in_order_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, "b.mp4", "a/z.MOV", "a/notes.txt", "c/d/e.mkv", "frame.jpg")
    found = find_videos(tmp_path, without=tmp_path / "workspace")
    assert [str(path.relative_to(tmp_path)) for path in found] == ["a/z.MOV", "b.mp4", "c/d/e.mkv"]


def test_hidden_files_and_our_own_copies_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "._b.mp4", ".trash/a.mp4", "workspace/media/c.mp4", "b.mp4")
    found = find_videos(tmp_path, without=tmp_path / "workspace")
    assert found == (tmp_path / "b.mp4",)


def test_a_folder_that_is_hidden_itself_can_still_be_named(tmp_path: Path) -> None:
    put(tmp_path, ".cache/b.mp4")
    assert len(find_videos(tmp_path / ".cache", without=tmp_path / "workspace")) == 1


def test_the_checksum_is_that_of_the_bytes(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "a.mp4").write_bytes(data)
    assert sha256_of(tmp_path / "a.mp4") == hashlib.sha256(data).hexdigest()


def test_absent_empty_and_special_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    os.mkfifo(tmp_path / "pipe.mp4")
    for name, message in (
        ("absent.mp4", "no such file"),
        ("empty.mp4", "0 bytes"),
        ("pipe.mp4", "got a directory or device"),
    ):
        with pytest.raises(VideoError, match=message):
            sha256_of(tmp_path / name)


def test_a_copy_has_the_same_bytes_and_no_leftovers(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"footage")
    copy_into(tmp_path / "a.mp4", tmp_path / "b.mp4")
    assert (tmp_path / "b.mp4").read_bytes() == b"footage"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        copy_into(tmp_path / "absent.mp4", tmp_path / "b.mp4")
    assert list(tmp_path.iterdir()) == []
