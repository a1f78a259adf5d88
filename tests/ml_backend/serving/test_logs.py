"""One line for what happens, for machines or people, without bodies, headers and secrets."""

import io
import json
import logging
from datetime import datetime

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from ml_backend.serving.logs import LOGGER, JsonLines, Lines, configure, fields, tell
from tests.ml_backend.conftest import SECRET, SHOWN, told

LOG = logging.getLogger(f"{LOGGER}.test")


@pytest.fixture(autouse=True)
def _as_before():
    """Leave the loggers as they were."""
    names = (LOGGER, "uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
    loggers = [logging.getLogger(name) for name in names]
    before = [(one, one.handlers[:], one.level, one.propagate) for one in loggers]
    yield
    for logger, handlers, level, propagate in before:
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


def record(message: str, **values: object) -> logging.LogRecord:
    made = logging.LogRecord("ml_backend.x", logging.WARNING, "f.py", 1, message, (), None)
    made.__dict__.update(fields(**values))
    return made


def test_a_line_for_machines_is_one_json_object():
    out = io.StringIO()
    configure(as_json=True, to=out)
    LOG.info("request", extra=fields(status=200, clips=["a", "b"], project=None))
    said = json.loads(out.getvalue())
    assert datetime.fromisoformat(said.pop("at")).tzinfo
    assert said == {
        "level": "info",
        "logger": "ml_backend.test",
        "message": "request",
        "status": 200,
        "clips": ["a", "b"],
        "project": None,
    }


def test_a_line_for_people_names_its_values():
    out = io.StringIO()
    configure(as_json=False, to=out)
    LOG.warning("a worker ended", extra=fields(status=-9, clips=("a", "b")))
    assert out.getvalue().endswith(" WARNING a worker ended status=-9 clips=a,b\n")


def test_configuring_twice_writes_no_line_twice():
    out = io.StringIO()
    for _ in range(2):
        configure(as_json=False, to=out)
    LOG.info("once")
    assert out.getvalue().count("once") == 1


def test_an_error_comes_with_its_trace_in_both_forms():
    for as_json in (True, False):
        out = io.StringIO()
        configure(as_json=as_json, to=out)
        try:
            int("why")
        except ValueError:
            LOG.exception("failed", extra=fields(clip="a"))
        assert "ValueError: invalid literal" in out.getvalue()
        assert "Traceback" in out.getvalue()


def test_the_web_servers_troubles_are_told_in_the_same_form():
    out = io.StringIO()
    configure(as_json=True, to=out)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert json.loads(out.getvalue())["logger"] == "uvicorn.error"


def test_a_level_that_another_server_set_hides_no_trouble_of_this_one():
    uvicorn.Config(lambda: None, log_level="error")
    out = io.StringIO()
    configure(as_json=True, to=out)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert len(out.getvalue().splitlines()) == 1


def test_what_is_told_to_a_person_can_be_a_line_for_machines():
    out = io.StringIO()
    configure(as_json=True, to=out)
    tell("clip a: 1 acted on (100 %)")
    assert json.loads(out.getvalue())["message"] == "clip a: 1 acted on (100 %)"


@given(st.text(), st.text())
def test_no_value_begins_a_line_of_its_own(one, other):
    for form in (JsonLines(), Lines()):
        assert "\n" not in form.format(record("request", path=one, clips=[other]))


def test_a_request_is_one_line_with_what_it_was_about(backend):
    out = io.StringIO()
    configure(as_json=True, to=out)
    backend.post("/predict", json=told("predict"))
    backend.post("/webhook", json=told("webhook_updated"), headers=SHOWN)
    backend.post("/setup", json=told("setup"))
    backend.post("/webhook", json=told("webhook_updated"))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert all(line.pop("ms") >= 0 for line in lines)
    said = [{name: line[name] for name in line if name not in {"at", "level", "logger", "message"}} for line in lines]  # fmt: skip
    assert said == [
        {"method": "POST", "path": "/predict", "status": 200, "project": "1.1795280619", "clips": ["one"], "tasks": 1, "missing": 1},
        {"method": "POST", "path": "/webhook", "status": 201, "action": "ANNOTATION_UPDATED", "project": 1, "became": "stored", "clips": ["one"]},
        {"method": "POST", "path": "/setup", "status": 200, "project": "1.1795280619", "hostname": "http://127.0.0.1:18080"},
        {"method": "POST", "path": "/webhook", "status": 401, "action": "ANNOTATION_UPDATED", "project": 1, "refused": "AccessError"},
    ]  # fmt: skip


def test_neither_bodies_nor_secrets_are_in_a_line(open_backend):
    backend, out = open_backend(), io.StringIO()
    configure(as_json=True, to=out)
    backend.post("/setup", json=told("setup"), headers={"Authorization": "Basic c2VjcmV0"})
    backend.post("/webhook", json=told("webhook_updated"), headers=SHOWN)
    backend.post("/webhook", content=b'{"action": 1, "x": "hidden"}', headers=SHOWN)
    backend.get("/health?token=hidden")
    for hidden in (told("setup")["access_token"], SECRET, "c2VjcmV0", "r1t1", "hidden", "f" * 40):
        assert hidden not in out.getvalue()
    assert len(out.getvalue().splitlines()) == 4
