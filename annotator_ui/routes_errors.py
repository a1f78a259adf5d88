"""Which answer each error gets; the only place that knows HTTP statuses of errors. Refuses to know why they were raised."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from engine.errors import (
    AccessError,
    ClaimLost,
    DiskFull,
    EngineError,
    InputError,
    LeaseLost,
    ModelError,
    SelectionError,
    StageError,
    StaleParent,
    StoreError,
    WeightsError,
)

LOG = logging.getLogger("annotator_ui")
STATUSES: tuple[tuple[type[EngineError], int], ...] = (
    (SelectionError, 404),
    (InputError, 400),
    (ClaimLost, 423),
    (StaleParent, 409),
    (StageError, 409),
    (LeaseLost, 409),
    (StoreError, 503),
    (ModelError, 503),
    (WeightsError, 503),
    (DiskFull, 507),
    (AccessError, 403),
    (EngineError, 500),
)
"""The first class that an error is of decides."""


def status_of(error: EngineError) -> int:
    """Return the HTTP status of an error; one of people may say its own (401: not logged in)."""
    said = getattr(error, "status", None)
    return (
        said
        if isinstance(said, int)
        else next(s for kind, s in STATUSES if isinstance(error, kind))
    )


def said(error: Exception) -> dict[str, str]:
    """Return an error as the page reads it."""
    return {"error": str(error), "kind": type(error).__name__}


def install(app: FastAPI) -> None:
    """Let an application answer every error in one form."""
    app.add_exception_handler(EngineError, _engine_error)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unforeseen)


async def _engine_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, EngineError):
        raise error
    status = status_of(error)
    LOG.info("refused %s %s: %s %s", request.method, request.url.path, status, error)
    return JSONResponse(said(error), status)


async def _not_understood(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    text = "; ".join(_complaint(item) for item in error.errors())
    return JSONResponse({"error": text, "kind": "InputError"}, 400)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    body = {"error": str(error.detail), "kind": "HTTPException"}
    return JSONResponse(body, error.status_code, headers=dict(error.headers or {}))


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    LOG.error("failed %s %s", request.method, request.url.path, exc_info=error)
    text = "the server failed in a way nobody foresaw; its log says more. What was stored is safe"
    return JSONResponse({"error": text, "kind": "ServerError"}, 500)


def _complaint(item: dict[str, Any]) -> str:
    """Return what is wrong with one value, without showing more of it than a line holds."""
    place: Sequence[object] = item.get("loc", ())
    text = f"{'.'.join(str(part) for part in place)}: {item.get('msg', 'not allowed')}"
    given = ascii(item.get("input"))
    return f"{text}, got {given[:60]}{'…' if len(given) > 60 else ''}"
