"""Webhooks: stored with their secret before they are answered, once, whatever order they come in; without it nothing is."""

import base64
import hashlib

import pytest
from pydantic import SecretStr

from engine.ports import Link, OutsideProject, TaskKind
from ml_backend.names import SECRET_HEADER
from ml_backend.serving.receiving import WHAT, delivery_of
from tests.ml_backend.conftest import SECRET, SERVER, SHOWN, rows, saved, told

EARLIER, LATER = "2026-11-21T16:00:00Z", "2026-11-21T18:00:00Z"


def test_a_saved_annotation_is_stored_and_work_is_asked_for(backend, database):
    answer = backend.post("/webhook", json=told("webhook_updated"), headers=SHOWN)
    assert (answer.status_code, answer.json()["status"]) == (201, "stored")
    (delivery,) = database.bridge.waiting()
    expected = delivery_of(told("webhook_updated")["annotation"], action="ANNOTATION_UPDATED")
    assert (delivery.clip, delivery.task, delivery.number) == ("one", 1, 1)
    assert (delivery.author, delivery.at) == (expected.author, expected.at)
    assert (delivery.body, delivery.digest) == (expected.body, expected.digest)
    assert database.queue.take(WHAT, worker="w").clip == "one"


def test_what_was_delivered_twice_is_stored_once(backend, database):
    first, second = (
        backend.post("/webhook", json=told("webhook_updated"), headers=SHOWN) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["status"] == "known"
    assert len(database.bridge.waiting()) == 1


def test_what_was_overtaken_by_something_later_is_not_stored(backend, database):
    later, earlier = saved(updated_at=LATER, result=[]), saved(updated_at=EARLIER)
    assert backend.post("/webhook", json=later, headers=SHOWN).status_code == 201
    assert backend.post("/webhook", json=earlier, headers=SHOWN).json()["status"] == "known"
    assert [one.body["result"] for one in database.bridge.waiting()] == [[]]


def test_a_star_and_a_skip_are_deliveries_too(backend, database):
    for name in ("webhook_updated", "webhook_starred", "webhook_skipped"):
        assert backend.post("/webhook", json=told(name), headers=SHOWN).status_code == 201
    found = [(one.body["ground_truth"], one.body["was_cancelled"]) for one in database.bridge.waiting()]  # fmt: skip
    assert found == [(False, False), (True, False), (False, True)]


@pytest.mark.parametrize("name", ["webhook_deleted", "webhook_tasks_created", "webhook_training"])
def test_what_else_happens_in_a_project_is_heard_and_ignored(backend, settings, name):
    before = rows(settings.database)
    answer = backend.post("/webhook", json=told(name), headers=SHOWN)
    assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
    assert rows(settings.database) == before


@pytest.mark.parametrize("action", ["PROJECT_UPDATED", "TASKS_DELETED", "SOMETHING_NEW", ""])
def test_so_is_what_nobody_has_heard_of(backend, action):
    answer = backend.post("/webhook", json={"action": action}, headers=SHOWN)
    assert answer.status_code == 200


def test_an_unknown_task_is_said_to_be_one(backend, settings):
    before = rows(settings.database)
    answer = backend.post("/webhook", json=saved(task=77), headers=SHOWN)
    assert answer.status_code == 202
    assert "task 77" in answer.json()["note"]
    assert rows(settings.database) == before


def test_an_unknown_project_is_said_to_be_one(backend, settings):
    before = rows(settings.database)
    hook = saved() | {"project": {"id": 5}}
    answer = backend.post("/webhook", json=hook, headers=SHOWN)
    assert answer.status_code == 202
    assert "project 5" in answer.json()["note"]
    assert rows(settings.database) == before


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: "é"}, {"X-Other": SECRET}])  # fmt: skip
@pytest.mark.parametrize("name", ["webhook_updated", "webhook_deleted"])
def test_without_the_secret_nothing_is_stored(backend, settings, headers, name):
    before = rows(settings.database)
    headers = {key: value.encode() for key, value in headers.items()}
    answer = backend.post("/webhook", json=told(name), headers=headers)
    assert (answer.status_code, answer.json()["kind"]) == (401, "AccessError")
    assert "engine labelstudio setup" in answer.json()["error"]
    assert rows(settings.database) == before


def test_the_stored_digest_of_a_secret_is_not_the_secret(backend):
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    answer = backend.post("/webhook", json=saved(), headers={SECRET_HEADER: digest})
    assert answer.status_code == 401


def test_a_project_without_a_secret_believes_nobody(backend, database, settings):
    database.bridge.put_project(OutsideProject(SERVER, TaskKind.CLIP, 1, ""))
    before = rows(settings.database)
    for secret in (SECRET, "", hashlib.sha256(b"").hexdigest()):
        answer = backend.post("/webhook", json=saved(), headers={SECRET_HEADER: secret})
        assert answer.status_code == 401
    assert rows(settings.database) == before


def test_the_secret_of_one_project_does_not_open_another(backend, database, settings):
    other = hashlib.sha256(b"another").hexdigest()
    project = database.bridge.put_project(OutsideProject(SERVER, TaskKind.FRAMES, 2, other))
    database.bridge.put_link(Link(project.id, 1, "two"))
    before = rows(settings.database)
    answer = backend.post("/webhook", json=saved() | {"project": {"id": 2}}, headers=SHOWN)
    assert answer.status_code == 401
    assert rows(settings.database) == before


def test_two_servers_that_count_alike_are_told_apart_by_their_secrets(backend, database):
    other = hashlib.sha256(b"another").hexdigest()
    project = database.bridge.put_project(OutsideProject("http://b:8080", TaskKind.CLIP, 1, other))
    database.bridge.put_link(Link(project.id, 1, "two"))
    answer = backend.post("/webhook", json=saved(), headers={SECRET_HEADER: "another"})
    assert answer.status_code == 201
    assert [one.clip for one in database.bridge.waiting()] == ["two"]


def test_training_is_asked_for_with_the_login_and_ignored(open_backend):
    backend = open_backend(ml_backend_user="ls", ml_backend_password=SecretStr("pw"))
    shown = {"Authorization": "Basic " + base64.b64encode(b"ls:pw").decode()}
    training = told("webhook_training")
    assert backend.post("/webhook", json=training, headers=shown).json()["status"] == "ignored"
    assert backend.post("/webhook", json=training).status_code == 401
    assert backend.post("/webhook", json=saved(), headers=shown).status_code == 401
    assert backend.post("/webhook", json=saved(), headers=SHOWN).status_code == 201
