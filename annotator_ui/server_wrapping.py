"""What is wrapped around every request: limits, headers, log lines. Knows bytes and headers; refuses to know routes."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("annotator_ui.requests")

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),  # inline and eval are Gradio's: it runs the handlers of buttons that way
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Headers of every answer that does not say otherwise itself."""

_REVALIDATED = "/static/"


@dataclass(frozen=True, slots=True)
class Limited:
    """Refuses requests to ``/api`` of more than ``most`` bytes, also those that do not say how long they are."""

    app: ASGIApp
    most: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or int(said) > self.most:
            await self._refusal()(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most:
                raise HTTPException(413, f"a request holds at most {self.most} bytes")
            return message

        await self.app(scope, counted, send)

    def _refusal(self) -> JSONResponse:
        text = f"a request holds at most {self.most} bytes"
        return JSONResponse({"error": text, "kind": "InputError"}, 413)


@dataclass(frozen=True, slots=True)
class Headed:
    """Adds ``HEADERS`` to answers and writes a log line for each."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, path = time.perf_counter(), scope["path"]

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if path.startswith(_REVALIDATED):
                    headers.setdefault("Cache-Control", "no-cache")
                _log(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, headed)


def _log(scope: Scope, status: int, seconds: float) -> None:
    """Write one line of names and values, which machines can read too."""
    person = scope.get("state", {}).get("person")
    LOG.info(
        "method=%s path=%s status=%d ms=%.1f user=%s",
        scope["method"],
        ascii(scope["path"])[1:-1].replace(" ", "%20"),
        status,
        1000 * seconds,
        getattr(person, "name", "-"),
    )
