"""A small workspace of rendered clips, connected to a real Label Studio, and all that either side holds."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from fractions import Fraction
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from db.connect import Database
from engine.cli.app import main
from engine.config import Settings
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.media import VideoWriter
from engine.stages import Move
from engine.types import Kind, Revision, Track, Video
from ml_backend.asking.client_connection import Connection
from ml_backend.asking.credentials import Credentials

Done = subprocess.CompletedProcess
Run = Callable[..., subprocess.CompletedProcess[str]]
Get = Callable[..., Any]

SCENE = Scene(
    [Disc((200, 20, 20), "cue", rolls(20, 20, dx=3)), Disc((20, 20, 200), "solid", rests(120, 60))],
    30,
)
TRACKS = (Track(1, "cue"), Track(2, "solid"))
NTSC = Fraction(30000, 1001)
DRAWN = ("one", "two", "three", "four", "five", "six")
BARE = ("bare", "lost")
VOLATILE = ("updated_at", "created_ago", "last_activity", "queue_total", "queue_done", "avatar")


def store_masks(database: Database, clip: str, parent: int | None = None) -> int:
    """Give a clip the masks of the scene, as a model would."""
    revision = Revision(clip, parent, Kind.AUTO, "model", TRACKS)
    rows = [SCENE.truth(frame) for frame in range(SCENE.frames)]
    made = database.revisions.append(revision, rows)
    database.catalog.move(clip, Move.PREANNOTATE, actor="model")
    return made.id


def fill(workspace: Path) -> None:
    """Make clips "one" to "six" with masks and two without, of one film."""
    film = workspace.with_name("film.mp4")
    with VideoWriter(film, width=SCENE.width, height=SCENE.height, rate=NTSC) as writer:
        for frame in range(SCENE.frames):
            writer.write(SCENE.paint(SCENE.clip, frame))
    with Database(Settings(workspace=workspace).database) as database:
        database.upgrade()
        video = Video("0" * 64, "film.mp4", str(film), SCENE.width, SCENE.height, NTSC, SCENE.frames)  # fmt: skip
        clip = replace(SCENE.clip, media=str(film), rate=NTSC)
        database.catalog.add_video(video, [replace(clip, id=name) for name in (*DRAWN, *BARE)])
        for name in DRAWN:
            store_masks(database, name)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace to be copied, made once for a run."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "rendered"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "workspace").exists():
            (shared / "part").mkdir()
            fill(shared / "part")
            (shared / "part").rename(shared / "workspace")
    return shared / "workspace"


@pytest.fixture
def stack(connect: Callable[..., Any], rendered: Path) -> Any:
    """Return a workspace of the test's own, with nothing set up and no backend running."""
    return connect(rendered)


def inside(stack: Any, *words: str, check: bool = True, **others: str) -> Done:
    """Run a command on a stack's workspace: the real program, without the seconds that a new process takes to begin."""
    said, told, status = StringIO(), StringIO(), 0
    with pytest.MonkeyPatch.context() as here, redirect_stdout(said), redirect_stderr(told):
        for name, value in (stack.environment | others).items():
            here.setenv(name, value)
        here.setattr(sys, "argv", ["engine", *stack.command[3:], *words])
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
    done = Done(words, status, said.getvalue(), told.getvalue())
    assert not check or status == 0, done.stdout + done.stderr
    return done


@pytest.fixture
def run(stack: Any) -> Run:
    """Return what runs a command on the test's own workspace, with other settings where they are given."""
    return partial(inside, stack, check=False)


@pytest.fixture(scope="module")
def settled(connect: Callable[..., Any], rendered: Path) -> Any:
    """Return a workspace that is set up, its backend running; for tests that leave it so."""
    made = connect(rendered)
    made.start()
    inside(made, "labelstudio", "setup")
    return made


@pytest.fixture
def again(settled: Any) -> Run:
    """Return what runs a command on the workspace that is set up."""
    return partial(inside, settled)


@pytest.fixture(scope="module")
def alone(connect: Callable[..., Any], rendered: Path) -> Any:
    """Return a workspace that is set up and in step, without a backend: webhooks are lost, no worker helps."""
    made = connect(rendered)
    inside(made, "labelstudio", "setup", check=False)
    return made


@pytest.fixture
def engine(alone: Any) -> Run:
    """Return what runs a command on that."""
    return partial(inside, alone)


@pytest.fixture
def get(label_studio: Any) -> Iterator[Get]:
    """Return what asks Label Studio for anything."""
    with Connection(Credentials(label_studio.url, label_studio.token)) as connection:
        yield connection.get


def steady(value: Any) -> Any:
    """Return JSON without what changes by itself."""
    if isinstance(value, Mapping):
        return {name: steady(one) for name, one in value.items() if name not in VOLATILE}
    return [steady(one) for one in value] if isinstance(value, list) else value


def there(get: Get, project: int) -> dict[str, Any]:
    """Return all that Label Studio holds of a project."""
    tasks = get("/api/tasks/", project=project, fields="all", page_size=100)
    return steady(
        {
            "project": get(f"/api/projects/{project}/"),
            "tasks": tasks["tasks"] if tasks else [],
            "webhooks": get("/api/webhooks/", project=project),
            "storages": get("/api/storages/localfiles/", project=project),
            "backends": get("/api/ml/", project=project),
        }
    )


def here(workspace: Path) -> dict[str, Any]:
    """Return all that the workspace's database holds, and its files."""
    engine = create_engine(Settings(workspace=workspace).database)
    with engine.connect() as connection:
        found: dict[str, Any] = {
            name: sorted(connection.execute(text(f'SELECT * FROM "{name}"')).all(), key=repr)  # noqa: S608 - our own tables
            for name in inspect(connection).get_table_names()
        }
    engine.dispose()
    files = (path for path in workspace.rglob("*") if path.suffix in (".mp4", ".jpg", ".json"))
    return found | {"files": sorted(str(path.relative_to(workspace)) for path in files)}


@pytest.fixture
def world(get: Get) -> Callable[[Any], Any]:
    """Return what looks at everything on both sides of a stack."""

    def look(stack: Any) -> Any:
        with stack.database() as database:
            numbers = [each.number for each in database.bridge.projects()]
        return here(stack.workspace), [there(get, number) for number in numbers]

    return look
