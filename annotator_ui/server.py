"""Puts the page's routes together: stores, model, background work, login, limits. Knows no Gradio; decides nothing else."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    closing,
)
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from annotator_ui import (
    routes_actions,
    routes_clips,
    routes_errors,
    routes_events,
    server_docs,
)
from annotator_ui.events import Hub
from annotator_ui.guard import Guard
from annotator_ui.guard_gate import LOCAL
from annotator_ui.model import ModelClient, ModelState
from annotator_ui.preparing import Preparer as Background
from annotator_ui.schemas import BODY
from annotator_ui.server_wrapping import Headed, Limited
from annotator_ui.service import Service
from annotator_ui.service_parts import Drawer, Parts, Preparer
from annotator_ui.service_rows import CachedRevisions
from engine import wiring
from engine.config import Settings

TITLE = "Click to correct"
STATIC = Path(__file__).with_name("static")

News: TypeAlias = Callable[[ModelState], None]
Publish: TypeAlias = Callable[[str, str, Mapping[str, Any]], None]
"""Takes a clip, an event and what it says."""


class ClosingPreparer(Preparer, Protocol):
    """A preparer that has something to end."""

    def close(self) -> None:
        """End background work."""
        ...


MakeModel: TypeAlias = Callable[[Settings, News], AbstractContextManager[Drawer]]
MakePreparer: TypeAlias = Callable[[wiring.Workbench, Publish], ClosingPreparer]


def drawing(settings: Settings, news: News) -> AbstractContextManager[Drawer]:
    """Return the model process of the settings, and the way to it."""
    return ModelClient(settings, events=news)


def preparing(bench: wiring.Workbench, publish: Publish) -> ClosingPreparer:
    """Return what makes browser copies and finds doubts in the background."""
    return Background(bench, publish)


def create_app(
    settings: Settings,
    *,
    user: str | None,
    login_required: bool,
    model: MakeModel = drawing,
    preparer: MakePreparer = preparing,
) -> FastAPI:
    """Return the application with everything but Gradio; ``user`` works alone where no login is required.

    The model and background work begin when the server starts and end with it. ``app.state.guard`` says who asks.

    Raises:
        SelectionError: there is no workspace; or a login is required, and nobody could log in.
    """
    with ExitStack() as opening:
        bench = opening.enter_context(wiring.workbench(settings))
        guard = Guard(bench.desk.users, required=login_required, local_user=user or "", hosts=LOCAL)
        app = FastAPI(
            title=TITLE,
            docs_url=None,
            redoc_url=None,
            openapi_url="/api/openapi.json",
            lifespan=_lifespan(bench, opening.pop_all(), model, preparer),
        )
    app.state.guard, app.state.hub = guard, Hub()
    _add_routes(app)
    app.add_middleware(Limited, most=BODY)
    guard.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=3)
    app.add_middleware(Headed)
    return app


def _lifespan(
    bench: wiring.Workbench, held: ExitStack, model: MakeModel, preparer: MakePreparer
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what starts and ends all that lives as long as the server."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with held:
            opened = await run_in_threadpool(_started, app, bench, held, model, preparer)
            app.state.service = opened
            yield
            await run_in_threadpool(held.close)

    return lifespan


def _started(
    app: FastAPI,
    bench: wiring.Workbench,
    held: ExitStack,
    model: MakeModel,
    preparer: MakePreparer,
) -> Service:
    """Start the model and background work; what they tell before the service is there is told later by itself."""
    services: list[Service] = []
    early: deque[ModelState] = deque(maxlen=1)

    def hear_model(news: ModelState) -> None:
        for service in services:
            service.hear_model(news)
        early.append(news)

    def hear_preparer(clip: str, event: str, data: Mapping[str, Any]) -> None:
        for service in services:
            service.hear_preparer(clip, event, data)

    drawer = held.enter_context(model(bench.settings, hear_model))
    background = held.enter_context(closing(preparer(bench, hear_preparer)))
    service = Service(
        Parts(
            bench.catalog,
            bench.desk,
            bench.source,
            CachedRevisions(bench.revisions, bench.catalog),
            drawer,
            background,
            app.state.hub,
            _game(bench.settings),
        )
    )
    services.append(held.enter_context(closing(service)))
    for news in tuple(early):
        service.hear_model(news)
    held.callback(app.state.hub.close)
    return service


def _game(settings: Settings) -> str:
    """Return the game whose balls a person can choose from; where pictures decide, all there are."""
    return "any" if settings.profile == "auto" else settings.profile


def _add_routes(app: FastAPI) -> None:
    """Add all routes, the static files and the way from the front page to Gradio's."""
    routes_errors.install(app)
    for module in (routes_clips, routes_actions, routes_events, server_docs):
        app.include_router(module.ROUTER)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/", include_in_schema=False)
    async def front(request: Request) -> RedirectResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/ui/{query}", 307)
