"""What every JobQueue promises of a job whose results lie elsewhere: it ends once, by who holds it, and leaves nothing."""

from typing import TypeAlias

import pytest

from db.connect import Database
from engine.errors import LeaseLost
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import Checkpoint, Job, JobCounts
from engine.stages import Stage
from engine.types import RLE, FrameMasks, TrackMask

Stores: TypeAlias = Database | MemoryDatabase

WHAT = "tell"


def begun(stores: Stores, *, worker: str = "w1") -> Job:
    stores.queue.put(WHAT, "table-0")
    job = stores.queue.take(WHAT, worker=worker)
    assert job is not None
    return job


def test_a_job_that_is_done_is_given_out_no_more(stocked: Stores, clock: ManualClock) -> None:
    stocked.queue.done(begun(stocked))
    clock.advance(3600)
    assert stocked.queue.take(WHAT, worker="w2") is None
    assert stocked.queue.counts(WHAT) == JobCounts()


def test_it_makes_no_revision_and_moves_no_clip(stocked: Stores) -> None:
    job = begun(stocked)
    frames = [FrameMasks(0, (TrackMask(1, RLE((48, 64), b"runs")),))]
    stocked.queue.save(job, Checkpoint(1, b"state"), frames)
    stocked.queue.done(job)
    assert stocked.queue.load(job) is None
    assert stocked.revisions.history("table-0") == ()
    assert stocked.catalog.clip("table-0").stage is Stage.INGESTED
    assert stocked.catalog.events("table-0") == ()


def test_it_is_not_done_twice(stocked: Stores) -> None:
    job = begun(stocked)
    stocked.queue.done(job)
    for again in (stocked.queue.done, stocked.queue.renew, stocked.queue.release):
        with pytest.raises(LeaseLost, match=f"job {job.id}"):
            again(job)


def test_the_same_work_can_be_asked_for_again_once_it_is_done_and_not_before(
    stocked: Stores,
) -> None:
    job = begun(stocked)
    assert stocked.queue.put(WHAT, "table-0") == job.id
    stocked.queue.done(job)
    again = begun(stocked)
    assert again.id != job.id
    assert again.attempt == 1


@pytest.mark.parametrize("other", ["w1", "w2"])
def test_whoever_lost_the_job_cannot_end_it_for_the_other(
    stocked: Stores, clock: ManualClock, other: str
) -> None:
    late = begun(stocked)
    clock.advance(61)
    job = begun(stocked, worker=other)
    with pytest.raises(LeaseLost, match="job"):
        stocked.queue.done(late)
    assert stocked.queue.counts(WHAT).running == 1
    stocked.queue.done(job)
    assert stocked.queue.counts(WHAT) == JobCounts()


def test_a_late_worker_may_end_its_job_as_long_as_nobody_took_over(
    stocked: Stores, clock: ManualClock
) -> None:
    job = begun(stocked)
    clock.advance(3600)
    stocked.queue.done(job)
    assert stocked.queue.take(WHAT, worker="w2") is None


def test_a_clip_that_failed_once_and_then_was_done_has_not_failed(stocked: Stores) -> None:
    stocked.queue.fail(begun(stocked), "no answer")
    assert stocked.queue.counts(WHAT).failed == 1
    stocked.queue.done(begun(stocked))
    assert stocked.queue.counts(WHAT) == JobCounts()
