"""`engine fiftyone`: the app with everything around it, started and ended together, whatever ends first."""

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from exports.board.app import App, answers, running, wanted_port
from exports.board.mongod import running as database

Until = Callable[..., Any]


@dataclass
class Shown:
    """A command that shows the app: its process, what it has said so far, and the app."""

    process: subprocess.Popen[str]
    said: str
    url: str
    app: App

    def end(self, number: int = signal.SIGINT) -> str:
        """Send a signal, wait for the end, and return all that was said."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> str:
        """Wait for the end, and return all that was said."""
        rest, _ = self.process.communicate(timeout=120)
        return self.said + rest


@contextmanager
def show(lead: Any, *words: str) -> Iterator[Shown]:
    """Open the app, wait until it is said to be ready, and end what is left of it."""
    process = lead.start("fiftyone", "--remote", "--port", "0", *words)
    said = ""
    try:
        while not (found := re.search(r"ready: (\S+)", said)):
            line = process.stdout.readline()
            assert line, said
            said += line
        (app,) = (one for one in running(lead.home) if one.url == found[1])
        yield Shown(process, said, found[1], app)
    finally:
        process.kill()
        process.wait()


def gone(pid: int) -> bool:
    """Say whether a process has ended."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_it_says_that_it_is_ready_when_the_page_answers_and_ctrl_c_ends_all(
    lead: Any, until: Until
) -> None:
    with show(lead, "--every", "0.5") as shown:
        with urllib.request.urlopen(shown.url, timeout=60) as page:  # noqa: S310 - our own server
            assert page.status == 200
        now = until(lambda: (found := lead.standing())["masks"] == 3 and found)
        assert now["app"] == shown.url
        assert now["syncing"].startswith("ada (process")
        server = database(lead.home)
        assert server is not None
        said = shown.end()
    assert shown.process.returncode == 0, said
    assert "everything that was done is stored" in said
    assert "Traceback" not in said
    assert gone(shown.app.pid)
    assert gone(server.pid)
    assert running(lead.home) == ()


def test_a_change_in_the_engine_comes_while_it_runs(synced: Any, until: Until) -> None:
    def stages() -> list[str]:
        with synced.mongo() as mongo:
            made = mongo["datasets"].find_one({"name": "billiards"})
            return [one["stage"] for one in mongo[made["sample_collection_name"]].find()]

    with synced.database() as engine:
        clip = engine.catalog.clips()[0].clip.id
    with show(synced, "--every", "0.5") as shown:
        assert "accepted" not in stages()
        synced.run("accept", clip)
        until(lambda: "accepted" in stages())
        shown.end()


def test_brought_in_step_once_it_stays_open(synced: Any) -> None:
    with show(synced, "--no-watch") as shown:
        line = ""
        while "in step" not in line:
            line = shown.process.stdout.readline()
            assert line
        assert shown.process.poll() is None
        assert "everything that was done is stored" in shown.end()
        assert shown.process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_whoever_ends_the_command_ends_the_app(synced: Any, until: Until, number: int) -> None:
    with show(synced) as shown:
        shown.end(number)
        until(lambda: gone(shown.app.pid))
        assert not answers(shown.app)
    synced.run("fiftyone", "sync")
    assert database(synced.home) is None


def test_an_app_that_dies_is_told(synced: Any) -> None:
    with show(synced) as shown:
        os.kill(shown.app.pid, signal.SIGKILL)
        said = shown.wait()
    assert shown.process.returncode == 1
    assert "error: FiftyOne's app ended" in said
    assert "Traceback" not in said
    assert database(synced.home) is None


def test_a_database_that_dies_is_told_and_ends_the_app(synced: Any) -> None:
    with show(synced, "--every", "0.5") as shown:
        os.kill(synced.pid(), signal.SIGKILL)
        said = shown.wait()
    assert shown.process.returncode == 1, said
    assert "error: FiftyOne's database" in said
    assert "Traceback" not in said
    assert gone(shown.app.pid)


def test_a_second_one_is_only_shown_while_the_first_keeps_it_current(synced: Any) -> None:
    with show(synced) as first, show(synced) as second:
        assert first.url != second.url
        assert "syncs this workspace; here it is only shown" in second.said
        assert set(synced.standing()["app"].split(", ")) == {first.url, second.url}
        second.end()
        assert second.process.returncode == 0
        assert answers(first.app)
        first.end()
        assert first.process.returncode == 0


def test_a_port_that_is_taken_is_told_with_another_one(synced: Any) -> None:
    with show(synced) as shown:
        again = synced.run("fiftyone", "--remote", "--port", str(shown.app.port), status=2).stderr
        assert "FiftyOne 1.22.1 runs there already" in again
        assert f"--port {shown.app.port + 1}" in again
        assert answers(shown.app)
        assert synced.pid()
        shown.end()


def test_an_open_door_is_told_loudly(synced: Any) -> None:
    port = str(wanted_port("127.0.0.1", 0))
    process = synced.start("fiftyone", "--remote", "--port", port, "--address", "0.0.0.0")  # noqa: S104 - what is warned of
    try:
        line = process.stdout.readline()
        assert "no login" in line + process.stdout.readline()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)


def test_one_sync_works_at_a_time_and_a_watch_waits_for_its_turn(synced: Any, until: Until) -> None:
    watch = synced.start("fiftyone", "sync", "--watch", "--every", "0.5")
    until(lambda: "process" in synced.standing()["syncing"])
    refused = synced.run("fiftyone", "sync", status=2).stderr
    assert f"process {watch.pid}" in refused
    assert "--watch" in refused
    second = synced.start("fiftyone", "sync", "--watch", "--every", "0.5")
    line = second.stdout.readline()
    assert "waiting: ada" in line
    watch.send_signal(signal.SIGINT)
    watch.communicate(timeout=120)
    assert watch.returncode == 0
    until(lambda: f"process {second.pid}" in synced.standing()["syncing"])
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=120)
    assert second.returncode == 0
    assert database(synced.home) is None


def test_a_wait_for_the_turn_can_be_ended(synced: Any, until: Until) -> None:
    watch = synced.start("fiftyone", "sync", "--watch")
    until(lambda: "process" in synced.standing()["syncing"])
    second = synced.start("fiftyone", "sync", "--watch")
    assert "waiting" in second.stdout.readline()
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=60)
    assert second.returncode == 0  # Ctrl-C is how a watch ends
    watch.send_signal(signal.SIGINT)
    watch.communicate(timeout=120)
