"""At every moment the old dataset or the new one is there, whole; and the same input gives the same bytes."""

import errno
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import rle
from engine.datasets.marker import MARKER
from engine.errors import (
    DamagedChunk,
    DiskFull,
    ExportError,
    InputError,
    VerificationError,
    VideoError,
)
from engine.ports import Exporter, ExportItem
from engine.types import FrameBatch, FrameMasks, TrackMask
from exports import publish, staging
from exports.placing import exchange
from exports.registry import FORMATS, exporter
from exports.staging import staged
from exports.verify import Report, verify

Silent = Callable[[str, int, int], None]
OURS = '{"writer": "billiards-engine"}'
EXPORTERS = [exporter("sav"), exporter("davis")]


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
        exporter("sav")([item], tmp_path / "thesis", progress=silent)
    assert content(tmp_path / "thesis") == {"chapter.tex": b"years of work"}


def test_a_full_disk_leaves_the_old_dataset(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with staged(out) as folder:
        (folder.root / MARKER).write_text(OURS)
    with pytest.raises(DiskFull, match="no room"), staged(out) as folder:  # noqa: PT012 - the body is what fails
        (folder.root / MARKER).write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert content(out) == {MARKER: OURS.encode()}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_dataset_that_does_not_verify_is_not_put_in_place(
    item: ExportItem, tmp_path: Path, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "verify", lambda *_, **__: Report("sav", (), ("game-1: broken",)))
    with pytest.raises(VerificationError, match="game-1: broken"):
        exporter("sav")([item], tmp_path / "out", progress=silent)
    assert not list(tmp_path.iterdir())


@pytest.fixture(params=["in one step", "by two renames"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put datasets in place as this file system can, and as those do that cannot swap folders."""
    if request.param == "by two renames":
        monkeypatch.setattr(staging, "exchange", lambda *_: False)


@pytest.mark.usefixtures("_way")
def test_a_dataset_is_replaced_either_way(tmp_path: Path) -> None:
    for text in (OURS, OURS.replace("}", ', "clips": {}}')):
        with staged(tmp_path / "out") as folder:
            (folder.root / MARKER).write_text(text)
    assert content(tmp_path / "out") == {MARKER: text.encode()}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.fixture
def _swaps(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    swapped = exchange(tmp_path / "a", tmp_path / "b")
    for name in ("a", "b"):
        (tmp_path / name).rmdir()
    if not swapped:
        pytest.skip("this file system cannot swap two folders in one step")


@pytest.mark.usefixtures("_swaps")
def test_a_reader_never_finds_the_place_empty_while_a_dataset_is_replaced(tmp_path: Path) -> None:
    out, missing, done = tmp_path / "out", list[float](), threading.Event()
    with staged(out) as folder:
        (folder.root / MARKER).write_text(OURS)

    def look() -> None:
        while not done.is_set():
            if not (out / MARKER).is_file():
                missing.append(time.monotonic())

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(20):
        with staged(out) as folder:
            (folder.root / MARKER).write_text(OURS)
    done.set()
    reader.join()
    assert not missing


def test_two_exports_to_one_place_do_not_mix(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with staged(out) as folder:
        (folder.root / MARKER).write_text(OURS)
        with pytest.raises(ExportError, match="another export is writing there"), staged(out):
            pytest.fail("two writers at once")
        assert content(folder.root) == {MARKER: OURS.encode()}
    with staged(out) as folder:
        (folder.root / MARKER).write_text(OURS)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_exports_to_places_side_by_side_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with staged(tmp_path / "sav") as one, staged(tmp_path / "davis") as other:
        for folder in (one, other):
            (folder.root / MARKER).write_text(OURS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["davis", "sav"]


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".out.lock").touch()
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial" / "half.json").write_text("{")
    with staged(tmp_path / "out") as folder:
        assert not list(folder.root.iterdir())
        (folder.root / MARKER).write_text(OURS)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_stays_one_and_the_dataset_that_it_names_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to(tmp_path / "disk" / "sav")
    for text in (OURS, OURS.replace("}", ', "clips": {}}')):
        with staged(tmp_path / "latest") as folder:
            (folder.root / MARKER).write_text(text)
        assert (tmp_path / "latest").is_symlink()
        assert content(tmp_path / "disk") == {f"sav/{MARKER}": text.encode()}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "latest"]
    assert [path.name for path in (tmp_path / "disk").iterdir()] == ["sav"]


def test_the_root_of_the_disk_is_no_dataset() -> None:
    with pytest.raises(ExportError, match="root of the disk"), staged(Path("/")):
        pytest.fail("everything would be in danger")


def test_a_place_where_nothing_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with (
        pytest.raises(ExportError, match=r"file/out: cannot be written"),
        staged(tmp_path / "file" / "out"),
    ):
        pytest.fail("there is no such folder")


def test_a_run_killed_between_the_two_renames_is_mended_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".out.old").mkdir()
    (tmp_path / ".out.old" / MARKER).write_text(OURS)
    with pytest.raises(RuntimeError), staged(tmp_path / "out"):  # noqa: PT012 - as above
        assert content(tmp_path / "out") == {MARKER: OURS.encode()}
        raise RuntimeError
    assert content(tmp_path / "out") == {MARKER: OURS.encode()}


def test_when_the_last_rename_fails_the_old_dataset_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "exchange", lambda *_: False)
    out, rename = tmp_path / "out", Path.rename
    with staged(out) as folder:
        (folder.root / MARKER).write_text(OURS)

    def failing(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ExportError, match="Input/output"), staged(out) as folder:
        (folder.root / MARKER).write_text("new")
    assert content(out) == {MARKER: OURS.encode()}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("said", ["", "{", "[]", '{"engine": "of a train"}'])
def test_a_file_of_the_markers_name_does_not_make_a_folder_ours(
    said: str, item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    for name in ("game", ".models.old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / MARKER).write_text(said)
    for name in ("game", "models"):
        with pytest.raises(ExportError, match="no dataset of ours"):
            exporter("sav")([item], tmp_path / name, progress=silent)
    assert content(tmp_path / "game") == {MARKER: said.encode()}
    assert content(tmp_path / ".models.old") == {MARKER: said.encode()}


@pytest.mark.parametrize("exporter", EXPORTERS, ids=["sav", "davis"])
def test_a_clip_whose_video_is_gone_is_named_and_the_others_are_written(
    exporter: Exporter, make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    def gone() -> Iterator[FrameBatch]:
        yield next(good.pictures())
        raise VideoError("game.mp4: there is no such file")

    good = make_item("good")
    bad = replace(make_item("bad", video="cafe"), pictures=gone)
    report = exporter([bad, good], tmp_path / "out", progress=silent)
    assert report.clips == 1
    assert any(note.startswith("bad: game.mp4: there is no such file") for note in report.notes)
    assert not list((tmp_path / "out").rglob("bad*"))
    with pytest.raises(ExportError, match="there is no such file"):
        exporter([bad], tmp_path / "none", progress=silent)


@pytest.mark.parametrize("error", [DamagedChunk("chunk 3 is truncated"), InputError("twice")])
def test_a_clip_whose_masks_cannot_be_read_is_named_and_the_others_are_written(
    error: Exception, make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    def damaged() -> Iterator[FrameMasks]:
        yield from list(good.frames())[:3]
        raise error

    good = make_item("good")
    bad = replace(make_item("bad", video="cafe"), frames=damaged)
    report = exporter("sav")([bad, good], tmp_path / "out", progress=silent)
    assert f"bad: {error}: left out" in report.notes
    assert verify(tmp_path / "out").failures == ()
    assert not list((tmp_path / "out").rglob("*bad*"))


@pytest.mark.parametrize("exporter", EXPORTERS, ids=["sav", "davis"])
def test_masks_of_another_size_are_named_and_the_others_are_written(
    exporter: Exporter, make_item: Callable[..., ExportItem], tmp_path: Path, silent: Silent
) -> None:
    turned = rle.encode(np.ones((96, 64), np.bool_))
    bad = make_item("bad", video="cafe", masks=lambda _: (TrackMask(1, turned),))
    report = exporter([bad, make_item("good")], tmp_path / "out", progress=silent)
    assert report.clips == 1
    assert report.notes[0].startswith("bad: track 1 has a mask of (96, 64) on pictures of (64, 96)")
    with pytest.raises(ExportError, match=r"bad: track 1 has a mask of \(96, 64\)"):
        exporter([bad], tmp_path / "none", progress=silent)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_card_shows_the_fullest_frame_with_the_masks_that_the_format_holds(
    name: str, item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    out = exporter(name)([item], tmp_path / "out", progress=silent).out
    assert "game-1, frame 3: 3 masks" in (out / "README.md").read_text()
