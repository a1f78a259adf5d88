"""What an interrupted export has finished is not done again, and what comes out is what would have come out at once."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import VerificationError
from engine.ports import ExportItem
from engine.types import FrameBatch, FrameMasks, TrackMask
from exports import publish
from exports.registry import exporter
from exports.verify import Report, verify

Content = Callable[[Path], dict[str, bytes]]
MakeItem = Callable[..., ExportItem]
MasksOf = Callable[[int], tuple[TrackMask, ...]]
Silent = Callable[[str, int, int], None]
FORMATS = ["sav", "davis"]


def stop_at(clip: str, frame: int) -> Callable[[str, int, int], None]:
    """Return progress during which Ctrl-C comes."""

    def progress(name: str, done: int, _total: int) -> None:
        if (name, done) == (clip, frame):
            raise KeyboardInterrupt

    return progress


def unreadable() -> Iterator[FrameBatch]:
    raise AssertionError("nobody needs to decode this again")


def inodes(folder: Path) -> dict[str, tuple[int, int]]:
    stats = {path: path.stat() for path in folder.rglob("*") if path.is_file()}
    return {
        path.relative_to(folder).as_posix(): (stat.st_ino, stat.st_mtime_ns)
        for path, stat in stats.items()
    }


def interrupt(items: list[ExportItem], out: Path, *, name: str, at: tuple[str, int]) -> Path:
    """Begin an export, stop it, and return where its part waits."""
    with pytest.raises(KeyboardInterrupt):
        exporter(name)(items, out, progress=stop_at(*at))
    return out.with_name(f".{out.name}.partial")


@pytest.mark.parametrize("name", FORMATS)
def test_an_interrupted_export_goes_on_where_it_was(
    name: str, game: list[ExportItem], tmp_path: Path, silent: Silent, content: Content
) -> None:
    at_once = content(exporter(name)(game, tmp_path / "at-once", progress=silent).out)
    partial = interrupt(game, tmp_path / "out", name=name, at=("game-2", 5))
    finished = {path: fact for path, fact in inodes(partial).items() if "game-2" not in path}
    assert len(finished) >= 24
    spent = [replace(item, pictures=unreadable) for item in game[:2]]
    report = exporter(name)([*spent, game[2]], tmp_path / "out", progress=silent)
    assert report.reused == 2
    assert content(tmp_path / "out") == at_once
    assert finished.items() <= inodes(tmp_path / "out").items()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["at-once", "out"]


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_of_the_interrupted_run_is_visible_before(
    name: str, game: list[ExportItem], tmp_path: Path, silent: Silent, content: Content
) -> None:
    exporter(name)(game[:1], tmp_path / "out", progress=silent)
    before = content(tmp_path / "out")
    interrupt(game, tmp_path / "out", name=name, at=("game-2", 3))
    assert content(tmp_path / "out") == before


def test_fresh_begins_anew(
    game: list[ExportItem], tmp_path: Path, silent: Silent, content: Content
) -> None:
    partial = interrupt(game, tmp_path / "out", name="sav", at=("game-1", 5))
    done = partial / "JPEGImages/game-0/00000.jpg"
    was = done.read_bytes()
    done.write_bytes(b"not what was written")
    report = exporter("sav", fresh=True)(game, tmp_path / "out", progress=silent)
    assert report.reused == 0
    assert content(tmp_path / "out")["JPEGImages/game-0/00000.jpg"] == was


def test_a_finished_file_that_changed_meanwhile_is_written_again(
    game: list[ExportItem], tmp_path: Path, silent: Silent, content: Content
) -> None:
    expected = content(exporter("sav")(game, tmp_path / "at-once", progress=silent).out)
    partial = interrupt(game, tmp_path / "out", name="sav", at=("game-2", 5))
    (partial / "JPEGImages/game-0/00003.jpg").write_bytes(b"")
    (partial / "game-1_auto.json").unlink(missing_ok=True)
    (partial / "game-1_manual.json").write_text("{}")
    exporter("sav")(game, tmp_path / "out", progress=silent)
    assert content(tmp_path / "out") == expected


@pytest.mark.parametrize(
    ("first", "then"), [("sav", "davis"), ("davis", "sav"), ("frames", "mose")]
)
def test_another_format_takes_over_no_file_that_is_not_its_own(
    first: str,
    then: str,
    game: list[ExportItem],
    tmp_path: Path,
    silent: Silent,
    content: Content,
) -> None:
    expected = content(exporter(then)(game, tmp_path / "at-once", progress=silent).out)
    interrupt(game, tmp_path / "out", name=first, at=("game-2", 5))
    exporter(then)(game, tmp_path / "out", progress=silent)
    assert content(tmp_path / "out") == expected


def test_other_settings_keep_the_pictures_alone(
    game: list[ExportItem], tmp_path: Path, silent: Silent, content: Content
) -> None:
    at_once = exporter("sav", min_area=100)(game, tmp_path / "at-once", progress=silent)
    interrupt(game, tmp_path / "out", name="sav", at=("game-2", 5))
    spent = [replace(item, pictures=unreadable) for item in game[:2]]
    report = exporter("sav", min_area=100)([*spent, game[2]], tmp_path / "out", progress=silent)
    assert content(report.out) == content(at_once.out)
    assert any("smaller than 100 pixels" in note for note in report.notes)


def test_a_clip_that_is_not_wanted_any_more_leaves_nothing(
    game: list[ExportItem], tmp_path: Path, silent: Silent, content: Content
) -> None:
    expected = content(exporter("sav")(game[1:], tmp_path / "at-once", progress=silent).out)
    interrupt(game, tmp_path / "out", name="sav", at=("game-2", 5))
    exporter("sav")(game[1:], tmp_path / "out", progress=silent)
    assert content(tmp_path / "out") == expected


def test_a_clip_that_cannot_be_written_any_more_leaves_nothing(
    game: list[ExportItem], tmp_path: Path, silent: Silent, content: Content
) -> None:
    exporter("sav")(game[1:], tmp_path / "without", progress=silent)
    interrupt(game, tmp_path / "out", name="sav", at=("game-2", 5))
    empty = replace(game[0], frames=lambda: (FrameMasks(k) for k in range(12)), step=1, camera="b")
    report = exporter("sav")([empty, *game[1:]], tmp_path / "out", progress=silent)
    assert "game-0: no ball on any frame: left out" in report.notes
    assert not [path for path in content(tmp_path / "out") if "game-0" in path]
    assert verify(tmp_path / "out").failures == ()


def test_what_was_finished_but_never_proven_is_proven_now(
    game: list[ExportItem], tmp_path: Path, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[list[str]] = []

    def first(_root: Path, *, clips: list[str], **_: int) -> Report:
        looked.append(clips)
        raise KeyboardInterrupt

    with monkeypatch.context() as here:
        here.setattr(publish, "verify", first)
        with pytest.raises(KeyboardInterrupt):
            exporter("sav")(game, tmp_path / "out", progress=silent)
    real = publish.verify

    def second(root: Path, *, clips: list[str], **more: int) -> Report:
        looked.append(clips)
        return real(root, clips=clips, **more)

    monkeypatch.setattr(publish, "verify", second)
    exporter("sav")(game, tmp_path / "out", progress=silent)
    assert looked[0] == looked[1] == ["game-0", "game-1", "game-2"]
    exporter("sav")(game, tmp_path / "out", progress=silent)
    assert looked[2] == []


def test_an_older_dataset_keeps_its_bytes_when_a_resumed_run_writes_where_it_had_taken_over(
    real_item: MakeItem,
    tmp_path: Path,
    silent: Silent,
    content: Content,
    masks_of: MasksOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = [real_item("game-0"), real_item("game-1")]
    exporter("sav")(items, tmp_path / "out", progress=silent)
    before = content(tmp_path / "out")
    changed = [items[0], real_item("game-1", start=0)]
    interrupt(changed, tmp_path / "out", name="sav", at=("game-1", 5))  # game-0 is linked by now
    later = real_item("game-0", revision=8, masks=lambda k: masks_of(k)[:1])
    again = [later, real_item("game-1", start=0)]
    broken = Report("sav", (), ("broken",))
    monkeypatch.setattr(publish, "verify", lambda *_, **__: broken)
    with pytest.raises(VerificationError):
        exporter("sav")(again, tmp_path / "out", progress=silent)
    assert content(tmp_path / "out") == before


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_a_killed_export_goes_on_where_it_was(
    name: str, game: list[ExportItem], tmp_path: Path, silent: Silent, content: Content
) -> None:
    at_once = content(exporter(name)(game, tmp_path / "at-once", progress=silent).out)

    def kill_at_5(clip: str, done: int, _total: int) -> None:
        if (clip, done) == ("game-2", 5):
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        exporter(name)(game, tmp_path / "out", progress=kill_at_5)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    finished = inodes(tmp_path / ".out.partial")
    finished = {path: fact for path, fact in finished.items() if "game-2" not in path}
    spent = [replace(item, pictures=unreadable) for item in game[:2]]
    exporter(name)([*spent, game[2]], tmp_path / "out", progress=silent)
    assert content(tmp_path / "out") == at_once
    assert finished.items() <= inodes(tmp_path / "out").items()
