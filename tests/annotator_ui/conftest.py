"""A small workspace and the whole application on it, without network and weights: discs of flat colours, drawn exactly."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from annotator_ui.model import Drawn, ModelState
from annotator_ui.server import create_app
from annotator_ui.service_bare import Unprepared
from db.connect import Database
from engine.config import Settings
from engine.errors import ModelError
from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.ports import RevisionStore
from engine.stages import Move
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.correct import Asked, Model, draw

CUE, RED, FREE = (200, 20, 20), (20, 20, 200), (230, 230, 20)
SCENE = Scene(
    [
        Disc(CUE, "cue", rolls(20, 20, dx=1)),
        Disc(RED, "solid", rests(120, 60)),
        Disc(FREE, "stripe", rests(40, 70)),  # nobody has drawn this one yet
    ],
    40,
)
TRACKS = (Track(1, "cue"), Track(2, "solid"))
CLIPS = ("one", "two", "three")


def clip_named(name: str) -> Clip:
    """Return the scene as a clip of this name."""
    return replace(SCENE.clip, id=name)


def truth(frame: int, *tracks: int) -> FrameMasks:
    """Return what is right on a frame, by default of the two balls that were drawn."""
    wanted = tracks or (1, 2)
    row = SCENE.truth(frame)
    return FrameMasks(frame, tuple(mask for mask in row.masks if mask.track in wanted))


def drawn(frame: int) -> FrameMasks:
    """Return what the models drew: from frame 20 on the cue ball's track lies on the other ball."""
    row = truth(frame)
    if frame < 20:
        return row
    other = row.by_track()[2]
    return FrameMasks(frame, (TrackMask(1, other.rle, 0.5), TrackMask(2, other.rle, 0.9)))


@dataclass
class Colours(AbstractContextManager["Colours"]):
    """A model in this process; ``gate`` lets spreads go on, ``broken`` makes everything fail."""

    revisions: RevisionStore
    gate: Event = field(default_factory=Event)
    broken: bool = False
    warmed: list[tuple[str, int, int | None]] = field(default_factory=list)
    draws: int = 0

    def __post_init__(self) -> None:
        self.gate.set()
        self._model = Model(
            FakeFrameSource(SCENE.paint), ColourSegmenter(), {"segmenter": "colours"}
        )

    def __exit__(self, *_: object) -> None:
        self.gate.set()

    def draw(self, clip: Clip, asked: Asked, *, who: str) -> Drawn:  # noqa: ARG002 - as the port says
        self._refuse()
        self.draws += 1
        return Drawn(draw(self.revisions, clip, asked, self._model), self._model.names)

    def spread(
        self,
        clip: Clip,
        asked: Asked,
        *,
        who: str,  # noqa: ARG002 - as the port says
        progress: Callable[[FrameMasks, int, int], None] = lambda *_: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Drawn:
        self._refuse()
        seen = 0

        def heard(row: FrameMasks) -> None:
            nonlocal seen
            seen += 1
            progress(row, seen, clip.frames)
            while not self.gate.wait(0.01) and not stop():
                self._refuse()

        made = draw(self.revisions, clip, asked, self._model, stop=stop, progress=heard)
        return Drawn(made, self._model.names)

    def warm(self, clip: Clip, frame: int, revision: int | None) -> None:
        self.warmed.append((clip.id, frame, revision))

    def _refuse(self) -> None:
        if self.broken:
            raise ModelError("the model has died; it starts anew: click again")


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with three pre-annotated clips, to be copied."""
    made = Settings(workspace=tmp_path_factory.mktemp("template"))
    with Database(made.database) as database:
        database.upgrade()
        video = Video(SCENE.clip.video, "a.mp4", "", 160, 90, SCENE.clip.rate, SCENE.frames)
        database.catalog.add_video(video, [clip_named(name) for name in CLIPS])
        for name in CLIPS:
            first = Revision(name, None, Kind.AUTO, "model", TRACKS)
            database.revisions.append(first, [drawn(f) for f in range(SCENE.frames)])
            database.catalog.move(name, Move.PREANNOTATE, actor="model")
    return made.workspace


@pytest.fixture
def settings(workspace: Path, tmp_path: Path) -> Settings:
    """Return a workspace of the test's own."""
    copy = tmp_path / "workspace"
    shutil.copytree(workspace, copy)
    return Settings(workspace=copy)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Return the workspace's database, opened beside the server."""
    with Database(settings.database) as opened:
        yield opened


@dataclass
class Page:
    """The application with a browser tab before it."""

    app: FastAPI
    http: httpx.AsyncClient
    loop: asyncio.Runner
    model: Colours
    tab: str = "tab-1"
    clip: str = "one"

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request to ``/api``."""
        return self.loop.run(self.http.request(method, f"/api{path}", **more))

    def get(self, path: str = "", **query: Any) -> Any:
        """Return the JSON of the open clip, or of what lies below it."""
        answer = self.ask("GET", f"/clips/{self.clip}{path}", params={"tab": self.tab, **query})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> httpx.Response:
        """Send a change of the open clip in the name of the tab."""
        return self.ask("POST", f"/clips/{self.clip}{path}", json={"tab": self.tab, **body})

    def take(self) -> None:
        """Claim the clip."""
        assert self.post("/claim").json()["held"]

    def act(self, *, head: int | None = -1, **action: Any) -> httpx.Response:
        """Do an action on the newest revision."""
        shown = self.get()["head"] if head == -1 else head
        return self.post("/actions", head=shown, action=action)

    def click(self, frame: int, track: int, x: float, y: float, **more: Any) -> httpx.Response:
        """Click."""
        return self.act(kind="prompt", frame=frame, track=track, point=[x, y, True], **more)

    def rows(self, revision: int) -> list[Any]:
        """Return all masks of a revision as the browser gets them."""
        return self.get("/masks", revision=revision, start=0, stop=SCENE.frames)["frames"]

    def settled(self) -> Any:
        """Wait for the end of a spread; return the state then."""
        for _ in range(2000):
            state = self.get()
            if state["session"]["running"] is None:
                return state
            self.loop.run(asyncio.sleep(0.005))
        raise AssertionError("the spread does not end")

    def another(self, tab: str) -> "Page":
        """Return another tab of the same browser."""
        return replace(self, tab=tab)


OpenPage = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def open_page(settings: Settings) -> OpenPage:
    """Return what starts the application on the workspace, as often as asked."""
    return opener(settings)


def opener(settings: Settings) -> OpenPage:
    """Return what starts the application on a workspace; see ``create_app`` for what can be given."""

    @contextmanager
    def opened(**parts: Any) -> Iterator[Page]:
        models: list[Colours] = []

        def model(given: Settings, news: Callable[[ModelState], None]) -> Colours:
            books = Database(given.database)
            models.append(Colours(books.revisions))
            news(ModelState("ready"))
            return models[0]

        name = parts.pop("logged_in", "")
        given = {
            "user": "ada",
            "login_required": False,
            "preparer": lambda *_: Unprepared(),
            "model": model,
            **parts,
        }
        app = create_app(settings, **given)
        with asyncio.Runner() as loop:
            lifespan = app.router.lifespan_context(app)
            loop.run(lifespan.__aenter__())
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860")
            page = Page(app, http, loop, app.state.service.parts.drawer)
            if name:
                http.cookies.set("engine_login", _logged_in(settings, name))
            if name or not given["login_required"]:
                http.headers["X-CSRF-Token"] = page.ask("GET", "/me").json()["csrf"]
            try:
                yield page
            finally:
                loop.run(http.aclose())
                loop.run(lifespan.__aexit__(None, None, None))

    return opened


def _logged_in(settings: Settings, name: str) -> str:
    """Return the token of a new login."""
    with Database(settings.database) as database:
        database.desk.users.log_in(name, token="token-of-" + name, lasts=timedelta(hours=1))
    return "token-of-" + name


@pytest.fixture
def page(open_page: OpenPage) -> Iterator[Page]:
    """Return the application with a tab that holds clip "one"."""
    with open_page() as opened:
        opened.take()
        yield opened
