"""Full disks and refusing databases: nothing is lost, and no driver's error gets out."""

import inspect
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from db.connect import Database, open_database
from db.faults import room_for
from engine.errors import DiskFull, StoreError
from engine.ports import Checkpoint, Job, Link, OutsideProject, State, TaskKind
from engine.stages import Move
from engine.types import RLE, Clip, FrameMasks, Kind, Revision, TrackMask, Video


def noise(start: int, stop: int) -> list[FrameMasks]:
    """Return frames that do not compress: 20 kB each."""
    return [
        FrameMasks(k, (TrackMask(1, RLE((48, 64), os.urandom(20_000))),))
        for k in range(start, stop)
    ]


def revision(parent: int | None = None) -> Revision:
    return Revision("table-0", parent, Kind.AUTO, "nano", ())


@pytest.fixture
def database(sqlite_database: str, video: Video, clips: list[Clip]) -> Iterator[Database]:
    with open_database(sqlite_database) as opened:
        opened.catalog.add_video(video, clips)
        yield opened


def limit(database: Database, pages: int) -> None:
    """Let the file grow by so many pages and no more; the pool has the one connection that is open."""
    with database._transactions.read() as connection:
        now = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {now + pages}")


def test_a_full_disk_refuses_the_revision_and_keeps_everything_else(database: Database) -> None:
    first = database.revisions.append(revision(), noise(0, 8))
    before = list(database.revisions.frames(first.id))
    limit(database, 10)
    with pytest.raises(DiskFull, match="free some and run again"):
        database.revisions.append(revision(first.id), noise(0, 8))
    assert database.revisions.history("table-0") == (first,)
    assert list(database.revisions.frames(first.id)) == before
    limit(database, 1000)
    assert database.revisions.append(revision(first.id), noise(0, 8)).parent == first.id


def test_a_full_disk_leaves_the_last_checkpoint_and_the_job_goes_on_when_there_is_room(
    database: Database,
) -> None:
    frames = noise(0, 96)
    database.queue.put("draw", "table-0")
    job = database.queue.take("draw", worker="w1")
    assert job is not None
    database.queue.save(job, Checkpoint(32, b"one"), frames[:32])
    limit(database, 10)
    with pytest.raises(DiskFull):
        database.queue.save(job, Checkpoint(64, b"two"), frames[32:64])
    with pytest.raises(DiskFull):
        database.queue.finish(job, revision(), frames[32:], move=Move.PREANNOTATE)
    assert database.queue.load(job) == Checkpoint(32, b"one")
    assert database.revisions.head("table-0") is None
    limit(database, 10_000)
    database.queue.save(job, Checkpoint(64, b"two"), frames[32:64])
    stored = database.queue.finish(job, revision(), frames[64:], move=Move.PREANNOTATE)
    assert list(database.revisions.frames(stored.id)) == frames


def test_a_full_disk_refuses_what_is_delivered_and_takes_it_when_it_is_sent_again(
    database: Database,
) -> None:
    project = database.bridge.put_project(PROJECT)
    link = database.bridge.put_link(Link(project.id, 11, "table-0"))
    told: dict[str, Any] = {"number": 7, "author": "ada", "digest": "d"}
    told |= {"at": datetime(2030, 1, 1, tzinfo=UTC), "body": {"result": ["x" * 500_000]}}
    limit(database, 10)
    with pytest.raises(DiskFull, match="nothing was changed"):
        database.bridge.receive(link, **told)
    assert database.bridge.waiting() == ()
    limit(database, 1000)
    stored = database.bridge.receive(link, **told)
    assert stored is not None
    assert database.bridge.waiting() == (stored,)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of two megabytes."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a tiny disk")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False, capture_output=True
    )
    if made.returncode != 0:
        pytest.skip(f"this machine mounts no tiny disk: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_really_full_loses_nothing(
    tiny_disk: Path, video: Video, clips: list[Clip]
) -> None:
    with Database(f"sqlite:///{tiny_disk / 'engine.db'}") as database:
        database.upgrade()
        database.catalog.add_video(video, clips)
        head = database.revisions.append(revision(), noise(0, 8))
        before = list(database.revisions.frames(head.id))
        with pytest.raises(DiskFull):
            database.revisions.append(revision(head.id), noise(0, 96))
        assert database.revisions.history("table-0") == (head,)
        assert list(database.revisions.frames(head.id)) == before
        assert database.revisions.append(revision(head.id), []).parent == head.id


def test_a_full_disk_for_waiting_masks_is_told_apart_from_other_trouble() -> None:
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - closed below, outside what is expected
    with full, pytest.raises(DiskFull, match="waiting masks"), room_for("waiting masks"):
        full.write(b"x")
    with pytest.raises(FileNotFoundError), room_for("waiting masks"):
        Path("/no/such/file").read_bytes()


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        ("53100", DiskFull, "no room left"),
        ("55P03", StoreError, "locked"),
        ("53300", StoreError, "no connection left"),
        ("22012", StoreError, "refused: provoked"),
    ],
)
def test_what_a_server_refuses_is_told_by_its_code(
    postgres_database: str, state: str, error: type[Exception], words: str
) -> None:
    provoke = f"DO $$ BEGIN RAISE EXCEPTION 'provoked' USING ERRCODE = '{state}'; END $$"
    with open_database(postgres_database) as database:
        with pytest.raises(error, match=words), database._transactions.write() as connection:
            connection.execute(text(provoke))
        assert database.catalog.clips() == ()


VIDEO = Video("a" * 64, "a.mp4", "a.mp4", 64, 48, Fraction(30), 1)
JOB = Job(1, "draw", "table-0", "w", 1)
PROJECT = OutsideProject("http://labels", TaskKind.CLIP, 4)
LINK = Link(1, 11, "table-0")
CALLS: dict[str, Callable[[Database], Any]] = {
    "catalog.add_video": lambda db: db.catalog.add_video(VIDEO, []),
    "catalog.video": lambda db: db.catalog.video("a"),
    "catalog.describe": lambda db: db.catalog.describe("a", camera="x"),
    "catalog.clip": lambda db: db.catalog.clip("table-0"),
    "catalog.clips": lambda db: db.catalog.clips(),
    "catalog.move": lambda db: db.catalog.move("table-0", Move.EXCLUDE, actor="ada"),
    "catalog.events": lambda db: db.catalog.events("table-0"),
    "revisions.append": lambda db: db.revisions.append(revision(), []),
    "revisions.head": lambda db: db.revisions.head("table-0"),
    "revisions.revision": lambda db: db.revisions.revision(1),
    "revisions.history": lambda db: db.revisions.history("table-0"),
    "revisions.frames": lambda db: db.revisions.frames(1),
    "queue.put": lambda db: db.queue.put("draw", "table-0"),
    "queue.take": lambda db: db.queue.take("draw", worker="w"),
    "queue.renew": lambda db: db.queue.renew(JOB),
    "queue.save": lambda db: db.queue.save(JOB, Checkpoint(0, b""), []),
    "queue.load": lambda db: db.queue.load(JOB),
    "queue.finish": lambda db: db.queue.finish(JOB, revision(), [], move=Move.PREANNOTATE),
    "queue.done": lambda db: db.queue.done(JOB),
    "queue.fail": lambda db: db.queue.fail(JOB, "torn"),
    "queue.release": lambda db: db.queue.release(JOB),
    "queue.counts": lambda db: db.queue.counts("draw"),
    "bridge.put_project": lambda db: db.bridge.put_project(PROJECT),
    "bridge.projects": lambda db: db.bridge.projects(),
    "bridge.put_link": lambda db: db.bridge.put_link(LINK),
    "bridge.drop_link": lambda db: db.bridge.drop_link(1, 11),
    "bridge.links": lambda db: db.bridge.links(clip="table-0"),
    "bridge.receive": lambda db: db.bridge.receive(
        LINK, number=7, author="ada", at=datetime(2030, 1, 1, tzinfo=UTC), body={}, digest="d"
    ),
    "bridge.waiting": lambda db: db.bridge.waiting(),
    "bridge.deliveries": lambda db: db.bridge.deliveries("table-0"),
    "bridge.settle": lambda db: db.bridge.settle(1, State.DONE),
}


def test_no_method_is_forgotten_below(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    found = {
        f"{port}.{name}"
        for port in ("catalog", "revisions", "queue", "bridge")
        for name, _ in inspect.getmembers(getattr(database, port), inspect.ismethod)
        if not name.startswith("_")
    }
    assert found == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_no_errors_of_the_driver_get_out_of_a_database_that_is_not_set_up(
    name: str, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with database, pytest.raises(StoreError, match="engine init"):
        CALLS[name](database)


@pytest.mark.parametrize("name", CALLS)
def test_no_errors_of_the_driver_get_out_of_a_folder_that_is_gone(
    name: str, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gone' / 'x.db'}")
    with database, pytest.raises(StoreError, match="cannot be opened"):
        CALLS[name](database)
