"""Whatever is sent to the backend: it never crashes, it answers as it describes itself, and writes nothing without its secret."""

import base64
import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis.checks import CHECKS
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from db.connect import Database
from engine.config import Settings
from ml_backend.server import create_app
from tests.ml_backend.conftest import SHOWN, Opener, fill, rows, saved, told

HERE = {"Host": "127.0.0.1:9090"}
LOGIN = {"ml_backend_user": "ls", "ml_backend_password": SecretStr("pw")}
LOGGED_IN = {"Authorization": "Basic " + base64.b64encode(b"ls:pw").decode()}
PROMISES = (
    CHECKS.get_one("not_a_server_error"),
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
often = tried(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


ROUTES = [
    ("/", "GET"),
    ("/health", "GET"),
    ("/versions", "GET"),
    ("/setup", "POST"),
    ("/predict", "POST"),
    ("/webhook", "POST"),
]
every_route = pytest.mark.parametrize(("path", "method"), ROUTES)


def described(settings: Settings, **headers: str) -> Any:
    """Return the description of the backend, whose examples reach it."""
    return schemathesis.openapi.from_asgi(
        "/openapi.json", create_app(settings), headers=HERE | headers
    )


@pytest.fixture
def alone(settings: Settings) -> Any:
    """Return a backend without a login."""
    return described(settings)


@pytest.fixture
def guarded(settings: Settings) -> Any:
    """Return a backend with a login."""
    return described(settings.model_copy(update=LOGIN), **LOGGED_IN)


@pytest.fixture
def unchanged(settings: Settings) -> Iterator[None]:
    """Hold that nothing is written."""
    before = rows(settings.database)
    yield
    assert rows(settings.database) == before


def test_every_route_is_tried(alone: Any) -> None:
    operations = [one.ok() for one in alone.get_all_operations()]
    assert {(one.path, one.method.upper()) for one in operations} == set(ROUTES)


@pytest.mark.slow
@every_route
@pytest.mark.usefixtures("unchanged")
@often
@given(st.data())
def test_on_one_machine_nothing_crashes_and_nothing_is_written(
    alone: Any, path: str, method: str, data: st.DataObject
) -> None:
    case = data.draw(alone[path][method].as_strategy())
    case.call_and_validate(headers=HERE, checks=PROMISES)


@pytest.mark.slow
@every_route
@pytest.mark.usefixtures("unchanged")
@often
@given(st.data())
def test_without_the_login_everything_is_refused(
    guarded: Any, path: str, method: str, data: st.DataObject
) -> None:
    case = data.draw(guarded[path][method].as_strategy())
    assert case.call(headers=HERE).status_code == 401


@pytest.mark.slow
@every_route
@often
@given(st.data())
def test_with_login_and_secret_nothing_crashes(
    guarded: Any, path: str, method: str, data: st.DataObject
) -> None:
    case = data.draw(guarded[path][method].as_strategy())
    case.call_and_validate(headers=HERE | LOGGED_IN | SHOWN, checks=PROMISES)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    for name, one in inner:
        yield (*path, name)
        yield from places(one, (*path, name))


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["one", "clip", 1 << 63, 1e308, "9999-12-31T23:59:59Z", "\0", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, Any]:
    """Return a route and what Label Studio sent to it, with some values replaced by anything."""
    path, name = draw(
        st.sampled_from(
            [("/webhook", "webhook_updated"), ("/webhook", "webhook_skipped"), ("/predict", "predict"), ("/setup", "setup")]
        )
    )  # fmt: skip
    sent = deepcopy(told(name))
    for _ in range(draw(st.integers(1, 3))):
        way = draw(st.sampled_from(sorted(places(sent), key=repr)))
        inside = sent
        for step in way[:-1]:
            inside = inside[step]
        inside[way[-1]] = draw(ANYTHING)
    return path, sent


@often
@given(spoilt())
def test_spoilt_requests_of_a_real_label_studio_crash_nothing(
    backend: TestClient, asked: tuple[str, Any]
) -> None:
    path, sent = asked
    answer = backend.post(path, content=json.dumps(sent), headers=SHOWN)
    assert answer.status_code in {200, 201, 202, 400, 401}, answer.text
    assert answer.headers["content-type"] == "application/json"


@pytest.fixture
def on_postgresql(open_backend: Opener, postgres_database: str) -> TestClient:
    """Return a backend on PostgreSQL."""
    with Database(postgres_database) as database:
        fill(database)
    return open_backend(database_url=postgres_database)


@pytest.mark.slow
@pytest.mark.postgres
@often
@given(spoilt())
def test_neither_do_they_on_postgresql(on_postgresql: TestClient, asked: tuple[str, Any]) -> None:
    path, sent = asked
    answer = on_postgresql.post(path, content=json.dumps(sent), headers=SHOWN)
    assert answer.status_code in {200, 201, 202, 400, 401}, answer.text


@pytest.mark.slow
@pytest.mark.postgres
@often
@given(st.lists(st.dictionaries(st.text(max_size=9), ANYTHING), max_size=3))
def test_any_regions_are_stored_on_postgresql_or_refused(
    on_postgresql: TestClient, regions: list[Any]
) -> None:
    bridge = on_postgresql.app.state.backend.bench.bridge
    number = 1 + len(bridge.deliveries("one"))
    hook = saved(id=number, result=regions)
    answer = on_postgresql.post("/webhook", content=json.dumps(hook), headers=SHOWN)
    assert answer.status_code in {201, 400}, answer.text
    stored = bridge.deliveries("one", number=number)
    assert len(stored) == (answer.status_code == 201)


@often
@given(spoilt())
@pytest.mark.usefixtures("unchanged")
def test_nor_do_they_write_without_the_secret(backend: TestClient, asked: tuple[str, Any]) -> None:
    path, sent = asked
    if path == "/webhook":
        assert backend.post(path, content=json.dumps(sent)).status_code in {200, 400, 401}


@often
@given(st.binary(max_size=300), st.sampled_from(["/webhook", "/predict", "/setup"]))
def test_bytes_crash_nothing(backend: TestClient, body: bytes, path: str) -> None:
    answer = backend.post(path, content=body, headers=SHOWN)
    assert answer.status_code in {200, 400}


@often
@given(st.binary(max_size=60))
def test_headers_crash_nothing(backend: TestClient, value: bytes) -> None:
    shown = value.replace(b"\n", b"").replace(b"\r", b"").replace(b"\0", b"")
    headers = {"X-Engine-Secret": shown, "Authorization": b"Basic " + shown, "Content-Length": b"2"}
    answer = backend.post("/webhook", content=b"{}", headers=headers)
    assert answer.status_code in {400, 401}
