"""Several real processes at one database: each piece of work goes to one of them, and nobody overwrites anybody."""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest

from db.connect import Database, open_database
from engine.errors import StaleParent
from engine.stages import Move
from engine.types import RLE, Clip, FrameMasks, Kind, Revision, TrackMask, Video

PROCESSES = 4
WHAT = "draw"

pytestmark = pytest.mark.slow


def race(url: str, runner: Callable[[Database, int], Any]) -> list[Any]:
    """Run the same thing in several processes at the same moment; return what each returned."""
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(PROCESSES), context.SimpleQueue()
    processes = [
        context.Process(target=_run, args=(url, runner, number, barrier, results))
        for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    found = [results.get() for _ in processes]
    for process in processes:
        process.join()
        assert process.exitcode == 0
    return found


def _run(
    url: str, runner: Callable[[Database, int], Any], number: int, barrier: Barrier, results: Any
) -> None:
    with open_database(url) as database:
        database.catalog.clips()
        barrier.wait()
        try:
            results.put(runner(database, number))
        except Exception as error:  # noqa: BLE001 - the parent compares it with what it expects
            results.put(error)


@pytest.fixture
def url(database_url: str, video: Video, clips: list[Clip]) -> str:
    with open_database(database_url) as database:
        database.catalog.add_video(video, clips)
    return database_url


def drawn(by: bytes) -> list[FrameMasks]:
    return [FrameMasks(k, (TrackMask(1, RLE((48, 64), by)),)) for k in range(96)]


def test_no_two_workers_ever_get_the_same_job(url: str) -> None:
    with open_database(url) as database:
        wanted = {database.queue.put(WHAT, "table-0", settings=str(n)) for n in range(60)}

    def take_all(database: Database, number: int) -> list[int]:
        taken = []
        while (job := database.queue.take(WHAT, worker=f"w{number}")) is not None:
            taken.append(job.id)
        return taken

    shares = race(url, take_all)
    counts = Counter(job for share in shares for job in share)
    assert counts == dict.fromkeys(wanted, 1)


def test_the_same_job_asked_for_by_all_at_once_is_one_job(url: str) -> None:
    numbers = race(url, lambda database, _: database.queue.put(WHAT, "table-1"))
    assert len(set(numbers)) == 1


def test_the_same_video_added_by_all_at_once_is_added_once(
    database_url: str, video: Video, clips: list[Clip]
) -> None:
    added = race(database_url, lambda database, _: database.catalog.add_video(video, clips))
    assert sorted(added) == [False, False, False, True]
    with open_database(database_url) as database:
        assert [status.clip for status in database.catalog.clips()] == clips


def test_of_several_children_of_one_parent_one_is_stored_and_the_others_are_stale(url: str) -> None:
    def append(database: Database, number: int) -> int:
        mine = Revision("table-0", None, Kind.MANUAL, f"w{number}", ())
        return database.revisions.append(mine, drawn(str(number).encode())).id

    results = race(url, append)
    (stored,) = [result for result in results if isinstance(result, int)]
    assert sum(isinstance(result, StaleParent) for result in results) == PROCESSES - 1
    with open_database(url) as database:
        (winner,) = database.revisions.history("table-0")
        assert winner.id == stored
        assert list(database.revisions.frames(stored)) == drawn(winner.author[1:].encode())


def test_of_several_verdicts_one_counts(url: str) -> None:
    with open_database(url) as database:
        database.revisions.append(Revision("table-0", None, Kind.AUTO, "nano", ()), [])
        database.catalog.move("table-0", Move.PREANNOTATE, actor="nano")

    def accept(database: Database, number: int) -> str:
        return database.catalog.move("table-0", Move.ACCEPT, actor=f"w{number}").value

    results = race(url, accept)
    assert results.count("accepted") == 1
    with open_database(url) as database:
        assert len(database.catalog.events("table-0")) == 2


def test_tables_made_by_all_at_once_are_made_once(empty_url: str) -> None:
    def upgrade(number: int, barrier: Barrier, results: Any) -> None:
        with Database(empty_url) as database:
            barrier.wait()
            database.upgrade()
            results.put(number)

    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(PROCESSES), context.SimpleQueue()
    processes = [
        context.Process(target=upgrade, args=(n, barrier, results)) for n in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    with open_database(empty_url) as database:
        assert database.catalog.clips() == ()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Any) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'engine.db'}"
    return str(request.getfixturevalue("empty_postgres"))
