"""Locks between processes: one turn at a time, known by who has it, and given back by every kind of end."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import DiskFull, ServerError
from exports.board.locks import Together, alone, holder, turn

HOLD = """
import sys
from pathlib import Path
from exports.board.locks import Together, alone, turn
path = Path(sys.argv[2])
if sys.argv[1] == "together":
    Together(path)
    print("held", flush=True)
    sys.stdin.readline()
with turn(path, "ada") if sys.argv[1] == "turn" else alone(path):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def another(how: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold a lock."""
    command = [sys.executable, "-c", HOLD, how, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_turn_that_nobody_has_is_ours(tmp_path: Path) -> None:
    with turn(tmp_path / "folder" / "lock", "ada") as other:
        assert other == ""
        assert holder(tmp_path / "folder" / "lock") == "ada"
    assert holder(tmp_path / "folder" / "lock") == ""


def test_looking_who_has_a_turn_makes_no_file(tmp_path: Path) -> None:
    assert holder(tmp_path / "lock") == ""
    assert not (tmp_path / "lock").exists()


def test_a_turn_that_another_process_has_names_it(tmp_path: Path) -> None:
    with another("turn", tmp_path / "lock"):
        assert holder(tmp_path / "lock") == "ada"
        with turn(tmp_path / "lock", "bo") as other:
            assert other == "ada"
        assert holder(tmp_path / "lock") == "ada"


def test_a_turn_is_free_once_its_holder_is_killed(tmp_path: Path) -> None:
    with another("turn", tmp_path / "lock") as process:
        process.kill()
        process.wait()
        with turn(tmp_path / "lock", "bo") as other:
            assert other == ""
            assert holder(tmp_path / "lock") == "bo"


def test_a_turn_is_given_back_by_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), turn(tmp_path / "lock", "ada"):
        raise ZeroDivisionError
    assert holder(tmp_path / "lock") == ""


def test_a_holder_who_does_not_say_who_it_is_is_somebody(tmp_path: Path) -> None:
    with another("alone", tmp_path / "lock"):
        assert holder(tmp_path / "lock") == "somebody"


def test_whoever_comes_alone_waits_for_the_other(tmp_path: Path) -> None:
    with another("alone", tmp_path / "lock") as process:
        second = subprocess.Popen(
            [sys.executable, "-c", HOLD, "alone", str(tmp_path / "lock")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(timeout=0.5)
        process.communicate("\n")
        assert second.communicate(timeout=60)[0] == "held\n"
    with alone(tmp_path / "lock"):
        pass


def test_the_last_of_those_together_knows_it(tmp_path: Path) -> None:
    first, second = Together(tmp_path / "users"), Together(tmp_path / "users")
    assert not first.leave()
    third = Together(tmp_path / "users")
    assert not second.leave()
    assert third.leave()


def test_a_killed_process_is_not_counted(tmp_path: Path) -> None:
    with another("together", tmp_path / "users") as process:
        first = Together(tmp_path / "users")
        process.kill()
        process.wait()
        assert first.leave()


def test_a_folder_that_cannot_be_made_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    refused = pytest.raises(ServerError, match="must be a folder that you can write to")
    with refused, alone(tmp_path / "file" / "lock"):
        pass
    with refused:
        Together(tmp_path / "file" / "lock")


def test_a_turn_that_cannot_be_told_for_want_of_room_is_refused_as_that(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to("/dev/full")
    with pytest.raises((DiskFull, ServerError)), turn(tmp_path / "lock", "ada"):
        pass


def test_a_name_in_any_script_is_told(tmp_path: Path) -> None:
    with turn(tmp_path / "lock", "Zoë 李 (process 7)"):
        assert holder(tmp_path / "lock") == "Zoë 李 (process 7)"
