"""All stores that every implementation offers together, with a clock that the test moves."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

import pytest

from db.connect import Database
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.types import Clip, Video

Stores: TypeAlias = Database | MemoryDatabase


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(
    params=[
        "memory",
        "sqlite",
        pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow]),
    ]
)
def stores(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[Stores]:
    """Return empty stores: in memory, in a file, on a server."""
    if request.param == "memory":
        yield MemoryDatabase(now=clock, max_deaths=3)
        return
    url = request.getfixturevalue(f"{request.param}_database")
    with Database(url, now=clock, max_deaths=3) as database:
        yield database


@pytest.fixture
def video() -> Video:
    """Return a recording of 240 frames at NTSC's rate."""
    return Video(
        "a" * 64, "/films/a.mp4", "/films/a.mp4", 64, 48, Fraction(30000, 1001), 240, (0, 1, 1, 2)
    )


@pytest.fixture
def clips(video: Video) -> list[Clip]:
    """Return the recording's three clips of 80 frames: two blocks of 32 and a half one."""
    return [
        Clip(
            f"table-{n}",
            video.sha256,
            video.media,
            80 * n,
            80,
            video.width,
            video.height,
            video.rate,
        )
        for n in range(3)
    ]


@pytest.fixture
def stocked(stores: Stores, video: Video, clips: list[Clip]) -> Stores:
    """Return stores that know the recording and its clips."""
    stores.catalog.add_video(video, clips)
    return stores
