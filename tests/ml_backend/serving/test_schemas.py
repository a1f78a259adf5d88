"""What is sent is read as far as it is needed, and complaints about it show no value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from ml_backend.serving.schemas import Annotation, Predict, Setup, Webhook, form, read, read_value
from tests.ml_backend.conftest import told

MODELS = (Setup, Predict, Webhook, Annotation)


def text(name: str) -> bytes:
    return json.dumps(told(name)).encode()


def test_the_token_of_a_projects_creator_is_not_even_read() -> None:
    asked = read(Setup, text("setup"))
    assert asked.model_dump() == {"project": "1.1795280619", "hostname": "http://127.0.0.1:18080"}
    assert told("setup")["access_token"] not in repr(asked)


def test_of_a_task_only_its_data_are_read() -> None:
    (task,) = read(Predict, text("predict")).tasks
    assert task.model_dump() == {"data": told("predict")["tasks"][0]["data"]}


def test_of_a_project_only_its_number_is_read() -> None:
    hook = read(Webhook, text("webhook_updated"))
    assert (hook.action, hook.project.id) == ("ANNOTATION_UPDATED", 1)
    assert hook.annotation == told("webhook_updated")["annotation"]


@pytest.mark.parametrize("params", [{}, {"params": None}, {"params": {}}, {"project": None}])
def test_what_may_be_missing_may_be_missing(params: dict[str, Any]) -> None:
    assert read(Predict, json.dumps({"tasks": [{}], **params}).encode()).tasks[0].data == {}


@pytest.mark.parametrize("model", MODELS)
@given(value=st.text("abcdef", min_size=8))
def test_complaints_show_no_value(model: Any, value: str) -> None:
    names = ["project", "hostname", "tasks", "action", "annotation", "id", "task", "result"]
    wrong = {name: [[value]] for name in names}
    for refused in (
        lambda: read(model, json.dumps(wrong).encode()),
        lambda: read_value(model, wrong),
    ):
        with pytest.raises(InputError) as error:
            refused()
        assert value not in str(error.value)
        assert error.value.__cause__ is None


def test_complaints_name_the_place() -> None:
    with pytest.raises(InputError, match=r"tasks\.1\.data"):
        read(Predict, b'{"tasks": [{}, {"data": 7}]}')


@pytest.mark.parametrize("model", MODELS)
def test_a_form_refers_to_nothing_outside_itself(model: Any) -> None:
    described = form(model)["requestBody"]
    assert described["required"]
    assert "$ref" not in json.dumps(described)
    assert "$defs" not in json.dumps(described)
