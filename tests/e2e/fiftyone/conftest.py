"""A real MongoDB for the tests, one for each process that runs them, and FiftyOne connected with it."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exports.board import environment
from exports.board.mongod import own_mongod


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
