"""Workers live and die with the server; one that dies alone is started again."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from engine.config import SETTINGS_FILE, Settings, remember
from ml_backend.serving import workers as serving_workers
from ml_backend.serving.workers import Workers, command_of, environment_of

LIVES = [sys.executable, "-c", "import time; time.sleep(600)"]
DIES = [sys.executable, "-c", "raise SystemExit(3)"]
DEAF = """import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
time.sleep(600)"""
STUBBORN = [sys.executable, "-c", DEAF]


def until(true: Callable[[], object]) -> None:
    give_up = time.monotonic() + 30
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def lives(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@pytest.mark.parametrize("count", [0, 1, 3])
def test_as_many_as_asked_run_and_none_after_the_end(settings: Settings, count: int) -> None:
    with closing(Workers(settings, count=count, command=LIVES)) as workers:
        until(lambda: len(workers.alive()) == count)
        pids = workers.alive()
    assert not any(map(lives, pids))


def test_one_that_dies_is_started_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serving_workers, "FIRST", 0.01)
    with closing(Workers(settings, count=2, command=LIVES)) as workers:
        until(lambda: len(workers.alive()) == 2)
        first, other = workers.alive()
        os.kill(first, signal.SIGKILL)
        until(lambda: len(workers.alive()) == 2 and first not in workers.alive())
        assert other in workers.alive()
    assert "a worker ended" in caplog.text


def test_one_that_cannot_live_is_tried_ever_later(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Workers(settings, count=1, command=DIES)):
        until(lambda: len(caplog.records) == 2)
    pauses = [record.fields["again_in_s"] for record in caplog.records]
    assert pauses == [1.0, 2.0]
    assert {record.getMessage() for record in caplog.records} == {"a worker ended with status 3"}


def test_they_begin_anew_when_the_workspaces_settings_change(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Workers(settings, count=2, command=LIVES)) as workers:
        until(lambda: len(workers.alive()) == 2)
        before = set(workers.alive())
        remember(settings.workspace, model="nano")
        until(lambda: len(workers.alive()) == 2 and not before & set(workers.alive()))
        again = set(workers.alive())
        (settings.workspace / SETTINGS_FILE).unlink()
        until(lambda: len(workers.alive()) == 2 and not again & set(workers.alive()))
    assert "a worker ended" not in caplog.text


def test_one_that_waits_to_be_started_again_begins_at_once_when_they_change(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_workers, "FIRST", 600.0)
    needed = settings.workspace / SETTINGS_FILE
    program = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).exists() or sys.exit(1); time.sleep(600)"
    command = [sys.executable, "-c", program, str(needed)]
    with closing(Workers(settings, count=1, command=command)) as workers:
        until(lambda: workers._places[0].again > 0)
        needed.write_text("{}")
        until(workers.alive)


def test_a_command_that_cannot_be_started_is_tried_again_and_ends_nothing(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Workers(settings, count=1, command=["/no/such/program"])) as workers:
        until(lambda: caplog.records)
        assert workers.alive() == ()
    assert "/no/such/program" in caplog.text


def test_one_that_does_not_end_is_killed(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_workers, "GOODBYE", 0.1)
    ready = tmp_path / "ready"
    with closing(Workers(settings, count=1, command=[*STUBBORN, str(ready)])) as workers:
        until(ready.exists)
        (pid,) = workers.alive()
    assert not lives(pid)


def test_they_work_on_the_same_workspace_and_show_no_password(settings: Settings) -> None:
    secret = settings.model_copy(update={"database_url": "postgresql://u:hunter2@h/d"})
    command = command_of(secret)
    assert command[1:] == (
        *("-m", "engine.cli", "--workspace", str(settings.workspace.absolute())),
        *("labelstudio", "work"),
    )
    assert environment_of(secret)["ENGINE_DATABASE_URL"] == "postgresql://u:hunter2@h/d"
    assert environment_of(settings)["PATH"] == os.environ["PATH"]


def test_they_know_whose_they_are_and_log_as_the_server_does(settings: Settings) -> None:
    assert environment_of(settings)["ENGINE_PARENT"] == str(os.getpid())
    assert "ENGINE_LOG_JSON" not in environment_of(settings)
    assert environment_of(settings, log_json=True)["ENGINE_LOG_JSON"] == "1"
