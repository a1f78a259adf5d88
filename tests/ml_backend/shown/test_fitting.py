"""A project is sent only what it shows, and the log says what to change."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports import TaskKind
from ml_backend.shown.fitting import LONGEST, unfit
from ml_backend.shown.labelling import clip_config, frames_config
from ml_backend.shown.prediction import prediction
from ml_backend.work.publishing import finding
from tests.ml_backend.conftest import SCENE, TRACKS, clip_named, told


def region(label: str, *, frames: int = 1, **changes: object) -> dict[str, object]:
    """Return the region of a track as it is predicted."""
    place = {"x": 1, "y": 1, "width": 2, "height": 2, "rotation": 0, "enabled": True, "time": 0}
    keys = [{"frame": 1 + frame, **place} for frame in range(frames)]
    value = {"framesCount": 40, "duration": 1.3, "labels": [label], "sequence": keys}
    names = {"from_name": "box", "to_name": "video", "type": "videorectangle"}
    return {"id": f"r1t{frames}", **names, "value": value, **changes}


def text(*regions: object) -> str:
    return json.dumps({"version": 2, "score": 0.5, "result": regions})


CUE = text(region("cue"))


def why(config: str, *texts: str, kind: TaskKind = TaskKind.CLIP) -> list[tuple[str, ...]]:
    return unfit(config, kind, [json.loads(one)["result"] for one in texts])


def test_our_own_configurations_fit_what_is_really_predicted() -> None:
    clip, tracks = clip_named("one"), TRACKS
    rows = [SCENE.truth(frame) for frame in range(SCENE.frames)]
    configs = {TaskKind.CLIP: clip_config(), TaskKind.FRAMES: frames_config()}
    for kind, config in configs.items():
        stored = prediction(kind, clip, 1, tracks, rows, [])
        assert json.loads(stored)["result"]
        assert why(config, stored, kind=kind) == [()]


def test_where_label_studio_does_not_tell_there_is_nothing_to_compare() -> None:
    assert why("", CUE, CUE) == [(), ()]


def test_no_predictions_are_no_problem() -> None:
    assert why(clip_config()) == []


def test_only_those_are_left_out_that_would_not_be_shown() -> None:
    red = text(region("red", frames=3))
    found = why(clip_config(["red", "blue"]), red, CUE, text(region("red"), region("cue")), red)
    assert [bool(one) for one in found] == [False, True, True, False]
    assert '<Label value="cue">' in found[1][0]


def test_every_control_that_a_prediction_uses_is_looked_at() -> None:
    event = region("cue", from_name="event", type="timelinelabels")
    event["value"] = {"ranges": [{"start": 1, "end": 2}], "timelinelabels": ["in play"]}
    config = clip_config().replace('name="event"', 'name="events"')
    assert why(config, text(region("cue"), event)) != [()]
    assert why(clip_config(), text(region("cue"), event)) == [()]


@given(st.lists(st.sampled_from(["cue", "red", "none"]), max_size=9), st.integers(1, 4))
def test_many_are_judged_as_each_alone(labels: list[str], frames: int) -> None:
    texts = [text(region(label, frames=frames)) for label in labels]
    assert why(clip_config(), *texts) == [why(clip_config(), one)[0] for one in texts]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (frames_config(), 'no <Video name="video">'),
        (clip_config().replace('name="box"', 'name="frame"'), "box"),
        (clip_config(["red"]), '<Label value="cue">'),
        ("<View/>", "there is no"),
        ("<View>", "cannot be read"),
        ("no xml", "cannot be read"),
        ("<View>" * 5000, "cannot be read"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><View>&b;</View>', "take that out"),
        ("<View/>" + " " * LONGEST, "too long"),
    ],
)
def test_others_are_told_what_they_lack(config: str, said: str) -> None:
    (found,) = why(config, CUE)
    assert said in " ".join(found)


@given(st.text())
def test_no_configuration_at_all_crashes_it(config: str) -> None:
    assert len(why(config, CUE)) == 1


@pytest.fixture
def kept(database) -> None:
    head = database.catalog.clip("one").head
    database.desk.findings.put(head, finding(TaskKind.CLIP), CUE)


@pytest.mark.usefixtures("kept")
def test_a_project_that_shows_it_gets_the_prediction(backend, caplog):
    asked = told("predict") | {"label_config": clip_config()}
    (found,) = backend.post("/predict", json=asked).json()["results"]
    assert found["result"] == json.loads(CUE)["result"]
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


@pytest.mark.usefixtures("kept")
def test_another_gets_none_and_the_log_says_what_to_change(backend, database, caplog):
    asked = told("predict") | {"label_config": clip_config(["red"])}
    assert backend.post("/predict", json=asked).json() == {"results": [[]]}
    assert "configuration of the project '1' does not fit" in caplog.text
    assert '<Label value="cue">' in caplog.text
    assert "--replace-config" in caplog.text
    assert database.queue.counts("labelstudio").waiting == 0
