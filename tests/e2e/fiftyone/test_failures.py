"""Whatever goes wrong with FiftyOne or its database is told with what to do, leaves the engine untouched, and the next sync repairs it."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from exports.board.mongod import running

Until = Callable[..., Any]
Mount = Callable[[Path], None]
CLIPS = 3


def in_step(lead: Any) -> bool:
    """Say whether everything is held, and nothing waits."""
    now = lead.standing()
    waits = [now[what] for what in ("new", "gone", "waiting", "tagged")]
    return bool(now["clips"] == now["held"] == now["masks"] and not any(waits))


def holds_masks(lead: Any) -> bool:
    """Say whether the database of a sync that runs has masks of a clip yet."""
    if running(lead.home) is None:
        return False
    with lead.mongo() as mongo:
        made = mongo["datasets"].find_one({"name": "billiards"})
        place = made and mongo[made["sample_collection_name"]]
        return bool(made and place.find_one({"engine_masks": {"$ne": None}}))


def refused(lead: Any, *words: str, status: int = 1, **told: str) -> str:
    """Run a command that fails, with a line about it and nothing to read for programmers."""
    said = str(lead.run(*words, status=status, **told).stderr)
    assert "Traceback" not in said
    assert said.count("error:") == 1
    return said


def test_a_database_that_is_killed_during_a_sync(lead: Any, until: Until) -> None:
    before = lead.truth()
    sync = lead.start("fiftyone", "sync")
    until(lambda: holds_masks(lead))
    os.kill(lead.pid(), signal.SIGKILL)
    said, _ = sync.communicate(timeout=120)
    assert sync.returncode == 1, said
    assert "error: FiftyOne's database" in said
    assert "ended while it was used" in said
    assert "the same command again" in said
    assert "Traceback" not in said
    assert lead.truth() == before
    lead.run("fiftyone", "sync")
    assert in_step(lead)


def test_a_database_that_is_killed_under_a_watch_ends_it_with_a_word(
    synced: Any, until: Until
) -> None:
    watch = synced.start("fiftyone", "sync", "--watch", "--every", "0.5")
    until(lambda: running(synced.home))
    os.kill(synced.pid(), signal.SIGKILL)
    said, _ = watch.communicate(timeout=120)
    assert watch.returncode == 1, said
    assert "error:" in said
    assert "Traceback" not in said
    synced.run("fiftyone", "sync")
    assert in_step(synced)


def test_a_sync_that_is_killed_goes_on_where_it_was(lead: Any, until: Until) -> None:
    before = lead.truth()
    sync = lead.start("fiftyone", "sync")
    until(lambda: holds_masks(lead))
    sync.kill()
    sync.wait()
    assert running(lead.home) is not None  # left behind, and taken over by the next one
    assert lead.truth() == before
    lead.run("fiftyone", "sync")
    assert running(lead.home) is None
    assert in_step(lead)


def test_ctrl_c_stops_a_sync_at_a_safe_place(lead: Any, until: Until) -> None:
    sync = lead.start("fiftyone", "sync")
    until(lambda: holds_masks(lead))
    sync.send_signal(signal.SIGINT)
    said, _ = sync.communicate(timeout=120)
    assert sync.returncode == 130, said
    assert "interrupted; the same command goes on from here" in said
    assert running(lead.home) is None
    lead.run("fiftyone", "sync")
    assert in_step(lead)


def test_no_folder_for_the_database(lead: Any) -> None:
    before = lead.truth()
    lead.home.write_text("no folder")
    for command in (["fiftyone", "sync"], ["fiftyone", "--remote", "--port", "0"]):
        assert "it must be a folder that you can write to" in refused(lead, *command)
    assert lead.truth() == before
    lead.home.unlink()
    lead.run("fiftyone", "sync")
    assert in_step(lead)


def test_a_damaged_database_says_its_log_and_is_filled_anew_once_moved_away(synced: Any) -> None:
    before = synced.truth()
    for path in (synced.home / "db").glob("WiredTiger*"):
        path.write_bytes(b"no database")
    said = refused(synced, "fiftyone", "sync")
    assert "does not start" in said
    assert "moved away" in said
    assert synced.truth() == before
    shutil.rmtree(synced.home)
    synced.run("fiftyone", "sync")
    assert in_step(synced)


@pytest.mark.parametrize("address", ["mongodb://ada:swordfish-9@127.0.0.1:1", "swordfish-9"])
def test_a_server_that_is_named_and_does_not_serve(lead: Any, address: str) -> None:
    status = 1 if "//" in address else 2
    for name in ("ENGINE_FIFTYONE_DATABASE_URI", "FIFTYONE_DATABASE_URI"):
        for command in (["sync"], ["status"], ["--remote", "--port", "0"]):
            said = refused(lead, "fiftyone", *command, status=status, **{name: address})
            assert "swordfish" not in said
            assert "MongoDB" in said
    assert not (lead.home / "db").exists()


@pytest.fixture
def mount() -> Iterator[Callable[[Path], None]]:
    """Put folders on disks of their own, where one may."""
    mounted: list[Path] = []

    def make(folder: Path) -> None:
        folder.mkdir(parents=True)
        command = ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"a small file system cannot be mounted here: {error}")
        mounted.append(folder)

    yield make
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Keep a disk full: whatever is given back meanwhile, as by a database that needs a journal no longer, is taken at once."""
    over, filled = threading.Event(), threading.Event()

    def fill() -> None:
        with (disk / "filler").open("wb", buffering=0) as file:
            while not over.is_set():
                for size in (2**20, 2**12):
                    with suppress(OSError):
                        while not over.is_set():
                            file.write(bytes(size))
                filled.set()
                over.wait(0.01)

    filler = threading.Thread(target=fill)
    filler.start()
    filled.wait()
    try:
        yield
    finally:
        over.set()
        filler.join()
        (disk / "filler").unlink()


def test_a_full_disk_has_no_room_for_the_least_of_files(lead: Any, mount: Mount) -> None:
    before = lead.truth()
    mount(lead.home)
    with full(lead.home):
        said = refused(lead, "fiftyone", "sync")
        assert lead.truth() == before
    assert "no room for what FiftyOne keeps" in said
    assert str(lead.home) in said
    lead.run("fiftyone", "sync", "--no-masks")
    assert lead.standing()["held"] == CLIPS


def test_a_disk_that_is_full_before_the_database_starts(lead: Any, mount: Mount) -> None:
    before = lead.truth()
    mount(lead.home / "db")
    with full(lead.home / "db"):
        assert "no room for what FiftyOne keeps" in refused(lead, "fiftyone", "sync")
        assert lead.truth() == before
    lead.run("fiftyone", "sync", "--no-masks")
    assert lead.standing()["held"] == CLIPS


def test_a_disk_that_is_full_while_the_database_runs(lead: Any, mount: Mount) -> None:
    before = lead.truth()
    mount(lead.home / "db")
    with lead.mongo(), full(lead.home / "db"):
        said = refused(lead, "fiftyone", "sync")
        assert "FiftyOne's database" in said
        assert lead.truth() == before
    lead.run("fiftyone", "sync")
    assert in_step(lead)
