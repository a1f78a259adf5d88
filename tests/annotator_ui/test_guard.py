"""The gate before every request: who is known, from which site, to which host, with which token, in which role."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import Depends, FastAPI, Request

from annotator_ui import routes_errors
from annotator_ui.guard import Guard, Person, refuse_nobody
from annotator_ui.login_passwords import Passwords
from engine.errors import SelectionError
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import Role, User, Users

HERE = "http://127.0.0.1:7860"
PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
SECRETS = {"ann": "annotates 1", "rita": "reviews 22", "lea": "leads 3333"}
ROLES = {"ann": Role.ANNOTATOR, "rita": Role.REVIEWER, "lea": Role.LEAD}


class Browser:
    """Asks a small application, keeping cookies and the token against forged requests."""

    def __init__(self, app: FastAPI, loop: asyncio.Runner) -> None:
        transport = httpx.ASGITransport(app)
        self.http = httpx.AsyncClient(transport=transport, base_url=HERE)
        self.loop = loop
        self.csrf = ""

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.loop.run(self.http.request(method, path, **more))

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path: str, **headers: str) -> httpx.Response:
        given = {"X-CSRF-Token": self.csrf} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.ask("POST", path, headers=given)

    def log_in(self, name: str, password: str | None = None) -> httpx.Response:
        given = {"name": name, "password": SECRETS.get(name, "?") if password is None else password}
        answer = self.ask("POST", "/api/login", json=given)
        self.csrf = answer.json().get("csrf", "")
        return answer


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def users(clock: ManualClock) -> Users:
    found = MemoryDatabase(now=clock).desk.users
    for name, secret in SECRETS.items():
        found.add(User(name, ROLES[name], PASSWORDS.hash(secret)))
    return found


def application(guard: Guard) -> FastAPI:
    """Return routes as the page has them: one to read, one to change, one for each role, static files, Gradio's."""
    app = FastAPI()
    routes_errors.install(app)

    @app.get("/api/clips")
    async def clips(request: Request) -> str | None:
        return await guard.auth_dependency(request)

    @app.post("/api/clips/one/actions")
    @app.delete("/api/clips/one/claim")
    async def act(person: Annotated[Person, Depends(guard.person)]) -> str:
        return person.name

    for role in Role:

        @app.post(f"/api/{role}")
        async def only(person: Annotated[Person, Depends(guard.needs(role))]) -> str:
            return person.name

    @app.get("/ui/")
    @app.get("/static/main.js")
    @app.post("/ui/gradio_api/queue/join")
    async def elsewhere(request: Request) -> str | None:
        return await guard.auth_dependency(request)

    guard.install(app)
    return app


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def team(users: Users, loop: asyncio.Runner) -> Browser:
    """Return a browser before a server that requires a login."""
    return Browser(application(Guard(users, required=True, passwords=PASSWORDS)), loop)


@pytest.fixture
def alone(users: Users, loop: asyncio.Runner) -> Browser:
    """Return a browser before a server for one local user, with the page open."""
    browser = Browser(application(Guard(users, required=False, local_user="ada")), loop)
    browser.csrf = browser.get("/api/me").json()["csrf"]
    return browser


def test_a_server_that_nobody_could_enter_is_refused_with_the_command_that_helps(
    users: Users,
) -> None:
    for name in SECRETS:
        users.change(name, active=False)
    with pytest.raises(SelectionError, match="engine users add NAME --role lead"):
        Guard(users, required=True)
    users.change("ann", active=True)
    refuse_nobody(users)


@pytest.mark.parametrize("path", ["/api/clips", "/api/me", "/ui/", "/", "/anything", "/api/docs"])
def test_whatever_is_not_listed_is_closed_to_strangers(team: Browser, path: str) -> None:
    answer = team.get(path)
    assert answer.status_code == 401
    assert answer.json()["kind"] == "NotLoggedIn"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_no_method_passes_without_a_login(team: Browser, method: str) -> None:
    assert team.ask(method, "/api/clips").status_code == 401


@pytest.mark.parametrize("path", ["/static/main.js", "/login"])
def test_what_the_login_needs_is_open(team: Browser, path: str) -> None:
    assert team.get(path).status_code == 200


def test_pages_lead_to_the_login_and_back(team: Browser) -> None:
    answer = team.get("/ui/?clip=one&frame=3", accept="text/html")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fui%2F%3Fclip%3Done%26frame%3D3"
    form = {"name": "ann", "password": SECRETS["ann"], "next": "/ui/?clip=one&frame=3"}
    entered = team.ask("POST", "/login", data=form)
    assert (entered.status_code, entered.headers["location"]) == (303, "/ui/?clip=one&frame=3")
    assert team.get("/ui/").json() == "ann"


def test_the_plain_page_says_what_was_wrong(team: Browser) -> None:
    answer = team.ask("POST", "/login", data={"name": "ann", "password": "wrong", "next": "/ui/"})
    assert answer.status_code == 401
    assert "name or password is wrong" in answer.text
    assert 'value="ann"' in answer.text
    assert "wrong</" not in answer.text.replace("is wrong: try again</", "")
    assert not answer.cookies


def test_a_form_that_is_too_large_is_refused(team: Browser) -> None:
    assert team.ask("POST", "/login", data={"name": "x" * 20_000}).status_code == 400


def test_a_link_from_another_site_comes_in_by_a_second_step(team: Browser) -> None:
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "accept": "text/html"}
    answer = team.get("/ui/?clip=one", Sec_Fetch_Dest="document", **link)
    assert answer.status_code == 200
    assert 'content="0;url=/ui/?clip=one"' in answer.text


def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(team: Browser) -> None:
    said = team.log_in("ann").headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "path=/" in said
    assert "max-age=43200" in said
    assert "secure" not in said


def test_behind_https_the_cookie_never_goes_over_plain_http(team: Browser) -> None:
    answer = team.ask(
        "POST", "https://127.0.0.1/api/login", json={"name": "ann", "password": SECRETS["ann"]}
    )
    assert "secure" in answer.headers["set-cookie"].lower()


def test_who_is_logged_in_is_told_who_they_are(team: Browser) -> None:
    assert team.log_in("rita").json() == {
        "user": "rita",
        "role": "reviewer",
        "csrf": team.csrf,
        "login": True,
    }
    assert team.get("/api/me").json()["csrf"] == team.csrf
    assert team.get("/api/clips").json() == "rita"


@pytest.mark.parametrize(
    ("name", "password"), [("ann", "wrong"), ("nobody", "wrong"), ("", ""), ("a\0nn", "x")]
)
def test_wrong_names_and_wrong_passwords_get_the_same_answer(
    team: Browser, name: str, password: str
) -> None:
    answer = team.log_in(name, password)
    assert answer.status_code == 401
    assert answer.json() == {
        "error": "name or password is wrong: try again",
        "kind": "NotLoggedIn",
    }
    assert team.get("/api/clips").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "ä", "../../etc", "x" * 5000])
def test_an_invented_cookie_is_nobody(team: Browser, token: str) -> None:
    cookie = f"engine_login={token}".encode()
    answer = team.loop.run(team.http.get("/api/clips", headers={b"cookie": cookie}))
    assert answer.status_code == 401


def test_a_login_with_what_is_no_name_and_password_is_refused(team: Browser) -> None:
    for body in (
        {},
        {"name": "ann"},
        {"name": 1, "password": 2},
        [],
        {"name": "x" * 101, "password": ""},
    ):
        assert team.ask("POST", "/api/login", json=body).status_code == 400


def test_logging_out_ends_the_login_also_for_who_kept_the_cookie(team: Browser) -> None:
    team.log_in("ann")
    kept = dict(team.http.cookies)
    assert team.post("/api/logout").status_code == 204
    assert not team.http.cookies
    team.http.cookies.update(kept)
    assert team.get("/api/clips").status_code == 401


def test_logging_in_anew_ends_the_browsers_earlier_login(team: Browser) -> None:
    team.log_in("ann")
    kept = dict(team.http.cookies)
    team.log_in("lea")
    assert team.get("/api/clips").json() == "lea"
    team.http.cookies.clear()
    team.http.cookies.update(kept)
    assert team.get("/api/clips").status_code == 401


def test_who_is_kept_out_is_out_with_the_next_request(team: Browser, users: Users) -> None:
    team.log_in("ann")
    assert team.post("/api/clips/one/actions").status_code == 200
    users.change("ann", active=False)
    assert team.post("/api/clips/one/actions").status_code == 401
    assert team.log_in("ann").status_code == 401


def test_a_login_runs_out_after_half_a_day(team: Browser, clock: ManualClock) -> None:
    team.log_in("ann")
    clock.advance(12 * 3600 - 1)
    assert team.get("/api/clips").status_code == 200
    clock.advance(1)
    assert team.get("/api/clips").status_code == 401


def test_a_server_that_starts_anew_knows_the_login_and_its_token_and_renews_both(
    team: Browser, users: Users, clock: ManualClock
) -> None:
    team.log_in("ann")
    clock.advance(6 * 3600)
    again = Browser(application(Guard(users, required=True, passwords=PASSWORDS)), team.loop)
    again.http.cookies, again.csrf = team.http.cookies, team.csrf
    answer = again.post("/api/clips/one/actions")
    assert answer.status_code == 200
    assert "engine_login=" in answer.headers["set-cookie"]
    assert "set-cookie" not in again.post("/api/clips/one/actions").headers
    clock.advance(7 * 3600)
    assert again.get("/api/clips").status_code == 200


def test_the_first_request_after_a_restart_may_be_a_logout(team: Browser, users: Users) -> None:
    team.log_in("ann")
    again = Browser(application(Guard(users, required=True, passwords=PASSWORDS)), team.loop)
    again.http.cookies, again.csrf = team.http.cookies, team.csrf
    assert again.post("/api/logout").headers.get_list("set-cookie")[0].startswith('engine_login=""')
    assert again.get("/api/clips").status_code == 401


def test_a_password_hashed_with_old_parameters_is_hashed_anew_by_a_login(
    users: Users, loop: asyncio.Runner
) -> None:
    today = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    browser = Browser(application(Guard(users, required=True, passwords=today)), loop)
    assert browser.log_in("ann").status_code == 200
    ann = users.user("ann")
    assert ann is not None
    assert not today.old(ann)
    assert browser.get("/api/clips").json() == "ann"
    assert browser.log_in("ann").status_code == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("given", ["", "x", "0" * 64, "ä"])
def test_changes_without_the_logins_own_token_are_refused(
    team: Browser, alone: Browser, method: str, given: str
) -> None:
    team.log_in("ann")
    path = "/api/clips/one/actions" if method == "POST" else "/api/clips/one/claim"
    for browser in (team, alone):
        headers = {b"X-CSRF-Token": given.encode()}
        answer = browser.loop.run(browser.http.request(method, path, headers=headers))
        assert answer.status_code == 403
        assert "/api/me" in answer.json()["error"]


def test_the_token_of_another_login_is_refused(team: Browser) -> None:
    team.log_in("lea")
    other = team.csrf
    team.log_in("ann")
    assert team.post("/api/clips/one/actions", X_CSRF_Token=other).status_code == 403
    assert team.post("/api/clips/one/actions").status_code == 200


def test_without_the_cookie_no_token_helps(alone: Browser) -> None:
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
    team: Browser, alone: Browser, path: str, foreign: dict[str, str]
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
def test_our_own_page_and_programs_may(team: Browser, alone: Browser, own: dict[str, str]) -> None:
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
    alone: Browser, mode: str, dest: str, status: int
) -> None:
    headers = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": dest}
    assert alone.get("/ui/", **headers).status_code == status


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "127.0.0.1", "localhost:9", "LOCALHOST", "[::1]:7860", "[::1]"]
)
def test_without_a_login_the_server_answers_to_its_own_names(alone: Browser, host: str) -> None:
    assert alone.get("/api/clips", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.test", "evil.test:7860", "127.0.0.1.evil.test", "127.0.0.1:7860.evil.test", "localhost.",
     "192.168.1.7:7860", "", ":7860", "[::1", "127.0.0.1:x"],
)  # fmt: skip
def test_without_a_login_a_foreign_name_for_this_machine_gets_nothing(
    alone: Browser, host: str
) -> None:
    for path in ("/api/clips", "/ui/", "/static/main.js", "/login"):
        answer = alone.get(path, Host=host)
        assert answer.status_code == 403
        assert "with a login" in answer.json()["error"]


def test_with_a_login_any_name_will_do(team: Browser) -> None:
    team.log_in("ann")
    cookie = f"engine_login={team.http.cookies['engine_login']}"
    assert team.get("/api/clips", Host="balls.example.org", Cookie=cookie).json() == "ann"


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_what_those_below_may(team: Browser, name: str, role: Role) -> None:
    team.log_in(name)
    order = [Role.ANNOTATOR, Role.REVIEWER, Role.LEAD]
    answer = team.post(f"/api/{role}")
    if order.index(ROLES[name]) >= order.index(role):
        assert (answer.status_code, answer.json()) == (200, name)
    else:
        assert answer.status_code == 403
        assert f"engine users role {name} {role}" in answer.json()["error"]


def test_a_new_role_holds_with_the_next_request(team: Browser, users: Users) -> None:
    team.log_in("ann")
    assert team.post("/api/lead").status_code == 403
    users.change("ann", role=Role.LEAD)
    assert team.post("/api/lead").status_code == 200


def test_alone_one_may_everything_and_need_not_log_in(alone: Browser) -> None:
    me = alone.get("/api/me").json()
    assert (me["user"], me["role"], me["login"]) == ("ada", "lead", False)
    assert alone.post("/api/lead").json() == "ada"
    assert alone.get("/login").headers["location"] == "/"
    assert alone.log_in("ann").status_code == 400


def test_alone_the_token_survives_a_restart(alone: Browser, users: Users) -> None:
    again = Browser(application(Guard(users, required=False, local_user="ada")), alone.loop)
    again.http.cookies, again.csrf = alone.http.cookies, alone.csrf
    assert again.post("/api/clips/one/actions").json() == "ada"
    assert again.get("/api/me").json()["csrf"] == alone.csrf


def test_a_login_of_the_store_means_nothing_where_nobody_logs_in(
    alone: Browser, users: Users
) -> None:
    users.log_in("ann", token="t", lasts=timedelta(hours=1))  # noqa: S106 - a test's
    alone.http.cookies.set("engine_login", "t")
    assert alone.get("/api/clips").json() == "ada"


def test_websockets_are_closed(users: Users, loop: asyncio.Runner) -> None:
    app = application(Guard(users, required=False))
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    loop.run(app({"type": "websocket", "path": "/ui/", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
