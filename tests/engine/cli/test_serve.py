"""`engine serve ui`: what it refuses, and that it begins and ends well."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from engine.cli.serve import listening
from engine.errors import InputError

DEMO = Path(__file__).parents[3] / "engine" / "assets" / "demo.mp4"


@pytest.fixture
def ingested(run, tmp_path):
    """Return a workspace with one clip."""
    run("init")
    run("ingest", str(DEMO))
    return tmp_path / "workspace"


def test_without_a_workspace_it_says_how_to_make_one(run):
    answer = run("serve", "ui")
    assert answer.returncode == 2
    assert "engine init" in answer.stderr


def test_without_clips_it_says_how_to_add_some(run):
    run("init")
    answer = run("serve", "ui")
    assert answer.returncode == 2
    assert "no clips" in answer.stderr
    assert "engine ingest" in answer.stderr


@pytest.mark.parametrize("options", [["--host", "0.0.0.0"], ["--login"]])  # noqa: S104 - it is refused
@pytest.mark.usefixtures("ingested")
def test_where_everybody_must_log_in_there_must_be_somebody(run, options):
    answer = run("serve", "ui", *options)
    assert answer.returncode == 2
    assert "engine users add" in answer.stderr


@pytest.mark.usefixtures("ingested")
def test_a_port_that_is_taken_is_an_error_that_names_another(run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = run("serve", "ui", "--port", str(port))
    assert answer.returncode == 2
    assert f"127.0.0.1:{port}" in answer.stderr
    assert f"--port {port + 1}" in answer.stderr


def test_a_port_of_another_machine_is_an_error():
    with pytest.raises(InputError, match=r"192\.0\.2\.1:7860"):
        listening("192.0.2.1", 7860)


def test_port_0_takes_a_free_one():
    with listening("127.0.0.1", 0) as bound:
        assert bound.getsockname()[1] > 0


def test_the_help_has_examples(run):
    answer = run("serve", "ui", "--help")
    assert "engine serve ui --open" in answer.stdout
    assert "--host" in answer.stdout


@pytest.mark.slow
def test_it_says_where_it_is_answers_and_ends_with_ctrl_c(ingested, environment):
    command = [sys.executable, "-u", "-m", "engine.cli", "--workspace", ingested, "serve", "ui"]
    log = ingested / "log"
    with log.open("w") as out:
        server = subprocess.Popen([*command, "--port", "0"], stderr=out, env=environment)
    try:
        address = _address(log, server)
        with urllib.request.urlopen(f"{address}/?clip=x", timeout=30) as answer:  # noqa: S310 - our own server
            assert answer.url.endswith("/ui/?clip=x")
            assert b"/static/main.js" in answer.read()
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0
    finally:
        server.kill()
        server.wait()
    assert "everything that was done is stored" in log.read_text()


def _address(log: Path, server: subprocess.Popen) -> str:
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text())
