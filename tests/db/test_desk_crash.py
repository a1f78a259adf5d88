"""What was stored outlives its process, and of several processes one gets the clip."""

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest

from db.connect import Database, open_database
from engine.errors import ClaimLost, StoreError
from engine.ports import Action, State
from engine.types import Clip, Video

PROCESSES = 4
CONTEXT = multiprocessing.get_context("fork")


@pytest.fixture
def url(database_url: str, video: Video, clips: list[Clip]) -> str:
    with open_database(database_url) as database:
        database.catalog.add_video(video, clips)
    return database_url


def put(database: Database, tab: str, number: int) -> Action:
    body = {"kind": "prompt", "frame": number, "track": 1, "point": [1.5, 2.5, True]}
    return database.desk.actions.put("table-0", "maria", body, before=None, tab=tab)


def click_and_die(url: str, clicks: int) -> None:
    """Store clicks and be killed with the next instruction, closing nothing."""
    database = open_database(url)
    database.desk.claims.claim("table-0", user="maria", tab="t")
    for number in range(clicks):
        put(database, "t", number)
    os.kill(os.getpid(), signal.SIGKILL)


def test_killed_right_after_a_click_was_stored_nothing_is_missing(url: str) -> None:
    for lives in range(1, 6):
        process = CONTEXT.Process(target=click_and_die, args=(url, lives))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        with open_database(url) as database:
            stored = database.desk.actions.of("table-0")
            newest = [action.body["frame"] for action in stored[-lives:]]
            assert newest == list(range(lives))
            assert len(stored) == sum(range(lives + 1))
            assert {action.state for action in stored} == {State.ASKED}


def test_the_tab_of_a_killed_server_goes_on_where_it_was(url: str) -> None:
    process = CONTEXT.Process(target=click_and_die, args=(url, 1))
    process.start()
    process.join()
    with open_database(url) as database:
        (cut_short,) = database.desk.actions.of("table-0")
        database.desk.actions.settle(cut_short.seq, State.DONE)
        assert put(database, "t", 1).seq > cut_short.seq


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
        results.put((number, work(database, number)))


def test_of_several_processes_that_claim_one_clip_one_gets_it_and_all_are_told_which(
    url: str,
) -> None:
    def claim(database: Database, number: int) -> str:
        return database.desk.claims.claim("table-0", user=f"p{number}", tab=f"t{number}").user

    told = together(url, claim)
    assert len(set(told)) == 1
    with open_database(url) as database:
        assert database.desk.claims.holders()["table-0"].user == told[0]


def test_of_several_processes_only_the_holder_stores_actions(url: str) -> None:
    def work(database: Database, number: int) -> int:
        tab = f"t{number}"
        database.desk.claims.claim("table-0", user=f"p{number}", tab=tab)
        stored = 0
        for click in range(20):
            try:
                put(database, tab, click)
                stored += 1
            except ClaimLost:
                continue
        return stored

    stored = together(url, work)
    assert sorted(stored) == [0] * (PROCESSES - 1) + [20]
    with open_database(url) as database:
        assert len(database.desk.actions.of("table-0")) == 20


def test_taken_by_force_in_the_middle_no_click_of_the_loser_comes_after_the_winners_first(
    url: str,
) -> None:
    def work(database: Database, number: int) -> int:
        tab = f"t{number}"
        for click in range(20):
            if click == 5 * number:
                database.desk.claims.claim("table-0", user=tab, tab=tab, force=True)
            try:
                database.desk.actions.put("table-0", tab, {}, before=None, tab=tab)
            except ClaimLost:
                continue
        return number

    together(url, work)
    with open_database(url) as database:
        authors = [action.author for action in database.desk.actions.of("table-0")]
    runs = [author for k, author in enumerate(authors) if k == 0 or authors[k - 1] != author]
    assert len(runs) == len(set(runs))


DAMAGE: dict[str, tuple[str, Callable[[Database], Any]]] = {
    "a state that nobody knows": (
        "update actions set state = 'lost'",
        lambda database: database.desk.actions.of("table-0"),
    ),
    "a body that is no JSON": (
        "update actions set body = '{'",
        lambda database: database.desk.actions.of("table-0"),
    ),
    "a body that is no object": (
        "update actions set body = '7'",
        lambda database: database.desk.actions.of("table-0"),
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_rows_are_an_error_that_says_so(
    sqlite_database: str, video: Video, clips: list[Clip], damage: str
) -> None:
    statement, ask = DAMAGE[damage]
    with open_database(sqlite_database) as database:
        database.catalog.add_video(video, clips)
        database.desk.claims.claim("table-0", user="maria", tab="t")
        put(database, "t", 0)
    file = sqlite3.connect(sqlite_database.removeprefix("sqlite:///"))
    with file:
        file.execute(statement)
    file.close()
    with open_database(sqlite_database) as database, pytest.raises(StoreError, match="backup"):
        ask(database)
