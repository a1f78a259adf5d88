"""At every moment the old dataset or the new one is there, whole; and the same input gives the same bytes."""

import errno
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import DiskFull, ExportError, VerificationError
from engine.ports import Exporter, ExportItem
from exports import sav
from exports.base import MARKER, staged
from exports.davis import DavisExporter
from exports.sav import SavExporter
from exports.verify import Report, verify

Silent = Callable[[str, int, int], None]
EXPORTERS = [SavExporter(), DavisExporter()]


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


@pytest.mark.parametrize("exporter", EXPORTERS, ids=["sav", "davis"])
def test_the_same_input_gives_the_same_bytes(
    exporter: Exporter, item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    first = exporter([item], tmp_path / "a", progress=silent).out
    second = exporter([item], tmp_path / "b", progress=silent).out
    assert content(first) == content(second)


@pytest.mark.parametrize("exporter", EXPORTERS, ids=["sav", "davis"])
def test_a_new_export_replaces_the_old_one_and_leaves_nothing_beside(
    exporter: Exporter, make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    exporter([make_item("old")], tmp_path / "out", progress=silent)
    exporter([make_item("new")], tmp_path / "out", progress=silent)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not list((tmp_path / "out").rglob("*old*"))


@pytest.mark.parametrize("exporter", EXPORTERS, ids=["sav", "davis"])
def test_progress_counts_every_frame(exporter: Exporter, item: ExportItem, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    exporter([item], tmp_path / "out", progress=lambda *step: told.append(step))
    assert told == [("game-1", k, 12) for k in range(1, 13)]


def test_a_folder_that_is_no_dataset_of_ours_is_never_touched(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.tex").write_text("years of work")
    with pytest.raises(ExportError, match="no dataset of ours"):
        SavExporter()([item], tmp_path / "thesis", progress=silent)
    assert content(tmp_path / "thesis") == {"chapter.tex": b"years of work"}


def test_a_full_disk_leaves_the_old_dataset(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with staged(out) as folder:
        (folder / MARKER).write_text("old")
    with pytest.raises(DiskFull, match="no room"), staged(out) as folder:  # noqa: PT012 - the body is what fails
        (folder / MARKER).write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert content(out) == {MARKER: b"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_dataset_that_does_not_verify_is_not_put_in_place(
    item: ExportItem, tmp_path: Path, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sav, "verify", lambda _: Report("sav", (), ("game-1: broken",)))
    with pytest.raises(VerificationError, match="game-1: broken"):
        SavExporter()([item], tmp_path / "out", progress=silent)
    assert not list(tmp_path.iterdir())


def test_a_run_killed_between_the_two_renames_is_mended_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".out.old").mkdir()
    (tmp_path / ".out.old" / MARKER).write_text("old")
    with pytest.raises(RuntimeError), staged(tmp_path / "out"):  # noqa: PT012 - as above
        assert content(tmp_path / "out") == {MARKER: b"old"}
        raise RuntimeError
    assert content(tmp_path / "out") == {MARKER: b"old"}


def test_when_the_last_rename_fails_the_old_dataset_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, rename = tmp_path / "out", Path.rename
    with staged(out) as folder:
        (folder / MARKER).write_text("old")

    def failing(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ExportError, match="Input/output"), staged(out) as folder:
        (folder / MARKER).write_text("new")
    assert content(out) == {MARKER: b"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.slow
def test_kill_9_at_random_moments_leaves_a_whole_dataset(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    out, dice = tmp_path / "out", random.Random(5)
    expected = content(SavExporter()([item], out, progress=silent).out)
    for _ in range(10):
        child = os.fork()
        if child == 0:
            while True:
                SavExporter()([item], out, progress=silent)
        time.sleep(dice.uniform(0.02, 0.5))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if out.exists():  # between the renames the old one waits beside, whole
            assert content(out) == expected
        else:
            assert content(tmp_path / ".out.old") == expected
        SavExporter()([item], out, progress=silent)
        assert content(out) == expected
        assert verify(out).failures == ()
        assert [path.name for path in tmp_path.iterdir()] == ["out"]
