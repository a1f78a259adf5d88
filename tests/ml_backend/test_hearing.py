"""What a webhook is about, decided without HTTP."""

import pytest

from engine import wiring
from engine.errors import AccessError, SelectionError
from ml_backend import hearing
from ml_backend.hearing import hear, hear_logged_in, known
from ml_backend.schemas import Webhook

from .conftest import SECRET, saved, told


@pytest.fixture
def bench(settings):
    with wiring.workbench(settings) as opened:
        yield opened


def hook(name: str = "webhook_updated", **changes: object) -> Webhook:
    return Webhook.model_validate(told(name) | changes)


def test_a_secret_names_its_projects(bench):
    assert [project.number for project in known(bench, SECRET)] == [1]
    with pytest.raises(AccessError):
        known(bench, "wrong")


def test_what_is_heard_is_stored_with_its_action(bench):
    heard = hear(bench, hook("webhook_skipped"), known(bench, SECRET))
    assert (heard.status, heard.what, heard.clip) == (201, "stored", "one")
    assert bench.bridge.waiting()[0].body["action"] == "ANNOTATION_CREATED"


def test_a_task_that_is_forgotten_just_then_is_unknown(bench, monkeypatch):
    def forgotten(*_):
        raise SelectionError("task 1 is not linked")

    monkeypatch.setattr(hearing, "store", forgotten)
    heard = hear(bench, hook(), known(bench, SECRET))
    assert (heard.status, heard.what, heard.note) == (202, "unknown", "task 1 is not linked")


def test_a_task_that_was_forgotten_before_is_unknown_too(bench):
    (link,) = bench.bridge.links(clip="one")
    bench.bridge.drop_link(link.project, link.task)
    assert hear(bench, hook(), known(bench, SECRET)).what == "unknown"


def test_a_saved_annotation_that_names_no_project_is_unknown(bench):
    assert hear(bench, hook(project=None), known(bench, SECRET)).what == "unknown"


def test_the_answer_tells_what_became_of_it(bench):
    first, second = (hear(bench, hook(), known(bench, SECRET)).answer() for _ in range(2))
    assert first == {"status": "stored", "note": ""}
    assert second["status"] == "known"


@pytest.mark.parametrize("action", ["ANNOTATION_CREATED", "ANNOTATIONS_DELETED", "PROJECT_UPDATED"])
def test_the_login_alone_is_enough_for_training_only(action):
    with pytest.raises(AccessError, match="engine labelstudio setup"):
        hear_logged_in(Webhook.model_validate(saved() | {"action": action}))
    assert hear_logged_in(hook("webhook_training")).what == "ignored"
