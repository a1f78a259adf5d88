"""`engine serve ml-backend`: what it refuses, that it begins and ends well, and that no secret it is told stays anywhere."""

import hashlib
import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from db.connect import Database
from engine.ports import OutsideProject, TaskKind

TOKEN = "6d1f00d5" * 5
SECRET = "a webhook shows this"  # noqa: S105 - of nobody
SETUP = {"project": "1.17", "schema": "<View/>", "hostname": "http://ls", "access_token": TOKEN}


@pytest.fixture
def workspace(run, tmp_path: Path) -> Path:
    """Return an empty workspace that knows a project of a Label Studio."""
    run("init")
    made = tmp_path / "workspace"
    with Database(f"sqlite:///{made / 'engine.db'}") as database:
        digest = hashlib.sha256(SECRET.encode()).hexdigest()
        database.bridge.put_project(OutsideProject("http://ls", TaskKind.CLIP, 1, digest))
    return made


def test_without_a_workspace_it_says_how_to_make_one(run):
    answer = run("serve", "ml-backend", "--port", "0")
    assert answer.returncode == 2
    assert "engine init" in answer.stderr


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104 - it is refused
def test_where_others_can_reach_it_it_asks_for_a_login(run, host):
    answer = run("serve", "ml-backend", "--host", host)
    assert answer.returncode == 2
    assert "ENGINE_ML_BACKEND_USER" in answer.stderr


@pytest.mark.usefixtures("workspace")
def test_half_a_login_is_refused(run):
    answer = run("serve", "ml-backend", "--port", "0", ENGINE_ML_BACKEND_USER="ls")
    assert answer.returncode == 2
    assert "ENGINE_ML_BACKEND_PASSWORD" in answer.stderr


@pytest.mark.usefixtures("workspace")
def test_a_port_that_is_taken_is_an_error_that_names_another(run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = run("serve", "ml-backend", "--port", str(port))
    assert answer.returncode == 2
    assert "is the backend running already?" in answer.stderr
    assert f"--port {port + 1}" in answer.stderr


def test_the_help_has_examples(run):
    answer = run("serve", "ml-backend", "--help")
    assert "engine serve ml-backend --workers 2" in answer.stdout
    assert "ENGINE_ML_BACKEND_PASSWORD" in answer.stdout


@contextmanager
def serving(
    workspace: Path, environment: dict[str, str], *options: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the real program; yield its process and address."""
    command = [sys.executable, "-u", "-m", "engine.cli", "--workspace", str(workspace)]
    log = workspace.parent / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [*command, "serve", "ml-backend", "--port", "0", *options],
            stdout=out,
            stderr=out,
            env=environment,
        )
    try:
        until(lambda: "the backend is at" in log.read_text() or server.poll() is not None)
        yield server, re.findall(r"http://127\.0\.0\.1:\d+", log.read_text())[0]
    finally:
        server.kill()
        server.wait()


def until(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    give_up = time.monotonic() + 120
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def ask(address: str, body: Any = None, **headers: str) -> Any:
    """Return what the backend answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return json.load(answer)


def children(pid: int) -> list[int]:
    """Return the processes that any thread of a process started."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(one) for thread in threads for one in (thread / "children").read_text().split()]


@pytest.mark.slow
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_ends_with_its_workers_when_it_is_told_to(workspace, environment, way):
    with serving(workspace, environment, "--workers", "2") as (server, address):
        assert ask(f"{address}/health")["status"] == "UP"
        until(lambda: len(children(server.pid)) == 2)
        workers = children(server.pid)
        server.send_signal(way)
        assert server.wait(timeout=60) == 0
        assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    assert "everything that was delivered is stored" in (workspace.parent / "log").read_text()


@pytest.mark.slow
def test_a_worker_ends_also_where_the_server_is_killed(workspace, environment):
    with serving(workspace, environment, "--log-json") as (server, _):
        until(lambda: children(server.pid))
        (worker,) = children(server.pid)
        server.kill()
        server.wait()
        until(lambda: not alive(worker))


def alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and that nobody asked for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.slow
def test_no_secret_that_it_is_told_stays_anywhere(workspace, environment):
    login = {"ENGINE_ML_BACKEND_USER": "ls", "ENGINE_ML_BACKEND_PASSWORD": "hunter2"}
    shown = {"Authorization": "Basic bHM6aHVudGVyMg=="}
    options = ("--log-json", "--workers", "0")
    with serving(workspace, environment | login, *options) as (server, address):
        assert ask(f"{address}/setup", SETUP, **shown) == {"model_version": "billiards-engine"}
        hook = {"action": "PROJECT_UPDATED", "project": {"id": 1, "token": TOKEN}}
        assert ask(f"{address}/webhook", hook, **{"X-Engine-Secret": SECRET})["status"] == "ignored"
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
    log = (workspace.parent / "log").read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert [line["path"] for line in lines] == ["/setup", "/webhook"]
    assert lines[0]["hostname"] == "http://ls"
    for path in [workspace.parent / "log", *workspace.rglob("*")]:
        content = path.read_bytes() if path.is_file() else b""
        for secret in (TOKEN, SECRET, "hunter2", "bHM6aHVudGVyMg"):
            assert secret.encode() not in content, path


@pytest.mark.slow
def test_requests_of_up_to_64_mib_are_read_and_larger_ones_refused(workspace, environment):
    large = {"tasks": [{"data": {"clip": "x"}, "predictions": [{"result": ["x" * 1000] * 8000}]}]}
    with serving(workspace, environment, "--workers", "0") as (_, address):
        assert ask(f"{address}/predict", large | {"tasks": large["tasks"] * 7}) == {
            "results": [[]] * 7
        }
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(f"{address}/predict", large | {"tasks": large["tasks"] * 9})
        assert refused.value.code == 413
