"""What was delivered outlives its process, and several processes that are told the same store it once."""

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest

from db.connect import Database, open_database
from engine.errors import InputError, SelectionError, StoreError
from engine.ports import Delivery, Link, OutsideProject, State, TaskKind
from engine.types import Clip, Kind, Revision, Video

PROCESSES = 4
CONTEXT = multiprocessing.get_context("fork")
NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
PROJECT = OutsideProject("http://labels", TaskKind.CLIP, 4)


@pytest.fixture
def url(database_url: str, video: Video, clips: list[Clip]) -> str:
    with open_database(database_url) as database:
        _stock(database, video, clips)
    return database_url


def _stock(database: Database, video: Video, clips: list[Clip]) -> None:
    database.catalog.add_video(video, clips)
    project = database.bridge.put_project(PROJECT)
    database.bridge.put_link(Link(project.id, 11, "table-0"))


def tell(database: Database, second: int, *, digest: str, number: int = 7) -> Delivery | None:
    (link,) = database.bridge.links(clip="table-0")
    told: dict[str, Any] = {"number": number, "author": "maria", "digest": digest}
    at = NOON + timedelta(seconds=second)
    return database.bridge.receive(link, at=at, body={"second": second}, **told)


def deliver_and_die(url: str, start: int, stop: int) -> None:
    """Store deliveries, ask for work on them and be killed with the next instruction, closing nothing."""
    database = open_database(url)
    for second in range(start, stop):
        assert tell(database, second, digest=str(second)) is not None
    database.queue.put("labelstudio", "table-0")
    os.kill(os.getpid(), signal.SIGKILL)


def settle_and_die(url: str, id_: int, after: int) -> None:
    """Settle a delivery and be killed with the next instruction."""
    open_database(url).bridge.settle(id_, State.DONE, after=after)
    os.kill(os.getpid(), signal.SIGKILL)


def killed(work: Callable[..., None], *given: Any) -> None:
    process = CONTEXT.Process(target=work, args=given)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def test_killed_right_after_a_delivery_was_stored_nothing_is_missing(url: str) -> None:
    ends = [1, 3, 6]
    for start, stop in zip([0, *ends], ends, strict=False):
        killed(deliver_and_die, url, start, stop)
        with open_database(url) as database:
            waiting = database.bridge.waiting(clip="table-0")
            assert [one.body["second"] for one in waiting] == list(range(stop))
            assert database.queue.counts("labelstudio").waiting == 1


def test_killed_right_after_a_delivery_was_settled_it_is_not_acted_on_again(url: str) -> None:
    with open_database(url) as database:
        delivery = tell(database, 0, digest="a")
        after = database.revisions.append(Revision("table-0", None, Kind.MANUAL, "m", ()), ()).id
    assert delivery is not None
    killed(settle_and_die, url, delivery.id, after)
    with open_database(url) as database:
        assert database.bridge.waiting() == ()
        assert [one.after for one in database.bridge.deliveries("table-0")] == [after]
        assert tell(database, 0, digest="a") is None


def together(url: str, work: Callable[[Database, int], Any]) -> list[Any]:
    """Do the same in several processes at the same moment; return what came of it, in the order of their numbers."""
    barrier, results = CONTEXT.Barrier(PROCESSES), CONTEXT.SimpleQueue()
    processes = [
        CONTEXT.Process(target=_work, args=(url, work, number, barrier, results))
        for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    found = dict(results.get() for _ in processes)
    for process in processes:
        process.join()
        assert process.exitcode == 0
    return [found[number] for number in range(PROCESSES)]


def _work(
    url: str, work: Callable[[Database, int], Any], number: int, barrier: Barrier, results: Any
) -> None:
    with open_database(url) as database:
        database.catalog.clips()
        barrier.wait()
        try:
            results.put((number, work(database, number)))
        except Exception as error:  # noqa: BLE001 - the parent compares it with what it expects
            results.put((number, error))


def test_what_several_processes_are_told_at_the_same_moment_is_stored_once(url: str) -> None:
    def work(database: Database, _number: int) -> int:
        return sum(tell(database, k, digest=str(k)) is not None for k in range(20))

    assert sum(together(url, work)) == 20
    with open_database(url) as database:
        stored = [one.body["second"] for one in database.bridge.deliveries("table-0")]
    assert stored == list(range(20))


def test_out_of_order_from_several_processes_the_latest_always_arrives_and_none_goes_back(
    url: str,
) -> None:
    def work(database: Database, number: int) -> list[int]:
        seconds = range(number, 40, PROCESSES)
        return [k for k in seconds if tell(database, k, digest=str(k)) is not None]

    told = together(url, work)
    with open_database(url) as database:
        stored = database.bridge.deliveries("table-0")
    assert stored[-1].body == {"second": 39}
    assert sorted(one.body["second"] for one in stored) == sorted(chain.from_iterable(told))
    assert [one.id for one in stored] == sorted(one.id for one in stored)


def test_annotations_of_one_task_from_several_processes_are_all_stored(url: str) -> None:
    def work(database: Database, number: int) -> int:
        told = [tell(database, k, digest=str(k), number=number) for k in range(10)]
        return sum(one is not None for one in told)

    assert together(url, work) == [10] * PROCESSES
    with open_database(url) as database:
        assert len(database.bridge.waiting()) == 10 * PROCESSES


def test_a_project_stored_by_all_at_once_is_one_project(
    database_url: str, video: Video, clips: list[Clip]
) -> None:
    with open_database(database_url) as database:
        database.catalog.add_video(video, clips)

    def work(database: Database, _number: int) -> list[int]:
        kinds = [TaskKind.CLIP, TaskKind.FRAMES] * 5
        servers = [f"http://labels-{k // 2}" for k in range(10)]
        stored = [
            OutsideProject(server, kind, 4) for server, kind in zip(servers, kinds, strict=True)
        ]
        return [database.bridge.put_project(one).id for one in stored]

    told = together(database_url, work)
    assert all(ids == told[0] for ids in told)
    with open_database(database_url) as database:
        assert [one.id for one in database.bridge.projects()] == sorted(told[0])
        assert len(set(told[0])) == 10


def test_a_task_tied_to_different_clips_at_once_is_about_the_one_that_came_first(url: str) -> None:
    def work(database: Database, number: int) -> str:
        (project,) = database.bridge.projects()
        return database.bridge.put_link(Link(project.id, 12, f"table-{number % 3}")).clip

    told = together(url, work)
    with open_database(url) as database:
        (kept,) = [link for link in database.bridge.links() if link.task == 12]
    assert {clip for clip in told if isinstance(clip, str)} == {kept.clip}
    refused = [error for error in told if not isinstance(error, str)]
    assert refused
    assert all(isinstance(error, InputError) for error in refused)


def test_a_project_that_moves_while_deliveries_come_leaves_each_stored_or_refused(
    url: str,
) -> None:
    def work(database: Database, number: int) -> int:
        if number == 0:
            for k in range(5, 10):
                moved = OutsideProject(PROJECT.server, PROJECT.kind, k)
                project = database.bridge.put_project(moved)
                database.bridge.put_link(Link(project.id, 11, "table-0"))
            return 0
        stored = 0
        for k in range(20):
            link = Link(1, 11, "table-0")
            told: dict[str, Any] = {"number": number, "author": "m", "digest": str(k), "body": {}}
            try:
                at = NOON + timedelta(seconds=k)
                stored += database.bridge.receive(link, at=at, **told) is not None
            except SelectionError:
                continue
        return stored

    told = together(url, work)
    assert all(isinstance(count, int) for count in told), told
    with open_database(url) as database:
        assert len(database.bridge.waiting()) == sum(told)
        assert [link.task for link in database.bridge.links()] == [11]


def test_of_several_processes_that_settle_differently_one_is_heard(url: str) -> None:
    with open_database(url) as database:
        delivery = tell(database, 0, digest="a")
    assert delivery is not None

    def work(database: Database, number: int) -> int:
        state = State.DONE if number % 2 else State.FAILED
        database.bridge.settle(delivery.id, state, note=str(number))
        return number

    told = together(url, work)
    with open_database(url) as database:
        (found,) = database.bridge.deliveries("table-0")
    heard = {number for number in told if isinstance(number, int)}
    assert heard == {number for number in range(PROCESSES) if number % 2 == int(found.note) % 2}
    assert sum(isinstance(error, StoreError) for error in told) == PROCESSES - len(heard)


DAMAGE: dict[str, tuple[str, Callable[[Database], Any]]] = {
    "a kind that nobody knows": (
        "update outside_projects set kind = 'sound'",
        lambda database: database.bridge.projects(),
    ),
    "a state that nobody knows": (
        "update deliveries set state = 'lost'",
        lambda database: database.bridge.deliveries("table-0"),
    ),
    "an unknown state that is to be settled": (
        "update deliveries set state = 'lost'",
        lambda database: database.bridge.settle(1, State.DONE),
    ),
    "a body that is no JSON": (
        "update deliveries set body = '{'",
        lambda database: database.bridge.waiting(),
    ),
    "a body that is no object": (
        "update deliveries set body = '7'",
        lambda database: database.bridge.waiting(),
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_rows_are_an_error_that_says_so(
    sqlite_database: str, video: Video, clips: list[Clip], damage: str
) -> None:
    statement, ask = DAMAGE[damage]
    with open_database(sqlite_database) as database:
        _stock(database, video, clips)
        tell(database, 0, digest="a")
    file = sqlite3.connect(sqlite_database.removeprefix("sqlite:///"))
    with file:
        file.execute(statement)
    file.close()
    with open_database(sqlite_database) as database, pytest.raises(StoreError, match="backup"):
        ask(database)
