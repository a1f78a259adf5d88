"""What every JobQueue promises: one worker at a time, nothing saved is lost, nothing half-done is seen."""

from typing import TypeAlias

import pytest

from db.connect import Database
from engine.errors import InputError, LeaseLost, SelectionError, StageError, StaleParent
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import Checkpoint, Job, JobCounts
from engine.stages import Move, Stage
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


def test_an_empty_queue_gives_nothing(stocked: Stores) -> None:
    assert stocked.queue.take(WHAT, worker="w1") is None
    assert stocked.queue.counts(WHAT) == JobCounts()


def test_a_job_carries_what_was_asked_for(stocked: Stores) -> None:
    number = stocked.queue.put(WHAT, "table-1", settings='{"every": 30}')
    assert taken(stocked) == Job(number, WHAT, "table-1", "w1", 1, '{"every": 30}')


def test_jobs_come_oldest_first_and_each_to_one_worker(stocked: Stores) -> None:
    for clip in ("table-2", "table-0"):
        stocked.queue.put(WHAT, clip)
    assert [taken(stocked, worker=w).clip for w in ("w1", "w2")] == ["table-2", "table-0"]
    assert stocked.queue.take(WHAT, worker="w3") is None


def test_kinds_of_work_do_not_mix(stocked: Stores) -> None:
    stocked.queue.put("train", "table-0")
    assert stocked.queue.take(WHAT, worker="w1") is None
    assert stocked.queue.counts("train").waiting == 1


def test_an_equal_job_is_not_doubled_while_it_waits_or_runs(stocked: Stores) -> None:
    number = stocked.queue.put(WHAT, "table-0")
    assert stocked.queue.put(WHAT, "table-0") == number
    taken(stocked)
    assert stocked.queue.put(WHAT, "table-0") == number
    assert stocked.queue.put(WHAT, "table-0", settings="other") != number
    assert stocked.queue.put(WHAT, "table-1") != number


def test_a_job_that_ended_can_be_asked_for_again(stocked: Stores) -> None:
    job = begun(stocked)
    stocked.queue.fail(job, "the film is torn")
    assert stocked.queue.put(WHAT, "table-0") != job.id


def test_work_on_an_unknown_clip_is_refused(stocked: Stores) -> None:
    with pytest.raises(SelectionError, match="table-0"):
        stocked.queue.put(WHAT, "tabel-0")


def test_a_job_begins_without_a_checkpoint_and_keeps_the_newest(stocked: Stores) -> None:
    job = begun(stocked)
    assert stocked.queue.load(job) is None
    stocked.queue.save(job, Checkpoint(8, b"one"), drawn(0, 8))
    stocked.queue.save(job, Checkpoint(16, b"two"), drawn(8, 16))
    assert stocked.queue.load(job) == Checkpoint(16, b"two")


def test_a_checkpoint_without_frames_is_kept_too(stocked: Stores) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(0, b""), [])
    assert stocked.queue.load(job) == Checkpoint(0, b"")


def test_what_is_saved_stays_invisible_until_the_job_is_finished(stocked: Stores) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(40, b"one"), drawn(0, 40))
    assert stocked.revisions.history("table-0") == ()
    assert stocked.catalog.clip("table-0").head is None
    assert stocked.catalog.clip("table-0").stage is Stage.INGESTED


def test_finishing_makes_one_revision_of_everything_that_was_saved(
    stocked: Stores, clock: ManualClock
) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(10, b"one"), drawn(0, 10))
    stocked.queue.save(job, Checkpoint(45, b"two"), drawn(10, 45))
    stored = stocked.queue.finish(job, revision(), drawn(45, 80), move=Move.PREANNOTATE)
    assert list(stocked.revisions.frames(stored.id)) == drawn(0, 80)
    assert stocked.revisions.head("table-0") == stored
    assert stored.created == clock.now
    status = stocked.catalog.clip("table-0")
    assert (status.stage, status.head) == (Stage.PREANNOTATED, stored.id)
    (event,) = stocked.catalog.events("table-0")
    assert (event.move, event.actor, event.revision) == (Move.PREANNOTATE, "nano", stored.id)
    assert stocked.queue.counts(WHAT) == JobCounts()
    assert stocked.queue.load(job) is None


def test_frames_that_are_settled_again_replace_the_earlier_ones(stocked: Stores) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(50, b"one"), drawn(0, 50))
    stocked.queue.save(job, Checkpoint(60, b"two"), drawn(30, 60, by=b"better"))
    stored = stocked.queue.finish(job, revision(), drawn(58, 80, by=b"best"), move=Move.PREANNOTATE)
    wanted = drawn(0, 30) + drawn(30, 58, by=b"better") + drawn(58, 80, by=b"best")
    assert list(stocked.revisions.frames(stored.id)) == wanted


def test_frames_may_be_saved_in_any_order_but_each_once(stocked: Stores) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(80, b"one"), drawn(40, 80)[::-1])
    with pytest.raises(InputError, match="table-0"):
        stocked.queue.save(job, Checkpoint(80, b"two"), drawn(0, 4) + drawn(0, 4))
    stored = stocked.queue.finish(job, revision(), drawn(0, 40), move=Move.PREANNOTATE)
    assert list(stocked.revisions.frames(stored.id)) == drawn(0, 80)


@pytest.mark.parametrize("frames", [drawn(79, 81), drawn(-1, 3)], ids=["past the end", "negative"])
def test_frames_outside_the_clip_are_refused_and_the_checkpoint_stands(
    stocked: Stores, frames: list[FrameMasks]
) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(8, b"one"), drawn(0, 8))
    with pytest.raises(InputError, match="table-0"):
        stocked.queue.save(job, Checkpoint(9, b"two"), frames)
    assert stocked.queue.load(job) == Checkpoint(8, b"one")


def test_a_finished_job_is_not_given_out_and_cannot_be_finished_twice(
    stocked: Stores, clock: ManualClock
) -> None:
    job = begun(stocked)
    stored = stocked.queue.finish(job, revision(), drawn(0, 80), move=Move.PREANNOTATE)
    clock.advance(3600)
    assert stocked.queue.take(WHAT, worker="w2") is None
    with pytest.raises(LeaseLost):
        stocked.queue.finish(job, revision(stored.id), [], move=Move.PREANNOTATE)
    assert len(stocked.revisions.history("table-0")) == 1


def test_a_revision_that_came_in_between_refuses_the_finish_and_nothing_changes(
    stocked: Stores,
) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(40, b"one"), drawn(0, 40))
    other = stocked.revisions.append(revision(), [])
    with pytest.raises(StaleParent, match="newest"):
        stocked.queue.finish(job, revision(), drawn(40, 80), move=Move.PREANNOTATE)
    assert stocked.revisions.head("table-0") == other
    assert stocked.queue.load(job) == Checkpoint(40, b"one")
    stored = stocked.queue.finish(job, revision(other.id), drawn(40, 80), move=Move.PREANNOTATE)
    assert list(stocked.revisions.frames(stored.id)) == drawn(0, 80)


def test_a_move_that_the_stage_forbids_refuses_the_finish_and_nothing_changes(
    stocked: Stores,
) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(40, b"one"), drawn(0, 40))
    stocked.catalog.move("table-0", Move.EXCLUDE, actor="ada")
    with pytest.raises(StageError, match="excluded"):
        stocked.queue.finish(job, revision(), drawn(40, 80), move=Move.PREANNOTATE)
    assert stocked.revisions.head("table-0") is None
    assert stocked.queue.load(job) == Checkpoint(40, b"one")
    assert stocked.queue.counts(WHAT).running == 1


def test_a_revision_of_another_clip_is_refused(stocked: Stores) -> None:
    with pytest.raises(InputError, match="table-1"):
        stocked.queue.finish(begun(stocked), revision(clip="table-1"), [], move=Move.PREANNOTATE)


def test_a_failed_job_keeps_its_reason_and_nothing_else(
    stocked: Stores, clock: ManualClock
) -> None:
    job = begun(stocked)
    stocked.queue.save(job, Checkpoint(8, b"one"), drawn(0, 8))
    stocked.queue.fail(job, "frame 9 does not decode")
    clock.advance(3600)
    assert stocked.queue.take(WHAT, worker="w2") is None
    assert stocked.queue.load(job) is None
    assert stocked.queue.counts(WHAT) == JobCounts(
        failed=1, errors={"table-0": "frame 9 does not decode"}
    )


def test_counts_tell_waiting_running_and_failed_apart(stocked: Stores) -> None:
    for clip in ("table-0", "table-1", "table-2"):
        stocked.queue.put(WHAT, clip)
    stocked.queue.fail(taken(stocked), "torn")
    taken(stocked)
    assert stocked.queue.counts(WHAT) == JobCounts(1, 1, 1, {"table-0": "torn"})


def test_a_failed_clip_that_is_asked_for_again_has_not_failed_any_more(stocked: Stores) -> None:
    stocked.queue.fail(begun(stocked), "torn")
    stocked.queue.put(WHAT, "table-0")
    assert stocked.queue.counts(WHAT) == JobCounts(waiting=1)
