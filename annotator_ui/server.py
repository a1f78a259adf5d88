"""Puts the page's routes together: stores, model, background work, login, limits. Knows no Gradio; decides nothing else."""

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
    processes, pictures = settings.page_processes, settings.page_pictures << 20
    return ModelClient(settings, processes=processes, pictures=pictures, events=news)


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


class _Ears:
    """Hears what the model and background work tell, also before the service is there that tells it on."""

    def __init__(self) -> None:
        self._service: Service | None = None
        self._model: ModelState | None = None

    def model(self, news: ModelState) -> None:
        """Hear how the model is; the newest state is remembered."""
        self._model = news
        if self._service is not None:
            self._service.hear_model(news)

    def preparer(self, clip: str, event: str, data: Mapping[str, Any]) -> None:
        """Hear of background work; what a page missed is in the state that it loads."""
        if self._service is not None:
            self._service.hear_preparer(clip, event, data)

    def lend(self, service: Service) -> None:
        """Tell a service on, from what was heard last."""
        self._service = service
        if self._model is not None:
            service.hear_model(self._model)


def _started(
    app: FastAPI,
    bench: wiring.Workbench,
    held: ExitStack,
    model: MakeModel,
    preparer: MakePreparer,
) -> Service:
    """Start the model and background work, and the service on them."""
    ears, hub = _Ears(), app.state.hub
    drawer = held.enter_context(model(bench.settings, ears.model))
    background = held.enter_context(closing(preparer(bench, ears.preparer)))
    revisions = CachedRevisions(bench.revisions, bench.catalog)
    game = _game(bench.settings)
    parts = Parts(bench.catalog, bench.desk, bench.source, revisions, drawer, background, hub, game)
    service = held.enter_context(closing(Service(parts)))
    ears.lend(service)
    held.callback(hub.close)
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
