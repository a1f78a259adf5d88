"""kill -9 at random moments: the database opens, nothing half-written is seen, the next worker finishes."""

import multiprocessing
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from db.connect import Database, open_database, parse
from engine.ports import Checkpoint, Job
from engine.stages import Move, Stage
from engine.types import RLE, Clip, FrameMasks, Kind, Revision, TrackMask, Video

WHAT = "draw"
KILLS = 10


def drawn(start: int, stop: int, *, by: str) -> list[FrameMasks]:
    """Return frames whose run lengths say who drew them."""
    mask = TrackMask(1, RLE((48, 64), by.encode() * 20))
    return [FrameMasks(frame, (mask,)) for frame in range(start, stop)]


def revision(clip: str, parent: int | None, *, by: str) -> Revision:
    return Revision(clip, parent, Kind.AUTO, "worker", (), {"by": by})


def opened(url: str) -> Database:
    return Database(url, max_deaths=1000)


def finish(database: Database, job: Job, *, pause: float = 0.0) -> None:
    """Do a job from its checkpoint on, saving every eight frames."""
    by = f"job-{job.id}"
    checkpoint = database.queue.load(job)
    for frame in range(checkpoint.next_frame if checkpoint else 0, 88, 8):
        database.queue.save(
            job, Checkpoint(frame + 8, b"state" * 1000), drawn(frame, frame + 8, by=by)
        )
        time.sleep(pause)
    head = database.revisions.head(job.clip)
    parent = None if head is None else head.id
    frames = drawn(88, 96, by=by)
    database.queue.finish(job, revision(job.clip, parent, by=by), frames, move=Move.PREANNOTATE)


def work_for_ever(url: str) -> None:
    """Do jobs, ask for new ones, append revisions: what the killed processes run."""
    with opened(url) as database:
        while True:
            job = database.queue.take(WHAT, worker="w", seconds=0.05)
            if job is not None:
                finish(database, job, pause=0.001)
                head = database.revisions.head(job.clip)
                assert head is not None
                by = f"append-{head.id}"
                database.revisions.append(revision(job.clip, head.id, by=by), drawn(0, 96, by=by))
                database.queue.put(WHAT, job.clip)


def upgrade(url: str) -> None:
    with Database(url) as database:
        database.upgrade()


def killed(target: Callable[[str], None], url: str, after: float) -> None:
    process = multiprocessing.get_context("fork").Process(target=target, args=(url,))
    process.start()
    process.join(after)
    if process.exitcode is None:
        process.kill()
        process.join()
    assert process.exitcode in (0, -signal.SIGKILL)


def assert_whole(database: Database) -> None:
    """Every revision that can be seen has all its frames, drawn by one hand, and stages agree with revisions."""
    for status in database.catalog.clips():
        history = database.revisions.history(status.clip.id)
        assert status.stage is (Stage.PREANNOTATED if history else Stage.INGESTED)
        for stored in history:
            by = stored.provenance["by"]
            assert list(database.revisions.frames(stored.id)) == drawn(0, 96, by=by)
        jobs = [r.id for r in history if r.provenance["by"].startswith("job")]
        assert [event.revision for event in database.catalog.events(status.clip.id)] == jobs


def assert_sound(url: str) -> None:
    """The file's own check finds nothing wrong."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(str(parse(url).database))
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()


@pytest.mark.slow
def test_killed_at_work_ten_times_nothing_half_written_is_seen_and_the_next_worker_finishes(
    database_url: str, video: Video, clips: list[Clip]
) -> None:
    dice = random.Random(11)
    with opened(database_url) as database:
        database.catalog.add_video(video, clips)
        for clip in clips:
            database.queue.put(WHAT, clip.id)
    slow = 1.0  # a busy machine needs longer to get to work at all
    for _ in range(KILLS):
        killed(work_for_ever, database_url, slow * (0.15 + 0.3 * dice.random()))
        assert_sound(database_url)
        with open_database(database_url) as database:
            assert_whole(database)
            written = sum(len(database.revisions.history(clip.id)) for clip in clips)
        slow *= 1.0 if written else 1.5
    time.sleep(0.1)  # the last victim's lease runs out
    with opened(database_url) as database:
        while (job := database.queue.take(WHAT, worker="last")) is not None:
            finish(database, job)
        assert_whole(database)
        assert database.queue.counts(WHAT).waiting == database.queue.counts(WHAT).running == 0
        assert all(status.head for status in database.catalog.clips())
        assert sum(len(database.revisions.history(clip.id)) for clip in clips) > 3


@pytest.mark.slow
def test_killed_while_the_tables_are_made_the_next_attempt_makes_them(tmp_path: Path) -> None:
    dice = random.Random(5)
    for attempt in range(KILLS):
        url = f"sqlite:///{tmp_path / str(attempt) / 'engine.db'}"
        killed(upgrade, url, 0.01 + 0.08 * dice.random())
        upgrade(url)
        assert_sound(url)
        with open_database(url) as database:
            assert database.catalog.clips() == ()
