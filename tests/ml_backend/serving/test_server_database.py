"""A database that is busy, gone or full: the backend says so in time, keeps answering, and stores what came when it can."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from engine.errors import DiskFull
from ml_backend.serving import routes
from ml_backend.serving.waiting import Hands
from tests.ml_backend.conftest import SHOWN, saved, told


@contextmanager
def locked(workspace: Path) -> Iterator[None]:
    """Hold the database's write lock."""
    with closing(sqlite3.connect(workspace / "engine.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a webhook wait for two seconds: less than the lock holds, more than a busy machine takes."""
    monkeypatch.setattr(routes, "SECOND", 2.0)


def until(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    give_up = time.monotonic() + 20
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
def test_while_it_is_locked_a_webhook_is_answered_and_stored_afterwards(
    backend, database, settings
):
    with locked(settings.workspace):
        answer = backend.post("/webhook", json=told("webhook_updated"), headers=SHOWN)
        assert (answer.status_code, answer.json()["kind"]) == (503, "StoreError")
        assert "engine labelstudio sync" in answer.json()["error"]
        assert database.bridge.waiting() == ()
    until(database.bridge.waiting)
    until(lambda: database.queue.counts("labelstudio").waiting)


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
def test_while_it_is_locked_everything_that_only_reads_is_answered(backend, settings):
    with locked(settings.workspace):
        assert backend.get("/health").json()["database"] == "ok"
        assert backend.post("/setup", json=told("setup")).status_code == 200
        assert backend.post("/predict", json=told("predict")).json() == {"results": [[]]}
        unknown = backend.post("/webhook", json=saved(task=77), headers=SHOWN)
        assert unknown.status_code == 202


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
def test_what_waits_for_it_is_bounded(backend, database, settings):
    state = backend.app.state
    few = Hands("few", threads=1, most=2)
    state.backend = replace(state.backend, writing=few)
    hooks = [saved(id=number) for number in (1, 2, 3)]
    with locked(settings.workspace):
        answers = [backend.post("/webhook", json=hook, headers=SHOWN) for hook in hooks]
        assert {answer.status_code for answer in answers} == {503}
        assert "nothing was stored" in answers[-1].json()["error"]
        assert backend.get("/versions").status_code == 200
    few.close()
    assert [one.number for one in database.bridge.waiting()] == [1, 2]


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
def test_what_came_while_it_was_locked_is_stored_before_the_backend_ends(
    open_backend, database, settings
):
    with open_backend() as backend, locked(settings.workspace):
        assert backend.post("/webhook", json=saved(), headers=SHOWN).status_code == 503
    assert len(database.bridge.waiting()) == 1


def test_a_database_without_our_tables_is_503_and_the_backend_stays_up(backend, settings):
    with closing(sqlite3.connect(settings.workspace / "engine.db")) as other:
        (tables,) = zip(*other.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%'"), strict=True)  # fmt: skip
        for table in tables:
            other.execute(f'DROP TABLE "{table}"')
    for path, body in (("/predict", told("predict")), ("/webhook", saved())):
        answer = backend.post(path, json=body, headers=SHOWN)
        assert (answer.status_code, answer.json()["kind"]) == (503, "StoreError")
        assert "engine init" in answer.json()["error"]
    health = backend.get("/health")
    assert (health.status_code, health.json()["status"]) == (200, "UP")
    assert "engine init" in health.json()["database"]
    assert backend.post("/setup", json=told("setup")).status_code == 200


@pytest.mark.slow
@pytest.mark.postgres
def test_a_server_that_is_gone_is_503(open_backend, postgres_database):
    backend = open_backend(database_url=postgres_database)
    assert backend.get("/health").json()["database"] == "ok"
    backend.app.state.backend.bench.catalog._transactions.engine.dispose()
    gone = backend.app.state.backend.bench.catalog._transactions.engine.url
    server = create_engine(gone.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{gone.database}" ALLOW_CONNECTIONS false'))
    answer = backend.post("/predict", json=told("predict"))
    assert (answer.status_code, answer.json()["kind"]) == (503, "StoreError")
    assert backend.get("/health").json()["status"] == "UP"
    with server.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{gone.database}" ALLOW_CONNECTIONS true'))
    server.dispose()
    assert backend.post("/predict", json=told("predict")).status_code == 200


def test_forty_people_who_save_at_once_and_twice_are_all_heard_once(backend, database):
    hooks = [saved(id=number, task=1 + number % 2) for number in range(1, 41)] * 2

    def deliver(hook):
        return backend.post("/webhook", json=hook, headers=SHOWN).status_code

    with ThreadPoolExecutor(16) as people:
        heard = list(people.map(deliver, hooks))
    assert set(heard) <= {
        200,
        201,
        503,
    }  # a slow machine is told of late: it is stored all the same
    until(lambda: len(database.bridge.waiting()) == 40)
    assert sorted(one.number for one in database.bridge.waiting()) == list(range(1, 41))
    assert database.queue.counts("labelstudio").waiting == 2


def test_a_full_disk_is_507(backend, monkeypatch):
    def full(*_, **__):
        raise DiskFull("no room left")

    monkeypatch.setattr("ml_backend.serving.hearing.store", full)
    assert backend.post("/webhook", json=saved(), headers=SHOWN).status_code == 507
