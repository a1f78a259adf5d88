"""The backend's other routes, its login, its limits, and that every refusal has its status and none is a crash."""

import base64
from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from engine import errors
from engine.config import Settings
from engine.errors import EngineError, SelectionError, SettingsError
from ml_backend import names
from ml_backend.server import create_app
from ml_backend.serving import routes
from ml_backend.serving.routes_errors import status_of
from tests.ml_backend.conftest import LOCAL, SHOWN, rows, told

LOGIN = {"ml_backend_user": "labelstudio", "ml_backend_password": SecretStr("pässword:1")}
ASKED = [
    ("GET", "/"),
    ("GET", "/health"),
    ("GET", "/versions"),
    ("GET", "/openapi.json"),
    ("GET", "/nothing"),
    ("POST", "/setup"),
    ("POST", "/predict"),
    ("POST", "/webhook/"),
]
ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, EngineError)
]


def basic(user: str, password: str, *, scheme: str = "Basic") -> dict[str, str]:
    """Return the header that shows a login."""
    code = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"{scheme} {code}"}


SHOWING = basic("labelstudio", "pässword:1")


@pytest.mark.parametrize("path", ["/", "/health"])
def test_it_says_that_it_is_up(backend, path):
    answer = backend.get(path)
    assert answer.status_code == 200
    assert answer.json()["status"] == "UP"
    assert answer.json()["database"] == "ok"


def test_it_names_the_one_version_of_its_predictions(backend):
    assert backend.get("/versions").json() == {"versions": [names.MODEL_VERSION]}


def test_a_set_up_is_answered_the_same_every_time_and_keeps_nothing(backend, settings):
    before = rows(settings.database)
    for _ in range(3):
        answer = backend.post("/setup", json=told("setup"))
        assert answer.json() == {"model_version": names.MODEL_VERSION}
    assert rows(settings.database) == before


@pytest.mark.parametrize(("method", "path"), ASKED)
@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Bearer abc"},
        basic("labelstudio", "wrong"),
        basic("other", "pässword:1"),
        basic("labelstudio", ""),
        basic("labelstudio", "pässword:1", scheme="Digest"),
    ],
)
def test_with_a_login_strangers_get_nothing(open_backend, method, path, shown):
    answer = open_backend(**LOGIN).request(method, path, headers=shown)
    assert (answer.status_code, answer.json()["kind"]) == (401, "AccessError")
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_with_the_login_everything_is_answered(open_backend):
    backend = open_backend(**LOGIN)
    assert backend.get("/health", headers=SHOWING).status_code == 200
    assert backend.get("/health", headers=basic("labelstudio", "pässword:1", scheme="basic")).status_code == 200  # fmt: skip
    assert backend.post("/setup", json=told("setup"), headers=SHOWING).status_code == 200
    assert backend.post("/predict", json=told("predict"), headers=SHOWING).status_code == 200
    assert backend.get("/nothing", headers=SHOWING).status_code == 404


def test_with_a_login_any_name_of_the_machine_will_do(open_backend):
    answer = open_backend(**LOGIN).get("http://ml-backend:9090/health", headers=SHOWING)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9090", 200),
        ("127.0.0.2", 200),
        ("localhost:9090", 200),
        ("LOCALHOST", 200),
        ("[::1]:9090", 200),
        ("evil.example:9090", 403),
        ("127.0.0.1.evil.example", 403),
        ("192.0.2.1", 403),
        ("", 403),
        ("[", 403),
        ("localhost.", 403),
    ],
)
def test_without_a_login_only_who_calls_this_machine_by_its_own_name_is_answered(
    backend, host, status
):
    assert backend.get("/health", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    "half",
    [
        {"ml_backend_user": "a"},
        {"ml_backend_password": SecretStr("b")},
        {"ml_backend_user": "a:b", "ml_backend_password": SecretStr("c")},
    ],
)
def test_half_a_login_is_refused_at_the_start(settings, half):
    with pytest.raises(SettingsError, match="ENGINE_ML_BACKEND_PASSWORD"):
        create_app(settings.model_copy(update=half))


def test_without_a_workspace_it_does_not_start(tmp_path):
    with pytest.raises(SelectionError, match="engine init"):
        create_app(Settings(workspace=tmp_path / "none"))


@pytest.mark.parametrize("path", ["/setup", "/predict", "/webhook"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"project": {"id": {}}, "tasks": 7, "action": []}',
        b'{"project": 1, "tasks": [1], "action": {}}',
        b'{"project": {}, "tasks": [{"data": 3}], "action": "ANNOTATION_CREATED"}',
        b"[" * 100_000,
        b'{"a":' * 5_000,
    ],
)
def test_what_cannot_be_understood_is_400_and_never_shown_again(backend, path, body):
    answer = backend.post(path, content=body, headers=SHOWN)
    assert (answer.status_code, answer.json()["kind"]) == (400, "InputError"), answer.text
    assert "Label Studio" in answer.json()["error"]


@pytest.mark.parametrize(
    "annotation",
    [None, {}, {"id": 1}, {"id": 1, "task": 1}, {"id": "x", "task": [], "updated_at": "now"}],
)
def test_a_webhook_about_an_annotation_tells_one(backend, annotation):
    hook = {"action": "ANNOTATION_CREATED", "project": {"id": 1}, "annotation": annotation}
    assert backend.post("/webhook", json=hook, headers=SHOWN).status_code == 400


@pytest.mark.parametrize("number", [-1, 1 << 63, 1 << 70, 10**400])
def test_numbers_that_no_database_takes_are_400(backend, number):
    hook = {"action": "ANNOTATION_CREATED", "project": {"id": number}, "annotation": {}}
    assert backend.post("/webhook", json=hook, headers=SHOWN).status_code == 400


@pytest.mark.parametrize(
    ("path", "most"),
    [("/setup", routes.SETUP), ("/predict", routes.PREDICT), ("/webhook", routes.HOOK)],
)
def test_more_bytes_than_are_read_are_413(backend, monkeypatch, path, most):
    assert most in {1 << 20, 16 << 20, 64 << 20}
    name = {"/setup": "SETUP", "/predict": "PREDICT", "/webhook": "HOOK"}[path]
    monkeypatch.setattr(routes, name, 1000)

    def drip() -> Any:
        yield from [b" " * 100] * 20

    for content in (b" " * 1001, drip()):
        answer = backend.post(path, content=content, headers=SHOWN)
        assert answer.status_code == 413
        assert "1000 bytes" in answer.json()["error"]
    assert backend.post(path, content=b" " * 1000, headers=SHOWN).status_code == 400


def test_what_is_not_there_is_404_and_what_is_asked_otherwise_405(backend):
    assert backend.get("/nothing").json()["kind"] == "HTTPException"
    assert backend.get("/nothing").status_code == 404
    assert backend.get("/predict").status_code == 405
    assert backend.post("/health").status_code == 405


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_product_is_answered_with_its_kind_and_text(backend, monkeypatch, kind):
    def refuse(*_: Any) -> None:
        raise kind("what happened, and what to do")

    monkeypatch.setattr("ml_backend.serving.predicting.predict", refuse)
    answer = backend.post("/predict", json=told("predict"))
    assert answer.json() == {"error": "what happened, and what to do", "kind": kind.__name__}
    assert answer.status_code == status_of(kind(""))


def test_statuses_say_who_has_to_do_something():
    expected = {
        errors.InputError: 400,
        errors.SelectionError: 400,
        errors.AccessError: 401,
        errors.StoreError: 503,
        errors.StaleParent: 503,
        errors.ServerError: 503,
        errors.DiskFull: 507,
        errors.EngineError: 500,
    }
    assert {kind: status_of(kind("")) for kind in expected} == expected


def test_what_nobody_foresaw_is_logged_and_tells_no_secrets(backend, monkeypatch, caplog):
    def fail(*_: Any) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("ml_backend.serving.predicting.predict", fail)
    answer = backend.post("/predict", json=told("predict"))
    assert (answer.status_code, answer.json()["kind"]) == (500, "ServerError")
    assert "hunter2" not in answer.text
    assert "hunter2" in caplog.text


def test_its_description_shows_every_route_with_its_body(backend):
    described = backend.get("/openapi.json").json()["paths"]
    assert set(described) == {"/", "/health", "/versions", "/setup", "/predict", "/webhook"}
    bodies = [described[path]["post"]["requestBody"] for path in ("/setup", "/predict", "/webhook")]
    shapes = [body["content"]["application/json"]["schema"]["properties"] for body in bodies]
    assert [sorted(shape) for shape in shapes] == [
        ["hostname", "project"],
        ["label_config", "params", "project", "tasks"],
        ["action", "annotation", "project"],
    ]


def test_nothing_of_an_annotation_is_told_to_strangers(settings):
    app = create_app(settings)
    ask = partial(TestClient(app, base_url=LOCAL).post, "/webhook", json=told("webhook_updated"))
    assert "r1t1" not in ask().text
    app.state.backend.close()
