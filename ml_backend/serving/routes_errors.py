"""Which answer each error gets: the only place of the backend that knows HTTP statuses of errors. Refuses to know why they were raised."""

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from engine.errors import AccessError, DiskFull, EngineError, InputError, ServerError, StoreError

LOG = logging.getLogger(__name__)

STATUSES: tuple[tuple[type[EngineError], int], ...] = (
    (AccessError, 401),
    (InputError, 400),
    (StoreError, 503),
    (ServerError, 503),
    (DiskFull, 507),
    (EngineError, 500),
)
"""The first class that an error is of decides."""

RESPONSES = {
    400: "The request is not understood.",
    401: "The login or the secret is missing or wrong.",
    403: "The backend is not called that.",
    405: "The route answers another method.",
    413: "The request is too large.",
    503: "The database does not answer now.",
}
"""What any route may answer, for its description."""


def status_of(error: EngineError) -> int:
    """Return the HTTP status of an error."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def install(app: FastAPI) -> None:
    """Let an application answer every error in one form."""
    app.add_exception_handler(EngineError, _engine_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unforeseen)


async def _engine_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, EngineError):
        raise error
    request.state.noted["refused"] = type(error).__name__
    return JSONResponse(_said(error), status_of(error))


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    body = {"error": str(error.detail), "kind": "HTTPException"}
    return JSONResponse(body, error.status_code, headers=dict(error.headers or {}))


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    LOG.error("failed %s", ascii(request.url.path)[1:-1], exc_info=error)
    text = "the backend failed in a way nobody foresaw; its log says more. What was stored is safe"
    return JSONResponse({"error": text, "kind": "ServerError"}, 500)


def _said(error: EngineError) -> dict[str, str]:
    return {"error": str(error), "kind": type(error).__name__}
