"""A real Label Studio for the tests: started once for a run, with nothing in it but a user."""

import fcntl
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ml_backend import hosting
from ml_backend.service import free_port

TOP = Path(__file__).parents[3]
HOME = TOP / ".venv-labelstudio"
PROGRAM = HOME / "bin" / "label-studio"
LOGIN = hosting.Login("admin@example.test", "adminpass123", "0123456789" * 4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder: they are slow."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(300))


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
        pytest.skip(f"Label Studio is absent: make {HOME.name}")
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
