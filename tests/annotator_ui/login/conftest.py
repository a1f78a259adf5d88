"""A small application behind the gate, with browsers before it."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import Depends, FastAPI, Request

from annotator_ui import routes_errors
from annotator_ui.guard import Guard, Person
from annotator_ui.login_passwords import Passwords
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
        self.app = app
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

    def restarted(self, other: "Browser") -> "Browser":
        """Go on with the cookies and the token of another browser: the server started anew, the page stayed open."""
        self.http.cookies, self.csrf = other.http.cookies, other.csrf
        return self

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


Visit = Callable[[Guard], Browser]


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def visit(loop: asyncio.Runner) -> Visit:
    """Return what opens a browser before a server with this guard."""
    return lambda guard: Browser(application(guard), loop)


@pytest.fixture
def required(users: Users) -> Callable[[], Guard]:
    """Return what makes a guard that requires a login, as each start of a server does."""
    return lambda: Guard(users, required=True, passwords=PASSWORDS)


@pytest.fixture
def team(required: Callable[[], Guard], visit: Visit) -> Browser:
    """Return a browser before a server that requires a login."""
    return visit(required())


@pytest.fixture
def alone(users: Users, visit: Visit) -> Browser:
    """Return a browser before a server for one local user, with the page open."""
    browser = visit(Guard(users, required=False, local_user="ada"))
    browser.csrf = browser.get("/api/me").json()["csrf"]
    return browser
