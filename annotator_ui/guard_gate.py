"""Looks at every request before anything else does: from which site, to which host, by whom. Knows headers, no routes.

What is open to everybody is listed; whatever is added to the application later is closed until it is listed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annotator_ui.guard_people import NotLoggedIn, Person
from annotator_ui.login_page import again_page, inside
from annotator_ui.login_sessions import Sessions, csrf, same
from annotator_ui.routes_errors import said, status_of
from engine.errors import AccessError, EngineError

LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = frozenset({"/login", "/api/login", "/favicon.ico"})
_OPEN_BELOW = ("/static/",)
_OWN_PAGES = frozenset({"same-origin", "none"})  # "none": typed, or from a bookmark


@dataclass(frozen=True, slots=True)
class Gate:
    """An ASGI application before another: refuses, leads to the login, or lets pass with ``request.state.person``.

    ``local`` is who asks where nobody need log in, or None; ``hosts`` are the names under which the server may be
    asked, or None for any.
    """

    app: ASGIApp
    sessions: Sessions
    local: Person | None
    hosts: Collection[str] | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        refused, send = await self._looked_at(request, send)
        await (refused or self.app)(scope, receive, send)

    async def _looked_at(self, request: Request, send: Send) -> tuple[Response | None, Send]:
        """Return the refusal, or None and where the answer goes."""
        try:
            refuse_foreign(request, hosts=self.hosts)
            person, renewed = await self._asking(request)
            request.state.person = person
            if person is None and not _open(request.url.path):
                return _led_to_login(request), send
            self._refuse_forged(request)
        except EngineError as error:
            return JSONResponse(said(error), status_of(error)), send
        return None, self._renewing(request, send) if renewed else send

    async def _asking(self, request: Request) -> tuple[Person | None, bool]:
        """Return who asks, and whether their cookie must be renewed; what is open to everybody asks no database."""
        if self.local is not None or _open(request.url.path):
            return self.local, False
        return await run_in_threadpool(self._known, self.sessions.token(request))

    def _known(self, token: str) -> tuple[Person | None, bool]:
        user = self.sessions.user(token)
        if user is None:
            return None, False
        return Person(user.name, user.role), self.sessions.prolong(token, user.name)

    def _refuse_forged(self, request: Request) -> None:
        """Refuse a change through our own routes that does not carry the login's token."""
        path = request.url.path
        if request.method in _READING or not path.startswith("/api/") or _open(path):
            return
        expected = csrf(self.sessions.token(request))
        if not same(request.headers.get("X-CSRF-Token", ""), expected):
            raise AccessError(
                "the request carries no valid token: GET /api/me gives one, send it as X-CSRF-Token; "
                "on the page, reload"
            )

    def _renewing(self, request: Request, send: Send) -> Send:
        """Return a way for the answer on which it takes the cookie along."""
        kept = Response()
        secure = request.url.scheme == "https"
        self.sessions.keep(kept, self.sessions.token(request), secure=secure)

        async def renewing(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if not headers.getlist("set-cookie"):  # a logout or a new login says otherwise
                    headers.append("set-cookie", kept.headers["set-cookie"])
            await send(message)

        return renewing


def refuse_foreign(request: Request, *, hosts: Collection[str] | None) -> None:
    """Refuse what another site makes a browser ask.

    Raises:
        AccessError: the server is asked under a foreign name, or by a page of another site.
    """
    host = request.headers.get("Host", "")
    if hosts is not None and _name(host) not in hosts:
        raise AccessError(
            f"asked as {host!r}, but without a login this server is only {', '.join(sorted(hosts))}; "
            "start it with a login to reach it under other names"
        )
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        foreign = site not in _OWN_PAGES and not _navigates(request)
    else:
        origin = request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc.lower() != host.lower()
        foreign = foreign and request.method not in _READING
    if foreign:
        raise AccessError(
            f"a page of another site ({request.headers.get('Origin', 'unnamed')}) asked {host!r}; "
            "a proxy in front must pass the Host header on"
        )


def _navigates(request: Request) -> bool:
    """Say whether somebody follows a link: they see the answer, the page that linked does not."""
    mode = request.headers.get("Sec-Fetch-Mode")
    top = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    return request.method == "GET" and mode == "navigate" and top


def _name(host: str) -> str:
    """Return a Host header without its port."""
    head, colon, tail = host.lower().rpartition(":")
    return head if colon and tail.isdigit() else host.lower()


def _open(path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_BELOW)


def _led_to_login(request: Request) -> Response:
    """Return what somebody gets who is not logged in: pages lead to the login, everything else is told."""
    wants_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if not wants_page or request.url.path.startswith("/api/"):
        error = NotLoggedIn("log in first: the page /login asks for name and password")
        return JSONResponse(said(error), error.status)
    query = f"?{request.url.query}" if request.url.query else ""
    goal = inside(request.url.path + query)
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        return HTMLResponse(again_page(goal), headers={"Cache-Control": "no-store"})
    return RedirectResponse(f"/login?next={quote(goal, safe='')}", 303)
