"""The whole application on a real socket: logins as a browser keeps them, guesses, and paths that lead outside."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher

from annotator_ui.app import mounted
from annotator_ui.login_passwords import Passwords
from db.connect import Database
from engine.config import Settings
from engine.ports import Role, User

PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
SECRET = "annotates 1"  # noqa: S105 - of nobody


@pytest.fixture
def people(database: Database) -> Any:
    """Return the users of the workspace: an annotator and a lead."""
    for name, role in (("ann", Role.ANNOTATOR), ("lea", Role.LEAD)):
        database.desk.users.add(User(name, role, PASSWORDS.hash(SECRET)))
    return database.desk.users


def _socket() -> socket.socket:
    """Return a socket that sends what it has at once: without the protocol's number, asyncio leaves a delay of 40 ms."""
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)


def _serve(app: Any, bound: socket.socket) -> Callable[[], None]:
    """Serve in a thread; return what ends it."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended by itself"
        time.sleep(0.01)

    def end() -> None:
        server.should_exit = True
        thread.join()

    return end


@pytest.fixture
def served(people: Any, open_page: Any) -> Iterator[str]:
    """Return the address of a server that requires a login."""
    assert people.users()
    with open_page(user=None, login_required=True) as page, _socket() as bound:
        bound.bind(("127.0.0.1", 0))
        end = _serve(page.app, bound)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        end()


@pytest.fixture
def client(served: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served) as opened:
        yield opened


def log_in(client: httpx.Client, name: str = "ann", password: str = SECRET) -> httpx.Response:
    answer = client.post("/api/login", json={"name": name, "password": password})
    client.headers["X-CSRF-Token"] = answer.json().get("csrf", "")
    return answer


def test_nothing_of_the_workspace_is_told_before_the_login_and_all_after(
    client: httpx.Client,
) -> None:
    paths = [
        "/api/clips",
        "/api/clips/one?tab=t",
        "/api/openapi.json",
        "/api/clips/one/events?tab=t",
    ]
    assert {client.get(path).status_code for path in paths} == {401}
    assert log_in(client).status_code == 200
    assert [clip["id"] for clip in client.get("/api/clips").json()] == ["one", "two", "three"]


def test_a_browser_without_scripts_comes_in_by_the_form(served: str) -> None:
    with httpx.Client(base_url=served, follow_redirects=True) as browser:
        page = browser.get("/ui/?clip=one", headers={"Accept": "text/html"})
        assert page.url.path == "/login"
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        browser.post("/login", data={"name": "ann", "password": SECRET, "next": "/api/me"})
        assert browser.get("/api/me").json()["user"] == "ann"


def test_changes_need_the_token(client: httpx.Client) -> None:
    log_in(client)
    body = {"tab": "t"}
    assert client.post("/api/clips/one/claim", json=body).json()["held"] is True
    refused = client.post("/api/clips/one/claim", json=body, headers={"X-CSRF-Token": "x"})
    assert refused.status_code == 403
    assert refused.headers["X-Content-Type-Options"] == "nosniff"


def test_a_role_too_low_is_told_so_in_the_page_too(client: httpx.Client) -> None:
    log_in(client)
    client.post("/api/clips/one/claim", json={"tab": "t"})
    head = client.get("/api/clips/one", params={"tab": "t"}).json()["head"]
    body = {"tab": "t", "move": "accept", "head": head}
    answer = client.post("/api/clips/one/move", json=body)
    assert answer.status_code == 403
    assert answer.json()["kind"] == "AccessError"


def test_logging_out_ends_it(client: httpx.Client) -> None:
    log_in(client)
    assert client.post("/api/logout").status_code == 204
    assert client.get("/api/clips").status_code == 401


def test_who_is_disabled_is_out_at_once(client: httpx.Client, people: Any) -> None:
    log_in(client)
    assert client.get("/api/clips").status_code == 200
    people.change("ann", active=False)
    assert client.get("/api/clips").status_code == 401
    assert client.post("/api/clips/one/claim", json={"tab": "t"}).status_code == 401


def test_two_hundred_wrong_passwords_are_mostly_not_even_looked_at(client: httpx.Client) -> None:
    statuses = [log_in(client, password=f"wrong {k}").status_code for k in range(200)]
    assert statuses[:5] == [401] * 5
    assert statuses.count(401) < 15
    assert statuses.count(429) == 200 - statuses.count(401)
    told = log_in(client)
    assert told.status_code == 429
    assert "try again in" in told.json()["error"]
    assert log_in(client, "lea").status_code == 200


def raw(served: str, path: str, *, cookie: str = "", method: str = "GET") -> tuple[int, bytes]:
    """Ask for a path exactly as it is written, which no polite client does."""
    connection = http.client.HTTPConnection(served.removeprefix("http://"), timeout=30)
    connection.putrequest(method, path, skip_accept_encoding=True)
    connection.putheader("Cookie", cookie)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


OUTSIDE = [
    "/static/../guard.py",
    "/static/../../pyproject.toml",
    "/static/%2e%2e/guard.py",
    "/static/..%2fguard.py",
    "/static/..%5cguard.py",
    "/static//etc/passwd",
    "/static/%2fetc/passwd",
    "/static/....//guard.py",
    "/static/%252e%252e/guard.py",
    "/static/main.js%00.py",
    "/api/clips/..%2f..%2f..%2fetc%2fpasswd",
    "/api/clips/%2e%2e/video.mp4",
    "/api/clips/one/frames/..%2f..%2fengine.db",
    "/api/clips/one/frames/../../../engine.db",
    "/api/clips/one%00/video.mp4",
    "/api/clips/..%5c..%5cengine.db",
    "/..%2fengine.db",
    "//etc/passwd",
    "/../../../../etc/passwd",
    "/ui/../../etc/passwd",
]
AROUND = ["/static/../api/clips", "/login/../api/clips", "/static/%2e%2e/api/clips", "//api/clips"]
SECRETS = (b"root:", b"SQLite format", b"class Guard", b"[project]")


def test_no_path_leads_outside(served: str, client: httpx.Client) -> None:
    log_in(client)
    cookie = f"engine_login={client.cookies['engine_login']}"
    for path in OUTSIDE:
        for known, statuses in (("", {400, 401, 404}), (cookie, {400, 404})):
            status, body = raw(served, path, cookie=known)
            assert status in statuses, path
            assert not any(secret in body for secret in SECRETS), path


def test_no_path_leads_around_the_login(served: str) -> None:
    for path in AROUND:
        status, body = raw(served, path)
        assert status in {400, 401, 404}, path
        assert b"one" not in body, path


def test_the_server_of_one_local_user_answers_to_its_own_names_only(open_page: Any) -> None:
    with open_page() as page, _socket() as bound:
        bound.bind(("127.0.0.1", 0))
        end = _serve(page.app, bound)
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with httpx.Client(base_url=address) as client:
            assert client.get("/api/clips").status_code == 200
            assert client.get("/api/clips", headers={"Host": "evil.test"}).status_code == 403
        end()


@pytest.mark.slow
def test_gradio_is_behind_the_same_login_and_gives_no_files(
    people: Any, open_page: Any, settings: Settings
) -> None:
    assert people.users()
    with open_page(user=None, login_required=True) as page, _socket() as bound:
        bound.bind(("127.0.0.1", 0))
        end = _serve(mounted(page.app, settings), bound)
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        files = [
            f"/ui/gradio_api/file={path}"
            for path in ("/etc/passwd", settings.workspace / "engine.db")
        ]
        with httpx.Client(base_url=address, timeout=60) as client:
            for path in ("/ui/", "/ui/config", "/ui/gradio_api/info", *files):
                assert client.get(path).status_code == 401
            join = client.post("/ui/gradio_api/queue/join", json={"data": [], "fn_index": 0})
            assert join.status_code == 401
            log_in(client)
            assert client.get("/ui/").status_code == 200
            assert {client.get(path).status_code for path in files} <= {403, 404}
        end()
