"""Work goes on behind whoever cannot wait for it."""

import asyncio
import logging
import threading
from functools import partial

import pytest

from engine.errors import DiskFull, StoreError
from ml_backend.serving.waiting import Hands


@pytest.fixture
def hands():
    held = Hands("test", threads=1, most=2)
    yield held
    held.close()


def test_what_work_returns_is_returned(hands):
    assert asyncio.run(hands.do(lambda: 7, patience=5)) == 7


def test_what_work_raises_is_raised(hands):
    def full():
        raise DiskFull("no room")

    with pytest.raises(DiskFull, match="no room"):
        asyncio.run(hands.do(full, patience=5))


def test_work_is_done_elsewhere(hands):
    here = threading.get_ident()
    assert asyncio.run(hands.do(threading.get_ident, patience=5)) != here


def test_whoever_cannot_wait_is_told_so_and_the_work_is_done(hands, caplog):
    gate, done = threading.Event(), threading.Event()

    def slow():
        gate.wait()
        done.set()

    async def asked():
        with pytest.raises(StoreError, match=r"within 0\.01 s"):
            await hands.do(slow, patience=0.01)
        gate.set()
        await hands.do(lambda: None, patience=5)

    with caplog.at_level(logging.INFO):
        asyncio.run(asked())
    assert done.is_set()
    assert "late work is done" in caplog.text


@pytest.mark.parametrize(
    ("error", "said"), [(StoreError("gone"), "gone"), (RuntimeError("bug"), "bug")]
)
def test_how_late_work_failed_is_logged(hands, caplog, error, said):
    gate = threading.Event()

    def slow():
        gate.wait()
        raise error

    async def asked():
        with pytest.raises(StoreError, match="did not answer"):
            await hands.do(slow, patience=0.01)
        gate.set()
        await hands.do(lambda: None, patience=5)

    asyncio.run(asked())
    assert said in caplog.text


def test_more_than_there_is_room_for_is_refused_at_once_and_there_is_room_again_later(hands):
    gate = threading.Event()

    async def asked():
        for _ in range(2):
            with pytest.raises(StoreError, match="did not answer"):
                await hands.do(gate.wait, patience=0.01)
        with pytest.raises(StoreError, match="2 requests wait"):
            await hands.do(gate.wait, patience=5)
        gate.set()
        while True:
            try:
                return await hands.do(lambda: "room", patience=5)
            except StoreError:
                await asyncio.sleep(0.001)

    assert asyncio.run(asked()) == "room"


def test_somebody_who_goes_away_takes_no_work_along(hands):
    gate, done = threading.Event(), threading.Event()

    def slow():
        gate.wait()
        done.set()

    async def asked():
        task = asyncio.create_task(hands.do(slow, patience=5))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.set()
        await hands.do(lambda: None, patience=5)

    asyncio.run(asked())
    assert done.is_set()


def test_closing_finishes_what_was_begun():
    hands, gate, done = Hands("test", threads=1, most=9), threading.Event(), []

    def slow(number):
        gate.wait()
        done.append(number)

    async def asked():
        for number in range(5):
            with pytest.raises(StoreError, match="did not answer"):
                await hands.do(partial(slow, number), patience=0.001)
        gate.set()
        await asyncio.to_thread(hands.close)

    asyncio.run(asked())
    assert done == [0, 1, 2, 3, 4]
