"""The routes by which people come and go: log in, log out, who am I. Knows forms and cookies, no clips."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from annotator_ui.guard_people import NotLoggedIn, Person, person_of
from annotator_ui.login_page import HEADERS, inside, login_page
from annotator_ui.login_passwords import Passwords
from annotator_ui.login_patience import Patience, TooManyAttempts
from annotator_ui.login_sessions import Sessions, csrf
from engine.errors import InputError
from engine.ports import User, Users

_FORM = 10_000  # bytes: a name and a password are far shorter


class Credentials(BaseModel):
    """A name and a password."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    name: Annotated[str, Field(max_length=100)]
    password: Annotated[str, Field(max_length=200)]


class Me(BaseModel):
    """Who asks, what they may do, and the token that every change must carry; ``login`` off: one local user."""

    user: str
    role: str
    csrf: str
    login: bool


class Door:
    """Lets people in who know their password."""

    def __init__(
        self, users: Users, sessions: Sessions, passwords: Passwords, patience: Patience
    ) -> None:
        """Ask ``users`` who there is, and open logins in ``sessions``."""
        self.sessions = sessions
        self._users = users
        self._passwords = passwords
        self._patience = patience

    def enter(self, request: Request, name: str, password: str) -> tuple[User, str]:
        """Check a password and open a login in place of the browser's last one; return the user and the token.

        Raises:
            TooManyAttempts: too many wrong passwords for this name or from this address.
            NotLoggedIn: name or password are wrong, or the user was disabled; which of them is not said.
        """
        address = request.client.host if request.client else ""
        self._patience.begin(name=name, address=address)
        user = self._users.user(name) if name.isprintable() else None
        if not self._passwords.right(user, password) or user is None:
            raise NotLoggedIn("name or password is wrong: try again")
        self._patience.succeeded(name=name, address=address)
        if self._passwords.old(user):
            self._users.change(name, password=self._passwords.hash(password))
        self.sessions.end(self.sessions.token(request))
        return user, self.sessions.begin(name)


def routes(door: Door | None, sessions: Sessions) -> APIRouter:
    """Return the routes; without a door there is one local user, who need not log in and cannot log out."""
    router = APIRouter(tags=["login"])
    _add_me(router, sessions, login=door is not None)
    _add_api(router, door)
    _add_page(router, door)
    return router


def _add_me(router: APIRouter, sessions: Sessions, *, login: bool) -> None:
    @router.get("/api/me")
    async def me(request: Request, response: Response) -> Me:
        """Say who asks, and give the token that every change must carry in ``X-CSRF-Token``."""
        person = person_of(request)
        token = sessions.token(request)
        if (
            not token
        ):  # one local user: the browser gets a token only to tell its own pages from others
            token = sessions.begin(person.name)
            _keep(sessions, request, response, token)
        response.headers["Cache-Control"] = "no-store"
        return _me(person, token, login=login)


def _add_api(router: APIRouter, door: Door | None) -> None:
    @router.post("/api/login")
    def log_in(given: Credentials, request: Request, response: Response) -> Me:
        """Log in; the browser keeps the login in a cookie. 429 after too many wrong passwords."""
        user, token = _open(door).enter(request, given.name, given.password)
        _keep(_open(door).sessions, request, response, token)
        return _me(Person(user.name, user.role), token, login=True)

    @router.post("/api/logout", status_code=204)
    def log_out(request: Request, response: Response) -> None:
        """Log out of this browser."""
        if door is not None:
            door.sessions.end(door.sessions.token(request))
            door.sessions.forget(response)


def _add_page(router: APIRouter, door: Door | None) -> None:
    @router.get("/login", include_in_schema=False)
    async def show(request: Request) -> Response:
        goal = inside(request.query_params.get("next", "/"))
        return RedirectResponse("/", 303) if door is None else _page(goal=goal)

    @router.post("/login", include_in_schema=False)
    async def submit(request: Request) -> Response:
        form = await _form(request)
        return await run_in_threadpool(_submitted, _open(door), request, form)


def _submitted(door: Door, request: Request, form: Mapping[str, str]) -> Response:
    """Log in from the plain page: lead on, or show the page again with what was wrong."""
    name, goal = form.get("name", ""), inside(form.get("next", "/"))
    try:
        _, token = door.enter(request, name, form.get("password", ""))
    except (NotLoggedIn, TooManyAttempts) as error:
        return _page(goal=goal, name=name, error=str(error), status=error.status)
    response = RedirectResponse(goal, 303)
    _keep(door.sessions, request, response, token)
    return response


def _open(door: Door | None) -> Door:
    if door is None:
        raise InputError("there is no login here: the page serves one local user")
    return door


def _me(person: Person, token: str, *, login: bool) -> Me:
    return Me(user=person.name, role=person.role.value, csrf=csrf(token), login=login)


def _keep(sessions: Sessions, request: Request, response: Response, token: str) -> None:
    sessions.keep(response, token, secure=request.url.scheme == "https")


def _page(*, goal: str, name: str = "", error: str = "", status: int = 200) -> HTMLResponse:
    return HTMLResponse(login_page(goal=goal, name=name, error=error), status, headers=HEADERS)


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a small form.

    Raises:
        InputError: it is too large.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _FORM:
            raise InputError(f"a login of more than {_FORM} bytes: send name and password")
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}
