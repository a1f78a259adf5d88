"""What a webhook is about, decided without HTTP."""

import pytest

from engine import wiring
from engine.errors import AccessError, SelectionError
from ml_backend.serving import hearing
from ml_backend.serving.hearing import hear, hear_logged_in, known
from ml_backend.serving.schemas import Webhook
from tests.ml_backend.conftest import SECRET, saved, told


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
    assert (heard.status, heard.what, heard.clips) == (201, "stored", ("one",))
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


def many(*annotations: object) -> Webhook:
    """Return the webhook about annotations that somebody made of many predictions at once."""
    return hook(action="ANNOTATIONS_CREATED", annotation=list(annotations))


def test_many_that_are_told_at_once_are_each_stored(bench):
    told_ = [saved(id=1, task=1)["annotation"], saved(id=2, task=2)["annotation"]]
    heard = hear(bench, many(*told_), known(bench, SECRET))
    assert (heard.status, heard.what, heard.clips) == (201, "stored", ("one", "two"))
    assert heard.note == "2 stored"
    assert [one.number for one in bench.bridge.waiting()] == [1, 2]


def test_one_among_many_that_cannot_be_read_or_is_unknown_stops_no_other(bench):
    odd = [{"id": "x"}, saved(id=3, task=77)["annotation"], saved(id=1, task=1)["annotation"]]
    heard = hear(bench, many(*odd), known(bench, SECRET))
    assert (heard.status, heard.what) == (201, "stored")
    assert heard.note.startswith("1 refused, 1 unknown, 1 stored; ")
    assert "task 77" in heard.note
    assert [one.number for one in bench.bridge.waiting()] == [1]


def test_many_that_are_none_ask_for_nothing(bench):
    assert hear(bench, many(), known(bench, SECRET)).status == 200


def test_many_that_were_all_delivered_before_are_known(bench):
    for what in ("stored", "known"):
        heard = hear(bench, many(saved()["annotation"]), known(bench, SECRET))
        assert heard.what == what


def test_the_answer_tells_what_became_of_it(bench):
    first, second = (hear(bench, hook(), known(bench, SECRET)).answer() for _ in range(2))
    assert first == {"status": "stored", "note": ""}
    assert second["status"] == "known"


@pytest.mark.parametrize("action", ["ANNOTATION_CREATED", "ANNOTATIONS_DELETED", "PROJECT_UPDATED"])
def test_the_login_alone_is_enough_for_training_only(action):
    with pytest.raises(AccessError, match="engine labelstudio setup"):
        hear_logged_in(Webhook.model_validate(saved() | {"action": action}))
    assert hear_logged_in(hook("webhook_training")).what == "ignored"
