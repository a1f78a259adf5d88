"""Predictions: the stored ones, at once, in the tasks' order; what is missing is asked for elsewhere."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from label_studio_sdk.label_interface.objects import PredictionValue

from engine.ports import TaskKind
from engine.types import Kind, Revision
from engine.workflows import pre_annotate
from ml_backend import names
from ml_backend.serving.receiving import WHAT
from ml_backend.work.publishing import finding
from tests.ml_backend.conftest import STORED, told

EXPECTED = {"model_version": names.MODEL_VERSION, "result": [{"id": "r1t1"}], "score": 0.5}


@pytest.fixture
def kept(database):
    """Keep a prediction of each kind for clip "one"."""
    head = database.catalog.clip("one").head
    for kind in TaskKind:
        text = STORED.replace("r1t1", f"{kind}")
        database.desk.findings.put(head, finding(kind), text)
    return head


def asked(*tasks: Any, context: Any = None) -> dict[str, Any]:
    """Return a request for predictions of these (clip, kind), or of any other data."""
    whole = told("predict")
    data = [{"clip": one[0], "kind": one[1]} if isinstance(one, tuple) else one for one in tasks]
    whole["tasks"] = [whole["tasks"][0] | {"data": one} for one in data]
    whole["params"]["context"] = context
    return whole


def waiting(database, what: str) -> Sequence[str]:
    """Return the clips for which work is asked."""
    found = []
    while (job := database.queue.take(what, worker="w")) is not None:
        found.append(job.clip)
    return found


@pytest.mark.usefixtures("kept")
def test_what_label_studio_asked_is_answered_with_what_is_stored(backend):
    answer = backend.post("/predict", json=told("predict"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"results": [EXPECTED | {"result": [{"id": "clip"}]}]}


@pytest.mark.usefixtures("kept")
def test_the_sdk_reads_an_answer(backend):
    (found,) = backend.post("/predict", json=told("predict")).json()["results"]
    assert PredictionValue(**found).model_dump(exclude_none=True) == found


@pytest.mark.usefixtures("kept")
def test_a_task_says_which_kind_of_prediction_it_shows(backend):
    found = backend.post("/predict", json=asked(("one", "frames"), ("one", "clip"))).json()
    assert [one["result"][0]["id"] for one in found["results"]] == ["frames", "clip"]


@pytest.mark.usefixtures("kept")
def test_answers_stand_in_the_order_of_the_tasks_whatever_they_are_about(backend):
    tasks = [("none", "clip"), ("one", "clip"), {"video": "x"}, ("two", "clip"), ("one", "clip")]
    found = backend.post("/predict", json=asked(*tasks)).json()["results"]
    full = EXPECTED | {"result": [{"id": "clip"}]}
    assert found == [[], full, [], [], full]


@pytest.mark.usefixtures("kept")
def test_two_hundred_tasks_come_in_one_answer(backend):
    found = backend.post("/predict", json=asked(*[("one", "clip")] * 200)).json()["results"]
    assert len(found) == 200
    assert all(one["score"] == 0.5 for one in found)


def test_no_task_is_no_result(backend):
    assert backend.post("/predict", json=asked()).json() == {"results": []}


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"clip": "none", "kind": "clip"},
        {"clip": "one"},
        {"clip": "one", "kind": "film"},
        {"clip": ["one"], "kind": {"a": 1}},
        {"clip": 7, "kind": None},
    ],
)
def test_tasks_that_are_not_ours_have_no_prediction_and_ask_for_nothing(backend, database, data):
    assert backend.post("/predict", json=asked(data)).json() == {"results": [[]]}
    assert waiting(database, WHAT) == []
    assert waiting(database, pre_annotate.WHAT) == []


def test_a_missing_prediction_is_asked_for_once(backend, database):
    for _ in range(3):
        answer = backend.post("/predict", json=asked(("one", "clip"), ("one", "frames")))
        assert answer.json() == {"results": [[], []]}
    assert waiting(database, WHAT) == ["one"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"version":0,"result":[],"score":0}',
        "[",
        "null",
        STORED[:-1],
        STORED.replace("0.5", "{}"),
    ],
)
def test_a_prediction_of_another_version_is_asked_for_anew(backend, database, kept, text):
    database.desk.findings.put(kept, finding(TaskKind.CLIP), text)
    assert backend.post("/predict", json=asked(("one", "clip"))).json() == {"results": [[]]}
    assert waiting(database, WHAT) == ["one"]


def test_how_json_is_spaced_does_not_count(backend, database, kept):
    spaced = json.dumps(json.loads(STORED), indent=2)
    database.desk.findings.put(kept, finding(TaskKind.CLIP), spaced)
    assert backend.post("/predict", json=asked(("one", "clip"))).json()["results"] == [EXPECTED]


def test_a_clip_without_masks_is_left_to_the_workers_that_draw(backend, database):
    assert backend.post("/predict", json=asked(("bare", "clip"))).json() == {"results": [[]]}
    assert waiting(database, WHAT) == []
    assert waiting(database, pre_annotate.WHAT) == ["bare"]


def test_a_clip_that_could_not_be_drawn_is_not_tried_again_by_looking_at_it(backend, database):
    database.queue.put(pre_annotate.WHAT, "bare")
    database.queue.fail(database.queue.take(pre_annotate.WHAT, worker="w"), "broken")
    backend.post("/predict", json=asked(("bare", "clip")))
    assert waiting(database, pre_annotate.WHAT) == []


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("context", [{}, {"result": []}, {"result": [{"type": "keypointlabels"}]}])
def test_whoever_waits_for_a_stroke_gets_an_empty_prediction_at_once(backend, database, context):
    found = backend.post("/predict", json=asked(("one", "clip"), context=context)).json()
    assert found == {"results": [{"model_version": names.MODEL_VERSION, "result": [], "score": 0}]}
    assert waiting(database, WHAT) == []


@pytest.mark.usefixtures("kept")
def test_a_prediction_of_the_newest_revision_is_answered_and_no_older_one(backend, database):
    head = database.revisions.head("one")
    child = Revision("one", head.id, Kind.MANUAL, "ada", head.tracks)
    database.revisions.append(child, [])
    assert backend.post("/predict", json=asked(("one", "clip"))).json() == {"results": [[]]}
    assert waiting(database, WHAT) == ["one"]
