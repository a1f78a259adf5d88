"""A real Label Studio for the tests, started once for a run, and workspaces that are connected to it."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from db.connect import Database
from engine import rle
from engine.ports import Link, TaskKind
from engine.types import RLE, FrameMasks
from ml_backend import hosting, together_programs
from ml_backend.asking.client import Client
from ml_backend.asking.credentials import Credentials
from ml_backend.service import Service, free_port

TOP = Path(__file__).parents[3]
HOME = TOP / ".venv-labelstudio"
PROGRAM = HOME / "bin" / "label-studio"
LONGEST = ("test_together.py", "test_troubles.py", "test_corrections.py")
LOGIN = hosting.Login("admin@example.test", "adminpass123", "0123456789" * 4, "of-the-backend")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, which are slow, and begin with the longest files: others fill the gaps."""
    here = Path(__file__).parent
    ours = [item for item in items if here in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.timeout(400))
    first = [item for name in LONGEST for item in ours if item.path.name == name]
    items[:] = [*first, *(item for item in items if item not in first)]


@dataclass(frozen=True)
class Running:
    """A Label Studio: its address, its token, the folder whose files it serves, and one below for workspaces."""

    url: str
    token: str
    root: Path
    work: Path
    log: Path
    login: hosting.Login = LOGIN


@pytest.fixture(scope="session")
def program() -> Path:
    """Return Label Studio's program."""
    if not PROGRAM.exists():
        pytest.skip("Label Studio is absent: make setup-label-studio")
    return PROGRAM


@pytest.fixture(scope="session")
def seed(program: Path) -> Path:
    """Return a data folder after a first start, which takes a minute: made once for an environment, by one process."""
    made = HOME / "seed"
    with (HOME / "seed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "label_studio.sqlite3").exists():
            part = HOME / "seed.part"
            shutil.rmtree(part, ignore_errors=True)
            first = hosting.start(
                program, part, port=free_port(), files=HOME, login=LOGIN, log=HOME / "seed.log"
            )
            try:
                first.wait()
            finally:
                first.service.stop()
            part.rename(made)
    return made


@pytest.fixture(scope="session")
def label_studio(
    program: Path, seed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Return a Label Studio on SQLite for all tests of the process."""
    folder = tmp_path_factory.mktemp("label-studio")
    root = folder / "root"
    root.mkdir()
    shutil.copytree(seed, folder / "data")
    log = folder / "label-studio.log"
    started = hosting.start(
        program, folder / "data", port=free_port(), files=root, login=LOGIN, log=log
    )
    try:
        started.wait()
        work = root / uuid.uuid4().hex[:8]
        work.mkdir()
        yield Running(started.url, LOGIN.token, root, work, log)
    finally:
        started.service.stop()


@dataclass
class Stack:
    """A workspace that is connected to a Label Studio: the engine's commands, its backend, and what both sides hold."""

    studio: Running
    workspace: Path
    port: int = field(default_factory=free_port)
    postgres: str = ""
    backend: Service = field(init=False)

    def __post_init__(self) -> None:
        """Say how its backend is started."""
        self.backend = Service(
            "the backend",
            [*self.command, "serve", "ml-backend", "--port", str(self.port)],
            log=self.workspace / "backend.log",
            environment=self.environment,
        )

    @property
    def command(self) -> list[str]:
        """Return how the engine's commands are called."""
        return [sys.executable, "-m", "engine.cli", "--workspace", str(self.workspace)]

    @property
    def environment(self) -> dict[str, str]:
        """Return what they read from their environment."""
        addresses = (self.studio.url, f"http://127.0.0.1:{self.port}", "http://127.0.0.1:7860")
        told = together_programs.told(
            self.studio.login, addresses, files=self.studio.root, postgres=self.postgres
        )
        return told | {"OMP_NUM_THREADS": "1", "ENGINE_LEASE_SECONDS": "5"}

    def engine(
        self, *words: str, check: bool = True, **told: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; ``told`` is added to its environment."""
        done = subprocess.run(
            [*self.command, *words], env=os.environ | self.environment | told,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def status(self) -> dict[str, object]:
        """Return what `engine status` says."""
        return json.loads(self.engine("status", "--json").stdout)

    def start(self) -> None:
        """Start the backend, which starts its worker, and wait until it answers."""
        self.backend.start()
        self.backend.wait(f"http://127.0.0.1:{self.port}/health", headers=self.shown())

    def shown(self) -> dict[str, str]:
        """Return what the backend is shown."""
        return together_programs.shown(self.studio.login)

    def stop(self) -> None:
        """End the backend and its worker."""
        self.backend.stop()

    def set_up(self, *options: str) -> None:
        """Start the backend, make the project and its tasks."""
        self.start()
        self.engine("labelstudio", "setup", "--title", self.workspace.parent.name, *options)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Open the database."""
        with Database(self.postgres or f"sqlite:///{self.workspace / 'engine.db'}") as database:
            yield database

    @contextmanager
    def client(self) -> Iterator[Client]:
        """Ask Label Studio."""
        with Client(Credentials(self.studio.url, self.studio.token)) as client:
            yield client

    def project(self, kind: TaskKind = TaskKind.CLIP) -> int:
        """Return the project's number."""
        with self.database() as database:
            return next(each.number for each in database.bridge.projects() if each.kind is kind)

    def link(self, clip: str, kind: TaskKind = TaskKind.CLIP) -> Link:
        """Return the clip's task."""
        with self.database() as database:
            ids = [each.id for each in database.bridge.projects() if each.kind is kind]
            return next(each for each in database.bridge.links(clip=clip) if each.project in ids)

    def clips(self) -> list[str]:
        """Return the clips' ids."""
        with self.database() as database:
            return [each.clip.id for each in database.catalog.clips()]

    def head(self, clip: str) -> int:
        """Return the clip's newest revision."""
        with self.database() as database:
            return database.catalog.clip(clip).head

    def stage(self, clip: str) -> str:
        """Return where the clip stands."""
        with self.database() as database:
            return str(database.catalog.clip(clip).stage)

    def masks(self, clip: str, revision: int | None = None) -> list[FrameMasks]:
        """Return the masks of a revision, the newest if none is named."""
        with self.database() as database:
            return list(database.revisions.frames(revision or database.catalog.clip(clip).head))

    def tracks(self, clip: str, revision: int) -> dict[int, dict[int, RLE]]:
        """Return the masks of a revision by track and frame."""
        found: dict[int, dict[int, RLE]] = {}
        for row in self.masks(clip, revision):
            for mask in row.masks:
                found.setdefault(mask.track, {})[row.frame] = mask.rle
        return found

    def changed(self, clip: str, before: int, after: int) -> set[int]:
        """Return the tracks whose masks differ between two revisions."""
        was, now = self.tracks(clip, before), self.tracks(clip, after)
        return {track for track in was | now if was.get(track) != now.get(track)}

    def boxes(self, clip: str, frame: int) -> dict[int, tuple[float, ...]]:
        """Return the boxes of the newest masks of a frame, by track: x, y, width, height."""
        row = self.masks(clip)[frame]
        found = {mask.track: rle.bbox(mask.rle) for mask in row.masks}
        return {t: (b[0], b[1], b[2] - b[0], b[3] - b[1]) for t, b in found.items() if b}

    def followed(self, clip: str, before: int, kind: TaskKind = TaskKind.CLIP) -> int:
        """Wait until the clip has a revision after ``before`` and its task shows it; return its number."""

        def newest() -> int:
            head = self.head(clip)
            return (
                head if head not in {before, None} and self.link(clip, kind).revision == head else 0
            )

        return int(self.until(newest))

    def predictions(self, clip: str, kind: TaskKind = TaskKind.CLIP) -> Sequence[Mapping[str, Any]]:
        """Return the predictions that Label Studio has of a clip."""
        with self.client() as client:
            return client.predictions(self.link(clip, kind).task)

    def until(self, condition: Callable[[], object], *, within: float = 120.0) -> object:
        """Wait until something holds, and return it; the ends of the logs say why it did not."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            if found := condition():
                return found
            time.sleep(0.2)
        raise AssertionError(
            f"{self.backend.tail()}\n{self.engine('labelstudio', 'status').stdout}"
        )


@pytest.fixture(scope="module")
def connect(
    label_studio: Running, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Stack]]:
    """Return what makes workspaces that can be connected: copies of the one with three clips unless another is named."""
    made: list[Stack] = []

    def copy(source: Path | None = None) -> Stack:
        place = label_studio.root / uuid.uuid4().hex[:8] / "workspace"
        shutil.copytree(source or request.getfixturevalue("drawn"), place)
        made.append(Stack(label_studio, place))
        return made[-1]

    yield copy
    for each in made:
        each.stop()


@pytest.fixture
def attach() -> Callable[..., Stack]:
    """Return what looks at a workspace whose Label Studio and backend somebody else started."""

    def look(url: str, workspace: Path, *, login: hosting.Login, port: int, postgres: str) -> Stack:
        log = workspace / "logs" / "label-studio.log"
        studio = Running(url, login.token, workspace, workspace, log, login)
        return Stack(studio, workspace, port, postgres)

    return look


@pytest.fixture(scope="session")
def first_login() -> hosting.Login:
    """Return the login that the data folder knows from its first start on."""
    return LOGIN
