"""The worker as a program: on a workspace as people have it, ended politely, killed, with a Label Studio that is not there."""

import os
import signal
import subprocess
import sys
import time

import pytest
from pydantic import SecretStr

from db.connect import Database
from engine.config import Settings
from engine.errors import SelectionError
from engine.fakes.queue import MemoryDatabase
from engine.ports import Link, OutsideProject, State, TaskKind
from engine.stages import Stage
from ml_backend.serving.receiving import WHAT
from ml_backend.work.publishing import finding
from ml_backend.work.worker import work

SOON = 90.0
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def settings(tmp_path):
    return Settings(workspace=tmp_path, lease_seconds=1.0)


@pytest.fixture
def world(settings, opened):
    with Database(settings.database) as database:
        database.upgrade()
        yield opened(database, settings.workspace)


def _changes(world, hands):
    """Let one person save six times; each time there is something to do."""
    first = world.shown()
    results = [
        hands.relabelled(first, 3, "solid"),
        hands.ended(first, 1, 30),
        hands.without(first, 2),
        hands.ended(hands.without(first, 2), 3, 12),
        hands.relabelled(hands.without(first, 2), 1, "stripe"),
        first,
    ]
    for number, result in enumerate(results, 1):
        world.save(result, number=number, verdict="needs work" if result is first else None)
    world.books.queue.put(WHAT, "scene")


def _started(settings):
    """Start a worker."""
    command = [sys.executable, "-m", "engine.cli", "--workspace", settings.workspace]
    found = {"ENGINE_LEASE_SECONDS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*command, "labelstudio", "work"],
        env=os.environ | found,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _settled(world):
    return [one for one in world.books.bridge.deliveries("scene") if one.state is not State.ASKED]


def _wait_for(world, number):
    until = time.monotonic() + SOON
    while len(_settled(world)) < number:
        assert time.monotonic() < until, "the worker does nothing"
        time.sleep(0.005)


def test_once_acts_on_what_waits_and_keeps_the_predictions_without_a_label_studio(
    world, hands, settings
):
    world.save(hands.without(world.shown(), 2), verdict="accepted")
    assert work(settings, once=True).done == 1
    assert world.stage is Stage.ACCEPTED
    assert world.books.desk.findings.get(world.head.id, finding(TaskKind.CLIP))
    assert world.books.desk.findings.get(world.head.id, finding(TaskKind.FRAMES))


def test_a_label_studio_that_is_not_there_keeps_nothing_from_being_stored(world, hands, settings):
    world.save(hands.without(world.shown(), 2))
    token = SecretStr("0" * 40)
    away = settings.model_copy(update={"label_studio_url": NOBODY, "label_studio_token": token})
    project = world.books.bridge.put_project(OutsideProject(NOBODY, TaskKind.CLIP, 1))
    world.books.bridge.put_link(Link(project.id, 5, "scene"))
    said = []
    assert work(away, once=True, say=said.append).done == 1
    assert world.stage is Stage.SUBMITTED
    assert sum("does not answer" in line for line in said) == 1


def test_a_workspace_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SelectionError, match="nowhere"):
        work(Settings(workspace=tmp_path / "nowhere"), once=True)


@pytest.mark.slow
def test_a_worker_that_is_killed_again_and_again_loses_nothing_and_does_nothing_twice(
    world, hands, settings, opened
):
    alone = opened(MemoryDatabase(), settings.workspace)
    _changes(alone, hands)
    alone.step()
    _changes(world, hands)
    for number in (1, 3, 5):
        process = _started(settings)
        try:
            _wait_for(world, number)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    process = _started(settings)
    try:
        _wait_for(world, 6)
    finally:
        process.terminate()
        process.communicate(timeout=SOON)
    assert world.rows() == alone.rows()
    assert world.head.tracks == alone.head.tracks
    steps = [one.provenance.get("delivery") for one in world.books.revisions.history("scene")]
    assert steps == [
        one.provenance.get("delivery") for one in alone.books.revisions.history("scene")
    ]
    assert (world.stage, alone.stage) == (Stage.REJECTED, Stage.REJECTED)


@pytest.mark.slow
def test_a_polite_kill_ends_a_worker_that_waits(world, settings):
    world.save(world.shown())
    process = _started(settings)
    try:
        _wait_for(world, 1)
    finally:
        process.terminate()
        _, said = process.communicate(timeout=SOON)
    assert process.returncode in (0, 130)
    assert "Traceback" not in said
