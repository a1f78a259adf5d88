"""Writes what happens as lines that machines can read, or people. Knows names and values; refuses bodies, headers and secrets."""

import json
import logging
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGGER: Final = "ml_backend"
LOG = logging.getLogger(LOGGER)
_REQUESTS = logging.getLogger(f"{LOGGER}.requests")

_WEB: Final = "uvicorn"
_WEB_PARTS: Final = ("uvicorn.error", "uvicorn.access", "uvicorn.asgi")
_LONGEST: Final = 500


def configure(*, as_json: bool, to: TextIO | None = None) -> None:
    """Send the log lines of this package and of its web server to a stream, by default standard error, and nowhere else."""
    handler = logging.StreamHandler(to or sys.stderr)
    handler.setFormatter(JsonLines() if as_json else Lines())
    for name, level in ((LOGGER, logging.INFO), (_WEB, logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
    for name in _WEB_PARTS:  # another server of this process may have set levels of their own
        part = logging.getLogger(name)
        part.handlers.clear()
        part.setLevel(logging.NOTSET)
        part.propagate = True


def fields(**values: Any) -> dict[str, Any]:
    """Return values as the ``extra`` of a log call; both kinds of lines show them."""
    return {"fields": values}


def tell(text: str) -> None:
    """Log what a command would say to a person."""
    LOG.info("%s", text)


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, the fields, and the error where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line."""
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said | dict(_fields(record)), default=str)


class Lines(logging.Formatter):
    """A line for people: time, level, message, fields as name=value."""

    def __init__(self) -> None:
        """Say what stands before the fields."""
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging calls it
        """Return the line without what follows of an error; no value can begin a line of its own."""
        said = (f"{name}={_short(value)}" for name, value in _fields(record).items())
        return " ".join([super().formatMessage(record), *said])


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    found = getattr(record, "fields", {})
    return found if isinstance(found, Mapping) else {}


def _short(value: Any) -> str:
    """Return a value without spaces and control characters."""
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return ascii(text)[1:-1].replace(" ", "_")[:_LONGEST]


@dataclass(frozen=True, slots=True)
class Logged:
    """Writes a line for each request: method, path, status, milliseconds, and what routes ``note``."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, noted = time.perf_counter(), scope.setdefault("state", {}).setdefault("noted", {})

        async def heard(message: Message) -> None:
            if message["type"] == "http.response.start":
                ms = round(1000 * (time.perf_counter() - began), 1)
                line = {"method": scope["method"], "path": scope["path"][:_LONGEST]}
                line |= {"status": message["status"], "ms": ms, **noted}
                _REQUESTS.info("request", extra=fields(**line))
            await send(message)

        await self.app(scope, receive, heard)
