"""Puts the backend together that Label Studio asks: workspace, guard, routes, log lines. Decides nothing else."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, closing
from typing import Final

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from engine import wiring
from engine.config import Settings
from ml_backend.serving import routes, routes_errors
from ml_backend.serving.backend import Backend
from ml_backend.serving.guard import Gate, login_of
from ml_backend.serving.logs import Logged

TITLE: Final = "Billiards engine: machine learning backend for Label Studio"


def create_app(settings: Settings) -> FastAPI:
    """Return the application; it holds the workspace open until the server ends.

    Raises:
        SelectionError: there is no workspace.
        StoreError: its database does not answer, or is of another version.
        SettingsError: half a login is set.
    """
    login = login_of(settings)
    with ExitStack() as opening:
        bench = opening.enter_context(wiring.workbench(settings))
        backend = opening.enter_context(closing(Backend(bench, login)))
        held = opening.pop_all()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(held.close)

    app = FastAPI(
        title=TITLE, docs_url=None, redoc_url=None, openapi_url="/openapi.json", lifespan=lifespan
    )
    app.state.backend = backend
    routes_errors.install(app)
    app.include_router(routes.ROUTER)
    app.add_middleware(Gate, login=login)
    app.add_middleware(Logged)
    return app
