"""However far an export comes before the disk is full, the old dataset stays whole and nothing is left beside it."""

import errno
import os
import resource
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import DiskFull
from engine.ports import ExportItem
from engine.types import TrackMask
from exports.registry import exporter

Content = Callable[[Path], dict[str, bytes]]
MakeItem = Callable[..., ExportItem]
MasksOf = Callable[[int], tuple[TrackMask, ...]]
Silent = Callable[[str, int, int], None]


@pytest.fixture
def newer(real_item: MakeItem, masks_of: MasksOf) -> list[ExportItem]:
    """Return what is to take the place of ``game[:2]``: one clip with new masks, one that is new."""
    changed = real_item("game-1", start=10, revision=8, masks=lambda k: masks_of(k)[:2])
    return [changed, real_item("game-3", start=5)]


def makes(event: str, arguments: tuple[object, ...]) -> bool:
    """Say whether an event of the interpreter is one that needs room on the disk."""
    if event == "open":
        return bool(int(arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return event in {"os.mkdir", "os.link"}


class _Disk:
    """Has room for so many files, folders and second names, and says how many were asked for."""

    def __init__(self, room: int) -> None:
        self.room, self.asked, self.on = room, 0, True

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and makes(event, arguments):
            self.asked += 1
            if self.asked > self.room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def written_with(room: int, work: Callable[[], object]) -> tuple[str, int]:
    """Do the work in a process whose disk has ``room``; return what became of it, and how much room was asked for."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        disk = _Disk(room)
        sys.addaudithook(disk)
        said = "done"
        try:
            work()
        except DiskFull:
            said = "full"
        except BaseException:  # noqa: BLE001 - told to the parent
            disk.on = False
            said = traceback.format_exc()
        os.write(writing, f"{disk.asked} {said}"[:4000].encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        asked, _, said = pipe.read().partition(" ")
    os.waitpid(child, 0)
    return said, int(asked)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sav", "davis", "coco"])
def test_whichever_write_is_the_first_without_room(
    name: str,
    game: list[ExportItem],
    newer: list[ExportItem],
    tmp_path: Path,
    silent: Silent,
    content: Content,
) -> None:
    out = tmp_path / "out"

    def work() -> None:
        exporter(name)(newer, out, progress=silent)

    exporter(name)(game[:2], out, progress=silent)
    old = content(out)
    expected = content(exporter(name)(newer, tmp_path / "new", progress=silent).out)
    room = 0
    while (said := written_with(room, work)[0]) == "full":
        assert content(out) == old
        assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "out"]
        room += 1
    assert said == "done"
    assert room > 30
    assert content(out) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "out"]


@contextmanager
def small_files(largest: int) -> Iterator[None]:
    """Let no file grow beyond ``largest`` bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("largest", [0, 100, 800, 1500, 2500])
@pytest.mark.parametrize("start", [10, 13])  # the video is cut; it is encoded
@pytest.mark.parametrize("name", ["sav", "davis"])
def test_no_file_may_grow_so_large(
    name: str,
    start: int,
    largest: int,
    real_item: MakeItem,
    tmp_path: Path,
    silent: Silent,
    content: Content,
) -> None:
    out = tmp_path / "out"
    exporter(name)([real_item("old")], out, progress=silent)
    before = content(out)
    with small_files(largest), pytest.raises(DiskFull, match="no room"):
        exporter(name)([real_item("new", start=start)], out, progress=silent)
    assert content(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mount small file systems, where one may."""
    mounted: list[Path] = []

    def make(kilobytes: int) -> Path:
        place = tmp_path / f"disk-{len(mounted)}"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"a small file system cannot be mounted here: {error}")
        mounted.append(place)
        return place

    yield make
    for place in mounted:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_real_disk_that_is_too_small(
    workers: int,
    game: list[ExportItem],
    newer: list[ExportItem],
    mount: Callable[[int], Path],
    silent: Silent,
    content: Content,
    tmp_path: Path,
) -> None:
    free_of_limits = content(exporter("sav")(newer, tmp_path / "new", progress=silent).out)
    seen = set()
    for kilobytes in range(140, 500, 30) if workers == 1 else (230, 600):
        disk = mount(kilobytes)
        try:
            exporter("sav")(game[:2], disk / "out", progress=silent)
        except DiskFull:
            seen.add("nothing fits")
            assert not list(disk.iterdir())
            continue
        before = content(disk / "out")
        try:
            exporter("sav", workers=workers)(newer, disk / "out", progress=silent)
        except DiskFull:
            seen.add("one fits")
            assert content(disk / "out") == before
        else:
            seen.add("both fit")
            assert content(disk / "out") == free_of_limits
        assert [path.name for path in disk.iterdir()] == ["out"]
    assert {"one fits", "both fit"} <= seen
