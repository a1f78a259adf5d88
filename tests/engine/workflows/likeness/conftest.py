"""A workspace whose clips are scenes of flat discs, looked at by an embedder that scales them down."""

from pathlib import Path

import pytest

from engine.fakes.embedder import TinyEmbedder
from engine.fakes.queue import MemoryDatabase
from engine.media.thumbnail import thumbnail
from engine.workflows.likeness.gallery import Gallery
from engine.workflows.likeness.kept import Studio
from tests.engine.workflows.likeness.films import ONE, OTHER, Films, add


@pytest.fixture
def films() -> Films:
    return Films({"one": ONE, "copy": ONE, "other": OTHER})


@pytest.fixture
def studio(tmp_path: Path, films: Films) -> Studio:
    return Studio(tmp_path / "likeness", films, TinyEmbedder(12), thumbnail)


@pytest.fixture
def books() -> MemoryDatabase:
    """Stores that know a recording, a copy of it and another one, a clip each."""
    made = MemoryDatabase()
    for name in ("one", "copy", "other"):
        add(made, name)
    return made


@pytest.fixture
def gallery(studio: Studio, books: MemoryDatabase) -> Gallery:
    return Gallery(studio, books.catalog)
