"""A real MongoDB for the tests, one for each process that runs them, FiftyOne connected with it, and workspaces that are shown there."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo
import pytest

from db.connect import Database
from engine import rle
from engine.stages import Move
from engine.types import FrameMasks, Kind, Revision, Track, TrackMask
from exports.board import environment
from exports.board.mongod import own_mongod, running
from exports.fiftyone import FiftyOneBoard, open_board

DEMO = Path(__file__).parents[3] / "engine" / "assets" / "demo.mp4"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, which are slow."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(400))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the process's own MongoDB, and of what FiftyOne writes."""
    return tmp_path_factory.mktemp("fiftyone")


@pytest.fixture(scope="session")
def mongod(home: Path) -> Iterator[str]:
    """Return the address of a MongoDB for all tests of the process."""
    with own_mongod(home) as server:
        yield server.uri


@pytest.fixture(scope="session")
def fiftyone(mongod: str, home: Path) -> Any:
    """Return the module, connected with that MongoDB."""
    return environment.load(mongod, home)


@pytest.fixture
def name() -> str:
    """Return the name of a dataset of the test's own."""
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def board(fiftyone: Any, mongod: str, home: Path, name: str) -> Iterator[FiftyOneBoard]:
    """Return an empty board of the test's own."""
    with open_board(mongod, home=home, dataset=name, workspace="w") as opened:
        yield opened
    if fiftyone.dataset_exists(name):
        fiftyone.delete_dataset(name)


@dataclass
class Lead:
    """Somebody at a terminal, with a workspace that has its own MongoDB unless another is named."""

    workspace: Path

    @property
    def home(self) -> Path:
        """Return the folder of what FiftyOne keeps."""
        return self.workspace / "fiftyone"

    def command(self, *words: str) -> list[str]:
        """Return how a command is called."""
        return [sys.executable, "-u", "-m", "engine.cli", "--workspace", str(self.workspace), *words]  # fmt: skip

    def environment(self, **told: str) -> dict[str, str]:
        """Return the environment without settings of ours, and with what is ``told``."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ENGINE_", "FIFTYONE_"))}
        return kept | {"COLUMNS": "200", "USER": "ada", "OMP_NUM_THREADS": "1"} | told

    def run(self, *words: str, status: int = 0, **told: str) -> subprocess.CompletedProcess[str]:
        """Run a command, which must end with a status."""
        done = subprocess.run(
            self.command(*words), env=self.environment(**told),
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def start(self, *words: str, **told: str) -> subprocess.Popen[str]:
        """Start a command; what it says is told together."""
        return subprocess.Popen(
            self.command(*words), env=self.environment(**told),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def standing(self) -> dict[str, Any]:
        """Return what `engine fiftyone status` says."""
        return dict(json.loads(self.run("fiftyone", "status", "--json").stdout))

    def truth(self) -> dict[str, Any]:
        """Return what the engine knows of its clips: all that no board may change by itself."""
        return dict(json.loads(self.run("status", "--json").stdout))

    def pid(self) -> int:
        """Return the process of the workspace's MongoDB, which must run."""
        server = running(self.home)
        assert server is not None
        return server.pid

    @contextmanager
    def mongo(self) -> Iterator[Any]:
        """Start, or join, the workspace's MongoDB, and look into what FiftyOne keeps there."""
        with own_mongod(self.home) as server, pymongo.MongoClient(server.uri) as client:
            yield client["fiftyone"]

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Open the engine's database."""
        with Database(f"sqlite:///{self.workspace / 'engine.db'}") as database:
            yield database


def draw(workspace: Path) -> None:
    """Give every clip of the bundled video its true masks, as if models had drawn them: networks would take minutes."""
    truth = json.loads(DEMO.with_suffix(".json").read_text())
    tracks = tuple(Track(one["track"], one["label"]) for one in truth["objects"])
    models = {"segmenter": "nano", "detector": "yolo"}
    with Database(f"sqlite:///{workspace / 'engine.db'}") as database:
        for status in database.catalog.clips():
            clip = status.clip
            rows = truth["masks"][clip.start : clip.start + clip.frames]
            masks = [
                FrameMasks(
                    frame, tuple(TrackMask(one["track"], rle.from_coco(one), 0.9) for one in row)
                )
                for frame, row in enumerate(rows)
            ]
            new = Revision(clip.id, None, Kind.AUTO, "engine", tracks, models)
            stored = database.revisions.append(new, masks)
            database.catalog.move(clip.id, Move.PREANNOTATE, actor="engine", revision=stored.id)


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a workspace that one process of the run makes for all of them."""
    base = factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    made = shared / f"fiftyone-{name}"
    with (shared / f"fiftyone-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            part = made.with_suffix(".part")
            make(part)
            part.rename(made)
    return made


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with three clips of the bundled video and their masks, to be copied."""

    def make(place: Path) -> None:
        lead = Lead(place)
        lead.run("init")
        lead.run("ingest", str(DEMO), "--clip-seconds", "2", "--split", "train")
        draw(place)
        lead.run("duplicates")  # looks at every clip once, so that no sync loads a network for it

    return once(tmp_path_factory, "drawn", make)


@pytest.fixture
def lead(workspace: Path) -> Lead:
    """Return a lead with three pre-annotated clips, nothing of them in FiftyOne yet."""
    return Lead(workspace)


@pytest.fixture(scope="session")
def _synced(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that is in step with FiftyOne, to be copied."""

    def make(place: Path) -> None:
        shutil.copytree(drawn, place)
        Lead(place).run("fiftyone", "sync")

    return once(tmp_path_factory, "synced", make)


@pytest.fixture
def synced(_synced: Path, tmp_path: Path) -> Lead:
    """Return a lead whose FiftyOne is in step with three clips."""
    return Lead(Path(shutil.copytree(_synced, tmp_path / "workspace")))


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """Return what waits until something holds, and returns it."""

    def wait(condition: Callable[[], Any], *, within: float = 120.0) -> Any:
        end = time.monotonic() + within
        while time.monotonic() < end:
            if found := condition():
                return found
            time.sleep(0.02)
        raise AssertionError("it did not happen in time")

    return wait


@pytest.fixture(scope="session")
def make_lead() -> Callable[[Path], Lead]:
    """Return what makes leads of workspaces, for files whose tests share one."""
    return Lead
