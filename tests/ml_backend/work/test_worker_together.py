"""Several workers on one real database: each delivery is acted on once, and the clips come to what one worker makes of them."""

import threading
from collections import Counter

import pytest

from db.connect import Database
from engine.fakes.queue import MemoryDatabase
from engine.ports import State
from ml_backend.serving.receiving import WHAT
from ml_backend.work.worker import Worker

CLIPS, WORKERS = 4, 3


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "postgres":
        return request.getfixturevalue("postgres_database")
    found = f"sqlite:///{tmp_path / 'engine.db'}"
    with Database(found) as database:
        database.upgrade()
    return found


def _saved(books, opened, hands, box_of, tmp_path):
    """Let two people change each of several clips."""
    worlds = [opened(books, tmp_path, name=f"clip{n}", number=n) for n in range(CLIPS)]
    for world in worlds:
        result = hands.drawn(hands.without(world.shown(), 2), "abc", "stripe", 12, box_of(4, 12))
        world.save(hands.moved(result, 1, 30, box_of(1, 30)))
        world.save(hands.relabelled(world.shown(), 3, "solid"), number=2, verdict="accepted")
        books.queue.put(WHAT, world.clip.id)
    return worlds


def _alone(opened, hands, box_of, tmp_path):
    """Return the rows that one worker comes to."""
    books = MemoryDatabase()
    worlds = _saved(books, opened, hands, box_of, tmp_path)
    Worker(worlds[0].bench, reach=lambda: None, model=lambda: worlds[0].model).run(
        lambda: False, once=True
    )
    return [world.rows() for world in worlds]


def _at_work(url, benched, tmp_path, model, errors):
    """Do jobs on a connection of one's own until none is left."""
    try:
        with Database(url) as database:
            worker = Worker(benched(database, tmp_path), reach=lambda: None, model=lambda: model)
            worker.run(lambda: False, once=True)
    except Exception as error:  # noqa: BLE001 - told in the test's own thread
        errors.append(error)


@pytest.mark.slow
def test_workers_side_by_side_act_on_each_delivery_once(
    url, opened, benched, hands, box_of, tmp_path
):
    errors = []
    with Database(url) as books:
        worlds = _saved(books, opened, hands, box_of, tmp_path)
        given = (url, benched, tmp_path, worlds[0].model, errors)
        threads = [threading.Thread(target=_at_work, args=given) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert errors == []
        _at_work(*given)  # whatever somebody else held when the last one looked
        assert errors == []
        for world, rows in zip(worlds, _alone(opened, hands, box_of, tmp_path), strict=True):
            history = books.revisions.history(world.clip.id)
            steps = Counter(one.provenance.get("delivery") for one in history)
            assert set(steps.values()) == {1}
            assert [one.state for one in books.bridge.deliveries(world.clip.id)] == [State.DONE] * 2
            assert world.rows() == rows
