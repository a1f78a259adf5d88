"""A small workspace that Label Studio knows, and the backend on it; the requests are those that a real Label Studio 1.23.2 sent."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, inspect, text

from db.connect import Database
from engine.config import Settings
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.ports import Link, OutsideProject, TaskKind
from engine.stages import Move
from engine.types import Clip, Kind, Revision, Track, Video
from ml_backend.names import SECRET_HEADER
from ml_backend.server import create_app
from ml_backend.serving import routes

TOLD = Path(__file__).with_name("told")
SECRET = "what the webhook shows"  # noqa: S105 - of a test
SHOWN = {SECRET_HEADER: SECRET}
LOCAL = "http://127.0.0.1:9090"
SERVER = "http://127.0.0.1:8080"
SCENE = Scene(
    [Disc((200, 20, 20), "cue", rolls(20, 20, dx=1)), Disc((20, 20, 200), "solid", rests(120, 60))],
    40,
)
TRACKS = (Track(1, "cue"), Track(2, "solid"))
STORED = '{"version":2,"result":[{"id":"r1t1"}],"score":0.5}'
"""A prediction as it is kept."""


def told(name: str) -> Any:
    """Return what Label Studio said."""
    return json.loads((TOLD / f"{name}.json").read_text())


def clip_named(name: str) -> Clip:
    """Return the scene as a clip of this name."""
    return replace(SCENE.clip, id=name)


def fill(database: Database) -> None:
    """Store clips "one" and "two" with masks, "bare" without, and tasks 1 and 2 of project 1 for the first two."""
    video = Video(SCENE.clip.video, "a.mp4", "", 160, 90, SCENE.clip.rate, SCENE.frames)
    database.catalog.add_video(video, [clip_named(name) for name in ("one", "two", "bare")])
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    project = database.bridge.put_project(OutsideProject(SERVER, TaskKind.CLIP, 1, digest))
    for task, name in enumerate(("one", "two"), 1):
        first = Revision(name, None, Kind.AUTO, "model", TRACKS)
        stored = database.revisions.append(first, [SCENE.truth(f) for f in range(SCENE.frames)])
        database.catalog.move(name, Move.PREANNOTATE, actor="model")
        database.bridge.put_link(Link(project.id, task, name, stored.id))


def rows(url: str) -> dict[str, list[Any]]:
    """Return everything that a database holds."""
    engine = create_engine(url)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        found = {
            name: sorted(connection.execute(text(f'SELECT * FROM "{name}"')).all(), key=repr)  # noqa: S608 - names of our own tables
            for name in names
        }
    engine.dispose()
    return found


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace to be copied."""
    made = Settings(workspace=tmp_path_factory.mktemp("template"))
    with Database(made.database) as database:
        database.upgrade()
        fill(database)
    return made.workspace


@pytest.fixture
def settings(template: Path, tmp_path: Path) -> Settings:
    """Return a workspace of the test's own."""
    copy = tmp_path / "workspace"
    shutil.copytree(template, copy)
    return Settings(workspace=copy)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Return the workspace's database, opened beside the backend."""
    with Database(settings.database) as opened:
        yield opened


Opener = Callable[..., TestClient]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the database all the time it takes on a machine that tests keep busy."""
    monkeypatch.setattr(routes, "SECOND", 30.0)


@pytest.fixture
def open_backend(settings: Settings) -> Iterator[Opener]:
    """Return what starts the backend, with other settings where they are given."""
    with ExitStack() as held:

        def start(**others: Any) -> TestClient:
            app = create_app(settings.model_copy(update=others))
            client = TestClient(app, base_url=LOCAL, raise_server_exceptions=False)
            return held.enter_context(client)

        yield start


@pytest.fixture
def backend(open_backend: Opener) -> TestClient:
    """Return a client of the backend as it is on one machine: without a login."""
    return open_backend()


def saved(*, task: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a webhook about a saved annotation, changed."""
    hook: dict[str, Any] = deepcopy(told("webhook_updated"))
    hook["annotation"] |= {"task": task, **changes}
    return hook
