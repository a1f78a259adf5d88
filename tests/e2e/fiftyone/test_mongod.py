"""A MongoDB of the workspace's own: one for all who use it, gone with the last, and taken over when a crash left it behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pymongo
import pytest

from engine.errors import ServerError
from exports.board.mongod import own_mongod, running, stop

USER = """
import sys
from pathlib import Path
from exports.board.mongod import own_mongod
with own_mongod(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    sys.stdin.readline()
"""

Until = Callable[..., Any]


def ask(uri: str) -> dict[str, Any]:
    with pymongo.MongoClient(uri) as client:
        return dict(client.admin.command("ping"))


def user(home: Path) -> tuple[subprocess.Popen[str], int]:
    """Start another process that uses the server; return it, and which server it found."""
    started = subprocess.Popen(
        [sys.executable, "-c", USER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    return started, int(started.stdout.readline())


def leave(process: subprocess.Popen[str]) -> None:
    """Let another process end in order."""
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


def test_it_answers_while_it_is_used_and_is_gone_afterwards(tmp_path: Path) -> None:
    with own_mongod(tmp_path) as server:
        assert ask(server.uri)["ok"] == 1
        assert running(tmp_path) == server
    assert running(tmp_path) is None
    assert not psutil.pid_exists(server.pid)


def test_it_is_reached_from_this_machine_alone_and_keeps_no_socket_file(tmp_path: Path) -> None:
    with own_mongod(tmp_path) as server:
        ends = psutil.Process(server.pid).net_connections("all")
        assert {at.laddr.ip for at in ends if at.status == "LISTEN"} == {"127.0.0.1"}
        assert [at.laddr for at in ends if at.family == socket.AF_UNIX and at.laddr] == []


def test_what_is_kept_in_it_is_there_the_next_time(tmp_path: Path) -> None:
    with own_mongod(tmp_path) as server, pymongo.MongoClient(server.uri) as client:
        client["kept"]["things"].insert_one({"name": "cue"})
    with own_mongod(tmp_path) as server, pymongo.MongoClient(server.uri) as client:
        assert client["kept"]["things"].find_one({}, {"_id": 0}) == {"name": "cue"}


def test_two_users_share_it_and_the_last_one_ends_it(tmp_path: Path) -> None:
    other, theirs = user(tmp_path)
    with own_mongod(tmp_path) as server:
        assert server.pid == theirs
        leave(other)
        assert ask(server.uri)["ok"] == 1
    assert running(tmp_path) is None


def test_whoever_started_it_may_leave_first(tmp_path: Path) -> None:
    with own_mongod(tmp_path) as server:
        other, theirs = user(tmp_path)
    assert server.pid == theirs
    assert ask(server.uri)["ok"] == 1
    leave(other)
    assert running(tmp_path) is None


def test_one_that_a_killed_user_left_behind_is_taken_over_and_ended(tmp_path: Path) -> None:
    other, theirs = user(tmp_path)
    other.kill()
    other.wait()
    assert running(tmp_path) is not None
    with own_mongod(tmp_path) as server:
        assert server.pid == theirs
    assert running(tmp_path) is None


def test_after_it_was_killed_another_is_started_on_the_same_data(
    tmp_path: Path, until: Until
) -> None:
    with own_mongod(tmp_path) as server, pymongo.MongoClient(server.uri) as client:
        client["kept"].get_collection(
            "things", write_concern=pymongo.WriteConcern(j=True)
        ).insert_one({"name": "cue"})
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: running(tmp_path) is None)
    with own_mongod(tmp_path) as again, pymongo.MongoClient(again.uri) as client:
        assert again.pid != server.pid
        assert client["kept"]["things"].count_documents({}) == 1


def test_a_workspace_takes_no_server_of_another(tmp_path: Path) -> None:
    with own_mongod(tmp_path / "one") as one, own_mongod(tmp_path / "two") as two:
        assert one.pid != two.pid
        (tmp_path / "three" / "db").mkdir(parents=True)
        (tmp_path / "three" / "db" / "mongod.lock").write_text(f"{one.pid}\n")
        assert running(tmp_path / "three") is None


def test_ctrl_c_in_the_terminal_does_not_reach_it(tmp_path: Path) -> None:
    with own_mongod(tmp_path) as server:
        assert os.getsid(server.pid) != os.getsid(0)


def test_ending_one_that_does_not_run_is_no_error(tmp_path: Path) -> None:
    stop(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lock", ["", "no number", "99999999", "1"])
def test_what_stands_in_a_lock_is_not_believed_without_looking(tmp_path: Path, lock: str) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "mongod.lock").write_text(lock)
    assert running(tmp_path) is None


def test_a_damaged_database_is_told_with_the_log_and_what_to_do(tmp_path: Path) -> None:
    with own_mongod(tmp_path):
        pass
    for path in (tmp_path / "db").glob("WiredTiger*"):
        path.write_bytes(b"no database")
    with pytest.raises(ServerError, match="does not start") as refused, own_mongod(tmp_path):
        pass
    assert "mongod.log" in str(refused.value)
    assert "moved away" in str(refused.value)
    assert running(tmp_path) is None


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ServerError, match="cannot be used"), own_mongod(tmp_path / "file"):
        pass
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "db").write_text("no folder")
    with pytest.raises(ServerError, match="cannot be used"), own_mongod(tmp_path / "home"):
        pass


PROGRAM = "from pathlib import Path; from exports.board.mongod import program; print(program(Path('home')))"


def program(**told: str) -> subprocess.CompletedProcess[str]:
    """Ask another process which mongod it would run."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_program_comes_with_fiftyone_else_from_the_path_else_it_is_said_to_be_missing(
    tmp_path: Path,
) -> None:
    assert program(PATH="").stdout.strip().endswith("fiftyone/db/bin/mongod")
    (tmp_path / "fiftyone").mkdir()
    (tmp_path / "fiftyone" / "__init__.py").touch()  # a FiftyOne that brought none
    own = tmp_path / "bin" / "mongod"
    own.parent.mkdir()
    own.touch(0o755)
    assert program(PYTHONPATH=str(tmp_path), PATH=str(own.parent)).stdout.strip() == str(own)
    refused = program(PYTHONPATH=str(tmp_path), PATH="")
    assert "mongod is missing" in refused.stderr
    assert "ENGINE_FIFTYONE_DATABASE_URI" in refused.stderr
