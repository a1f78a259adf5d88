"""What every JobQueue promises about leases: whoever holds one works, whoever lost it changes nothing, death is survived."""

from typing import TypeAlias

import pytest

from db.connect import Database
from engine.errors import LeaseLost
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import Checkpoint, Job
from engine.stages import Move
from engine.types import RLE, FrameMasks, Kind, Revision, TrackMask

Stores: TypeAlias = Database | MemoryDatabase

WHAT = "preannotate"


def drawn(start: int, stop: int, *, by: bytes = b"runs") -> list[FrameMasks]:
    mask = TrackMask(1, RLE((48, 64), by))
    return [FrameMasks(frame, (mask,)) for frame in range(start, stop)]


def revision(parent: int | None = None, *, clip: str = "table-0") -> Revision:
    return Revision(clip, parent, Kind.AUTO, "nano", ())


def taken(stores: Stores, *, worker: str = "w1", seconds: float = 60.0) -> Job:
    job = stores.queue.take(WHAT, worker=worker, seconds=seconds)
    assert job is not None
    return job


def begun(stores: Stores, clip: str = "table-0") -> Job:
    stores.queue.put(WHAT, clip)
    return taken(stores)


def test_a_lease_that_ran_out_lets_another_worker_take_over(
    stocked: Stores, clock: ManualClock
) -> None:
    first = begun(stocked)
    clock.advance(59)
    assert stocked.queue.take(WHAT, worker="w2") is None
    clock.advance(1)
    second = taken(stocked, worker="w2")
    assert (second.id, second.worker, second.attempt) == (first.id, "w2", 2)


def test_a_renewed_lease_holds(stocked: Stores, clock: ManualClock) -> None:
    job = begun(stocked)
    clock.advance(50)
    stocked.queue.renew(job)
    clock.advance(50)
    assert stocked.queue.take(WHAT, worker="w2") is None


def test_a_late_worker_may_go_on_as_long_as_nobody_took_over(
    stocked: Stores, clock: ManualClock
) -> None:
    job = begun(stocked)
    clock.advance(3600)
    stocked.queue.save(job, Checkpoint(8, b"s"), drawn(0, 8))
    stocked.queue.renew(job)
    assert stocked.queue.take(WHAT, worker="w2") is None


@pytest.mark.parametrize("other", ["w1", "w2"])
def test_whoever_lost_the_lease_can_change_nothing_even_under_the_same_name(
    stocked: Stores, clock: ManualClock, other: str
) -> None:
    late = begun(stocked)
    clock.advance(61)
    job = taken(stocked, worker=other)
    stocked.queue.save(job, Checkpoint(4, b"mine"), drawn(0, 4))
    for attempt in (
        lambda: stocked.queue.renew(late),
        lambda: stocked.queue.save(late, Checkpoint(9, b"late"), drawn(0, 9)),
        lambda: stocked.queue.finish(late, revision(), drawn(0, 80), move=Move.PREANNOTATE),
        lambda: stocked.queue.fail(late, "late"),
        lambda: stocked.queue.release(late),
    ):
        with pytest.raises(LeaseLost, match="job"):
            attempt()
    assert stocked.queue.load(job) == Checkpoint(4, b"mine")
    assert stocked.revisions.head("table-0") is None


def test_the_next_worker_finds_the_checkpoint_of_the_one_that_died(
    stocked: Stores, clock: ManualClock
) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(8, b"one"), drawn(0, 8))
    clock.advance(61)
    assert stocked.queue.load(taken(stocked, worker="w2")) == Checkpoint(8, b"one")


def test_a_released_job_goes_on_where_it_was(stocked: Stores) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(8, b"one"), drawn(0, 8))
    stocked.queue.release(job)
    again = taken(stocked, worker="w2")
    assert (again.id, again.attempt) == (job.id, 2)
    assert stocked.queue.load(again) == Checkpoint(8, b"one")
    stored = stocked.queue.finish(again, revision(), drawn(8, 80), move=Move.PREANNOTATE)
    assert list(stocked.revisions.frames(stored.id)) == drawn(0, 80)


def test_work_that_kills_its_workers_without_getting_on_is_given_up(
    stocked: Stores, clock: ManualClock
) -> None:
    stocked.queue.put(WHAT, "table-0")
    for worker in ("w1", "w2", "w3"):
        taken(stocked, worker=worker)
        clock.advance(61)
    assert stocked.queue.take(WHAT, worker="w4") is None
    counts = stocked.queue.counts(WHAT)
    assert counts.failed == 1
    assert "died 3 times" in counts.errors["table-0"]


def test_work_that_gets_on_between_deaths_is_never_given_up(
    stocked: Stores, clock: ManualClock
) -> None:
    stocked.queue.put(WHAT, "table-0")
    for step in range(10):
        job = taken(stocked)
        stocked.queue.save(job, Checkpoint(step, b"on"), drawn(step, step + 1))
        clock.advance(61)
    assert taken(stocked).attempt == 11


def test_work_that_killed_its_worker_waits_behind_the_others(
    stocked: Stores, clock: ManualClock
) -> None:
    for clip in ("table-0", "table-1"):
        stocked.queue.put(WHAT, clip)
    assert taken(stocked).clip == "table-0"
    clock.advance(61)
    assert taken(stocked).clip == "table-1"
    assert taken(stocked).clip == "table-0"


def test_releasing_is_no_death(stocked: Stores) -> None:
    stocked.queue.put(WHAT, "table-0")
    for _ in range(5):
        stocked.queue.release(taken(stocked))
    assert taken(stocked).attempt == 6
