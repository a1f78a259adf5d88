"""The gate before every request: other sites change nothing and see nothing, and foreign names get no answer."""

import asyncio
from typing import Any

import pytest

from annotator_ui.guard import Guard
from engine.ports import Users

HERE = "http://127.0.0.1:7860"


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("given", ["", "x", "0" * 64, "ä"])
def test_changes_without_the_logins_own_token_are_refused(
    team: Any, alone: Any, method: str, given: str
) -> None:
    team.log_in("ann")
    path = "/api/clips/one/actions" if method == "POST" else "/api/clips/one/claim"
    for browser in (team, alone):
        headers = {b"X-CSRF-Token": given.encode()}
        answer = browser.loop.run(browser.http.request(method, path, headers=headers))
        assert answer.status_code == 403
        assert "/api/me" in answer.json()["error"]


def test_the_token_of_another_login_is_refused(team: Any) -> None:
    team.log_in("lea")
    other = team.csrf
    team.log_in("ann")
    assert team.post("/api/clips/one/actions", X_CSRF_Token=other).status_code == 403
    assert team.post("/api/clips/one/actions").status_code == 200


def test_without_the_cookie_no_token_helps(alone: Any) -> None:
    assert alone.post("/api/clips/one/actions").status_code == 200
    alone.http.cookies.clear()
    assert alone.post("/api/clips/one/actions").status_code == 403


FOREIGN = [
    {"Origin": "http://evil.test"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:9999"},
    {"Origin": "http://127.0.0.1.evil.test:7860"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": HERE},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Sec-Fetch-Site": "nonsense"},
]


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize(
    "path", ["/api/clips/one/actions", "/ui/gradio_api/queue/join", "/api/login", "/login"]
)
def test_a_page_of_another_site_changes_nothing_not_even_with_the_token(
    team: Any, alone: Any, path: str, foreign: dict[str, str]
) -> None:
    team.log_in("ann")
    for browser in (team, alone):
        answer = browser.ask("POST", path, headers={"X-CSRF-Token": browser.csrf} | foreign)
        assert answer.status_code == 403
        assert "another site" in answer.json()["error"]


OWN = [
    {},
    {"Origin": HERE},
    {"Origin": HERE.upper().replace("HTTP", "http")},
    {"Sec-Fetch-Site": "same-origin", "Origin": HERE},
    {"Sec-Fetch-Site": "none"},
]


@pytest.mark.parametrize("own", OWN)
def test_our_own_page_and_programs_may(team: Any, alone: Any, own: dict[str, str]) -> None:
    team.log_in("ann")
    for browser in (team, alone):
        headers = {"X-CSRF-Token": browser.csrf} | own
        answer = browser.ask("POST", "/api/clips/one/actions", headers=headers)
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("mode", "dest", "status"),
    [("no-cors", "image", 403), ("no-cors", "video", 403), ("cors", "empty", 403),
     ("navigate", "iframe", 403), ("navigate", "document", 200)],
)  # fmt: skip
def test_another_site_may_link_here_but_show_nothing_of_ours(
    alone: Any, mode: str, dest: str, status: int
) -> None:
    headers = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": dest}
    assert alone.get("/ui/", **headers).status_code == status


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "127.0.0.1", "localhost:9", "LOCALHOST", "[::1]:7860", "[::1]"]
)
def test_without_a_login_the_server_answers_to_its_own_names(alone: Any, host: str) -> None:
    assert alone.get("/api/clips", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.test", "evil.test:7860", "127.0.0.1.evil.test", "127.0.0.1:7860.evil.test", "localhost.",
     "192.168.1.7:7860", "", ":7860", "[::1", "127.0.0.1:x"],
)  # fmt: skip
def test_without_a_login_a_foreign_name_for_this_machine_gets_nothing(
    alone: Any, host: str
) -> None:
    for path in ("/api/clips", "/ui/", "/static/main.js", "/login"):
        answer = alone.get(path, Host=host)
        assert answer.status_code == 403
        assert "with a login" in answer.json()["error"]


def test_with_a_login_any_name_will_do(team: Any) -> None:
    team.log_in("ann")
    cookie = f"engine_login={team.http.cookies['engine_login']}"
    assert team.get("/api/clips", Host="balls.example.org", Cookie=cookie).json() == "ann"


def test_websockets_are_closed(users: Users, loop: asyncio.Runner, visit: Any) -> None:
    app = visit(Guard(users, required=False)).app
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    loop.run(app({"type": "websocket", "path": "/ui/", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
