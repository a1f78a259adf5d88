"""Weights are fetched once, whole, checked, and from where the last try stopped."""

import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from engine.errors import DiskFull, WeightsError
from engine.models import download
from engine.models.catalogue import noted_sha256
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
    assert shelf.ranges[0] is None
    assert set(shelf.ranges[1:]) == {"bytes=700000-"}


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
    assert [p.name for p in tmp_path.iterdir()] == ["a.pt.lock"]


def test_a_connection_that_keeps_breaking_is_taken_up_as_long_as_it_brings_something(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"] = CONTENT
    shelf.at_most = 500_000
    assert fetch(f"{shelf.url}/a.pt", tmp_path).read_bytes() == CONTENT
    assert len(shelf.ranges) == -(-len(CONTENT) // 500_000)


def test_what_a_failed_try_brought_is_kept_and_its_place_is_named(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"] = CONTENT
    shelf.hang_up_after = 700_000
    with pytest.raises(WeightsError, match=r"700,000 bytes are kept in .*a\.pt\.partial"):
        fetch(f"{shelf.url}/a.pt", tmp_path)
    assert (tmp_path / "a.pt.partial").read_bytes() == CONTENT[:700_000]


def test_a_file_that_changed_between_two_tries_is_not_put_together_from_both(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"], shelf.tag, shelf.hang_up_after = CONTENT, '"one"', 700_000
    with pytest.raises(WeightsError):
        fetch(f"{shelf.url}/a.pt", tmp_path)
    newer = CONTENT[::-1]
    shelf.files["/a.pt"], shelf.tag, shelf.hang_up_after = newer, '"two"', None
    assert fetch(f"{shelf.url}/a.pt", tmp_path).read_bytes() == newer


def test_an_unknown_checksum_is_noted_at_first_and_nothing_else_is_left_beside(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"] = CONTENT
    path = fetch(f"{shelf.url}/a.pt", tmp_path)
    assert noted_sha256(path) == hashlib.sha256(CONTENT).hexdigest()
    assert {p.name for p in tmp_path.iterdir()} == {"a.pt", "a.pt.sha256"}


def test_a_noted_checksum_binds_the_next_fetch(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"] = CONTENT
    fetch(f"{shelf.url}/a.pt", tmp_path).unlink()
    shelf.files["/a.pt"] = CONTENT[::-1]
    with pytest.raises(WeightsError, match="damaged on the way, or another file"):
        fetch(f"{shelf.url}/a.pt", tmp_path)
    assert not (tmp_path / "a.pt").exists()


def test_another_length_than_known_is_refused_before_it_is_fetched(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"] = b"<html>please log in</html>"
    with pytest.raises(WeightsError, match=r"offers 26 bytes, expected 99,999.*proxy"):
        fetch(f"{shelf.url}/a.pt", tmp_path, size=99_999)
    assert [p.name for p in tmp_path.iterdir()] == ["a.pt.lock"]


def test_a_page_in_between_does_not_cost_what_has_come(shelf: Any, tmp_path: Path) -> None:
    (tmp_path / "a.pt.partial").write_bytes(CONTENT[:5000])
    shelf.files["/a.pt"], shelf.knows_ranges = b"<html>please log in</html>", False
    with pytest.raises(WeightsError, match="offers 26 bytes"):
        fetch(f"{shelf.url}/a.pt", tmp_path, size=len(CONTENT))
    shelf.files["/a.pt"], shelf.knows_ranges = CONTENT, True
    assert fetch(f"{shelf.url}/a.pt", tmp_path, size=len(CONTENT)).read_bytes() == CONTENT
    assert shelf.ranges[-1] == "bytes=5000-"


def test_more_than_the_disk_holds_is_refused_before_it_is_fetched(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"], shelf.announced = CONTENT, 10**17
    with pytest.raises(DiskFull, match=r"100,000,000,000,000,000 bytes.*ENGINE_CACHE"):
        fetch(f"{shelf.url}/a.pt", tmp_path)


def test_a_disk_that_fills_up_on_the_way_keeps_what_has_come(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"] = CONTENT
    limited = subprocess.run(
        [sys.executable, "-c", LIMITED, f"{shelf.url}/a.pt", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "no room left" in limited.stdout
    assert 0 < (tmp_path / "a.pt.partial").stat().st_size <= 1_500_000
    assert fetch(f"{shelf.url}/a.pt", tmp_path).read_bytes() == CONTENT


LIMITED = """
import resource, signal, sys
from pathlib import Path
from engine.errors import DiskFull
from engine.models.download import fetch
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
try:
    fetch(sys.argv[1], Path(sys.argv[2]))
except DiskFull as error:
    print(error)
"""


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_not_there_is_an_error_that_names_address_and_place(
    status: int, shelf: Any, tmp_path: Path
) -> None:
    shelf.status = status
    with pytest.raises(WeightsError, match=rf"/none\.pt.*{status}.*put the file at .*none\.pt"):
        fetch(f"{shelf.url}/none.pt", tmp_path)


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_in_trouble_is_told_from_a_missing_file(
    status: int, shelf: Any, tmp_path: Path
) -> None:
    shelf.status = status
    with pytest.raises(WeightsError, match=rf"{status}.*its trouble.*again later"):
        fetch(f"{shelf.url}/a.pt", tmp_path)


def test_no_network_is_an_error_that_names_the_server(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"127\.0\.0\.1:1 cannot be reached.*proxy"):
        fetch("http://127.0.0.1:1/a.pt", tmp_path)
    with pytest.raises(WeightsError, match=r"nowhere\.invalid cannot be reached"):
        fetch("http://nowhere.invalid/a.pt", tmp_path)


def test_a_server_that_takes_the_question_and_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        (tmp_path / "a.pt.partial").write_bytes(CONTENT[:100])
        with pytest.raises(WeightsError, match=r"connection broke .*100 bytes are kept"):
            fetch(f"http://127.0.0.1:{mute.getsockname()[1]}/a.pt", tmp_path)


def test_an_answer_that_leaves_a_gap_is_not_put_behind_what_is_there(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"], shelf.begins_at = CONTENT, 5001
    (tmp_path / "a.pt.partial").write_bytes(CONTENT[:5000])
    with pytest.raises(WeightsError, match=r"asked for bytes from 5,000 on.*from 5001"):
        fetch(f"{shelf.url}/a.pt", tmp_path)
    assert (tmp_path / "a.pt.partial").read_bytes() == CONTENT[:5000]


@pytest.mark.parametrize("length", ["many", "-4", ""])
def test_a_length_that_is_no_number_is_as_good_as_none(
    length: str, shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"], shelf.announced = CONTENT, length
    known = hashlib.sha256(CONTENT).hexdigest()
    assert fetch(f"{shelf.url}/a.pt", tmp_path, sha256=known).read_bytes() == CONTENT


def test_less_than_the_known_size_without_an_announced_length_is_refused(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"], shelf.announced = CONTENT[:-1], "unknown"
    known = hashlib.sha256(CONTENT).hexdigest()
    with pytest.raises(WeightsError, match=f"expected {known}"):
        fetch(f"{shelf.url}/a.pt", tmp_path, size=len(CONTENT), sha256=known)
    assert not (tmp_path / "a.pt").exists()


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/a.pt", "http://127.0.0.1/", "http://h/.ssh"]
)
def test_only_files_over_http_are_fetched(url: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="expected an http or https address"):
        fetch(url, tmp_path)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(WeightsError, match=r"cache: cannot be written.*ENGINE_CACHE"):
        fetch("http://127.0.0.1:1/a.pt", tmp_path / "cache")


def test_a_second_fetch_of_one_file_waits_and_finds_it(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"] = CONTENT
    waited = threading.Event()
    found: list[Path] = []
    with (tmp_path / "a.pt.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = threading.Thread(
            target=lambda: found.append(fetch(f"{shelf.url}/a.pt", tmp_path, waiting=waited.set))
        )
        second.start()
        assert waited.wait(30)
        (tmp_path / "a.pt").write_bytes(CONTENT)
    second.join(30)
    assert found == [tmp_path / "a.pt"]
    assert shelf.ranges == []


@pytest.mark.slow
def test_two_processes_at_once_fetch_it_once(shelf: Any, tmp_path: Path) -> None:
    shelf.files["/a.pt"], shelf.seconds_a_piece = CONTENT, 0.05
    command = [sys.executable, "-c", PLAIN, f"{shelf.url}/a.pt", str(tmp_path)]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [one.wait(120) for one in both] == [0, 0]
    assert (tmp_path / "a.pt").read_bytes() == CONTENT
    assert shelf.ranges == [None]


PLAIN = """
import sys
from pathlib import Path
from engine.models.download import fetch
fetch(sys.argv[1], Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_a_killed_fetch_leaves_its_part_and_the_next_one_goes_on_from_there(
    shelf: Any, tmp_path: Path
) -> None:
    shelf.files["/a.pt"], shelf.seconds_a_piece = CONTENT, 0.2
    part = tmp_path / "a.pt.partial"
    killed = subprocess.Popen([sys.executable, "-c", PLAIN, f"{shelf.url}/a.pt", str(tmp_path)])
    while not (part.exists() and part.stat().st_size):
        assert killed.poll() is None
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    have, shelf.seconds_a_piece = part.stat().st_size, 0.0
    assert 0 < have < len(CONTENT)
    assert not (tmp_path / "a.pt").exists()
    assert fetch(f"{shelf.url}/a.pt", tmp_path).read_bytes() == CONTENT
    assert shelf.ranges == [None, f"bytes={have}-"]
