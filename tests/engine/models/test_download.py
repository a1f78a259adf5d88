"""Weights are fetched once, whole, checked, and from where the last try stopped."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from engine.errors import WeightsError
from engine.models.download import fetch

CONTENT = bytes(range(256)) * 9000  # more than two pieces


def test_a_file_lands_in_a_folder_that_did_not_exist(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"] = CONTENT
    path = fetch(f"{shelf.url}/a.pt", tmp_path / "deep" / "cache")
    assert path == tmp_path / "deep" / "cache" / "a.pt"
    assert path.read_bytes() == CONTENT


def test_what_is_there_is_not_fetched_again(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"] = CONTENT
    fetch(f"{shelf.url}/a.pt", tmp_path)
    fetch(f"{shelf.url}/a.pt", tmp_path)
    assert len(shelf.ranges) == 1


def test_progress_counts_up_to_the_whole(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"] = CONTENT
    told: list[tuple[int, int]] = []
    fetch(f"{shelf.url}/a.pt", tmp_path, progress=lambda here, whole: told.append((here, whole)))
    assert [here for here, _ in told] == sorted(here for here, _ in told)
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_a_broken_connection_is_an_error_and_leaves_no_file_under_the_final_name(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"] = CONTENT
    shelf.hang_up_after = 700_000
    with pytest.raises(WeightsError, match="run the same command again"):
        fetch(f"{shelf.url}/a.pt", tmp_path)
    assert not (tmp_path / "a.pt").exists()


def test_the_next_try_goes_on_where_the_last_one_stopped(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"] = CONTENT
    shelf.hang_up_after = 700_000
    with pytest.raises(WeightsError):
        fetch(f"{shelf.url}/a.pt", tmp_path)
    shelf.hang_up_after = None
    assert fetch(f"{shelf.url}/a.pt", tmp_path).read_bytes() == CONTENT
    assert shelf.ranges == [None, "bytes=700000-"]


def test_a_server_without_ranges_is_read_from_the_start(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"] = CONTENT
    shelf.knows_ranges = False
    (tmp_path / "a.pt.partial").write_bytes(CONTENT[:5000])
    assert fetch(f"{shelf.url}/a.pt", tmp_path).read_bytes() == CONTENT


def test_a_partial_file_that_already_holds_everything_does_not_block_for_ever(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"] = CONTENT
    (tmp_path / "a.pt.partial").write_bytes(CONTENT)
    assert fetch(f"{shelf.url}/a.pt", tmp_path).read_bytes() == CONTENT


def test_the_right_checksum_passes(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"] = CONTENT
    known = hashlib.sha256(CONTENT).hexdigest()
    assert fetch(f"{shelf.url}/a.pt", tmp_path, sha256=known).is_file()


def test_a_wrong_checksum_is_refused_and_nothing_is_kept(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"] = CONTENT
    with pytest.raises(WeightsError, match="expected 0000"):
        fetch(f"{shelf.url}/a.pt", tmp_path, sha256="0000")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_and_a_missing_server_are_errors_that_name_the_address(
    shelf: Any, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match=r"/none\.pt.*404"):
        fetch(f"{shelf.url}/none.pt", tmp_path)
    with pytest.raises(WeightsError, match=r"127\.0\.0\.1:1/a\.pt"):
        fetch("http://127.0.0.1:1/a.pt", tmp_path)
