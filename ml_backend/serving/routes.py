"""The routes that Label Studio asks: their limits, patience and answers. Decides nothing about clips."""

import logging
import time
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from engine.errors import AccessError, EngineError
from ml_backend import names
from ml_backend.serving import hearing, predicting
from ml_backend.serving.backend import Backend
from ml_backend.serving.routes_errors import RESPONSES
from ml_backend.serving.schemas import Predict, Setup, Webhook, form, read
from ml_backend.shown.labelling import explained

LOG = logging.getLogger(__name__)

MIB: Final = 1 << 20
SETUP, PREDICT, HOOK = MIB, 64 * MIB, 16 * MIB
"""The most bytes that requests may have. Those for predictions bring all earlier ones along."""

SECOND: Final = 0.8
"""Seconds within which what Label Studio gives one second for is answered."""

LONG: Final = 60.0
"""Seconds within which predictions are answered; Label Studio gives 100."""

HEARD: dict[int | str, dict[str, Any]] = {
    200: {"description": "It was heard and asks for nothing, or was stored before."},
    201: {"description": "It was stored, and work is asked for."},
    202: {"description": "It is about a project or task that no clip is linked to."},
}

ROUTER = APIRouter(responses={status: {"description": text} for status, text in RESPONSES.items()})


def _backend(request: Request) -> Backend:
    backend: Backend = request.app.state.backend
    return backend


Its = Annotated[Backend, Depends(_backend)]


@ROUTER.get("/")
@ROUTER.get("/health")
async def health(backend: Its) -> dict[str, str]:
    """Say at once that the backend is up, and how its database is."""
    try:
        await backend.reading.do(backend.bench.bridge.projects, patience=SECOND / 2)
    except EngineError as error:
        return {"status": "UP", "model_class": names.MODEL_VERSION, "database": str(error)}
    return {"status": "UP", "model_class": names.MODEL_VERSION, "database": "ok"}


@ROUTER.get("/versions")
async def versions() -> dict[str, list[str]]:
    """Say which versions predictions carry."""
    return {"versions": [names.MODEL_VERSION]}


@ROUTER.post("/setup", openapi_extra=form(Setup))
async def setup(request: Request) -> dict[str, str]:
    """Say that a project can use the backend; nothing is kept, least of all its creator's token."""
    asked = read(Setup, await _body(request, SETUP))
    request.state.noted.update(project=asked.project, hostname=asked.hostname)
    return {"model_version": names.MODEL_VERSION}


@ROUTER.post("/predict", openapi_extra=form(Predict))
async def predict(request: Request, backend: Its) -> Response:
    """Answer with stored predictions, and ask for those that are missing."""
    body = await _body(request, PREDICT)
    asked = await run_in_threadpool(read, Predict, body)
    found = await backend.reading.do(
        partial(predicting.predict, backend.bench, asked), patience=LONG
    )
    lacking = len(found.missing) + len(found.bare)
    request.state.noted.update(
        project=asked.project, clips=found.clips, tasks=len(asked.tasks), missing=lacking
    )
    if found.unfit:
        LOG.warning("%s", explained(str(asked.project).partition(".")[0], found.unfit))
    if lacking:
        await backend.ask_for(found, patience=SECOND)
    return Response(found.text, media_type="application/json")


@ROUTER.post("/webhook", openapi_extra=form(Webhook), responses=HEARD)
async def webhook(request: Request, backend: Its) -> JSONResponse:
    """Store what somebody did to a task; the answer does not wait for anything to come of it."""
    heard = await _hear(request, backend)
    request.state.noted.update(became=heard.what, clips=heard.clips)
    return JSONResponse(heard.answer(), heard.status)


async def _hear(request: Request, backend: Backend) -> hearing.Heard:
    """Find out who asks before anything is read."""
    until = time.monotonic() + SECOND
    bench, secret = backend.bench, request.headers.get(names.SECRET_HEADER, "")
    if not secret:
        if not backend.login.admits(request.headers.get("authorization", "")):
            raise AccessError("a webhook without its secret: run `engine labelstudio setup`")
        return hearing.hear_logged_in(await _hook(request))
    projects = await backend.reading.do(partial(hearing.known, bench, secret), patience=SECOND)
    hook = await _hook(request)
    left = max(0.0, until - time.monotonic())
    return await backend.writing.do(partial(hearing.hear, bench, hook, projects), patience=left)


async def _hook(request: Request) -> Webhook:
    """Return the webhook that a request brings."""
    hook = await run_in_threadpool(read, Webhook, await _body(request, HOOK))
    request.state.noted.update(
        action=hook.action[:40], project=hook.project.id if hook.project else None
    )
    return hook


async def _body(request: Request, most: int) -> bytearray:
    """Return a request's body, of which no more than ``most`` bytes are kept.

    A longer one is read on for a while: whoever is cut off in the middle of sending does not hear why.
    """
    taken, size = bytearray(), 0
    async for part in request.stream():
        size += len(part)
        if size > 4 * most:
            break
        taken += part if size <= most else b""
    if size > most:
        raise HTTPException(413, f"a request to {request.url.path} holds at most {most} bytes")
    return taken
