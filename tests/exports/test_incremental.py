"""An export over an older one writes what changed, takes the rest over, and is the same as one from nothing."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.ports import ExportItem
from engine.types import FrameBatch, TrackMask
from exports.files import fact_of
from exports.registry import FORMATS, exporter
from exports.verify import verify

Content = Callable[[Path], dict[str, bytes]]
MakeItem = Callable[..., ExportItem]
MasksOf = Callable[[int], tuple[TrackMask, ...]]
Silent = Callable[[str, int, int], None]


def unreadable() -> Iterator[FrameBatch]:
    raise AssertionError("nobody needs to decode this again")


def inodes(folder: Path, part: str = "") -> dict[str, int]:
    paths = [path for path in folder.rglob("*") if path.is_file() and part in str(path)]
    return {path.relative_to(folder).as_posix(): path.stat().st_ino for path in paths}


def pictures_of(folder: Path, clip: str) -> dict[str, int]:
    said = json.loads((folder / "manifest.json").read_text())["clips"][clip]["pictures"]
    return {name: (folder / name).stat().st_ino for name in said["files"]}


@pytest.fixture
def out(game: list[ExportItem], tmp_path: Path, silent: Silent) -> Path:
    """Return an older dataset of three clips."""
    return exporter("sav")(game, tmp_path / "out", progress=silent).out


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_clips_that_did_not_change_are_not_decoded_again(
    name: str, game: list[ExportItem], tmp_path: Path, silent: Silent, content: Content
) -> None:
    out = exporter(name)(game, tmp_path / "out", progress=silent).out
    before, bytes_before = {n: pictures_of(out, n) for n in ("game-0", "game-2")}, content(out)
    spent = [replace(item, pictures=unreadable) for item in game]
    exporter(name)(spent, tmp_path / "out", progress=silent)
    assert {n: pictures_of(out, n) for n in ("game-0", "game-2")} == before
    assert content(out) == bytes_before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_clips_that_did_not_change_are_counted(
    out: Path, game: list[ExportItem], real_item: MakeItem, silent: Silent
) -> None:
    before = {name: node for name, node in inodes(out, "game-").items() if "card/" not in name}
    report = exporter("sav")([*game, real_item("game-3", start=5)], out, progress=silent)
    assert (report.clips, report.reused) == (4, 3)
    assert before.items() <= inodes(out).items()


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_new_revision_keeps_the_pictures_and_gets_a_new_annotation(
    name: str,
    game: list[ExportItem],
    real_item: MakeItem,
    masks_of: MasksOf,
    tmp_path: Path,
    silent: Silent,
    content: Content,
) -> None:
    out = exporter(name)(game, tmp_path / "out", progress=silent).out
    before, was = pictures_of(out, "game-1"), content(out)
    changed = real_item("game-1", start=10, revision=8, masks=lambda k: masks_of(k)[:1])
    spent = replace(changed, pictures=unreadable)
    exporter(name)([game[0], spent, game[2]], out, progress=silent)
    assert pictures_of(out, "game-1") == before
    anew = exporter(name)([game[0], changed, game[2]], tmp_path / "anew", progress=silent)
    assert content(out) == content(anew.out) != was


def test_a_clip_that_is_cut_otherwise_is_written_anew(
    out: Path,
    game: list[ExportItem],
    real_item: MakeItem,
    tmp_path: Path,
    silent: Silent,
    content: Content,
) -> None:
    changed = [game[0], real_item("game-1", start=3, frames=9), game[2]]
    assert exporter("sav")(changed, out, progress=silent).reused == 2
    anew = exporter("sav")(changed, tmp_path / "anew", progress=silent)
    assert content(out) == content(anew.out)


def test_a_removed_clip_disappears(
    out: Path, game: list[ExportItem], tmp_path: Path, silent: Silent, content: Content
) -> None:
    report = exporter("sav")(game[:2], out, progress=silent)
    assert report.reused == 2
    assert not [path for path in content(out) if "game-2" in path]
    anew = exporter("sav")(game[:2], tmp_path / "anew", progress=silent)
    assert content(out) == content(anew.out)


@pytest.mark.parametrize(
    "damaged", ["JPEGImages/game-1/00004.jpg", "game-1.mp4", "game-1_manual.json"]
)
@pytest.mark.parametrize("how", ["changed", "gone", "of the same size"])
def test_a_file_that_somebody_touched_is_not_taken_over(
    damaged: str, how: str, out: Path, game: list[ExportItem], silent: Silent, content: Content
) -> None:
    expected = content(out)
    if how == "gone":
        (out / damaged).unlink()
    elif how == "changed":
        (out / damaged).write_bytes(b"somebody was here")
    else:
        (out / damaged).write_bytes(bytes(len(expected[damaged])))
    assert exporter("sav")(game, out, progress=silent).reused == 2
    assert content(out) == expected


@pytest.mark.parametrize("file", ["manifest.json", "engine.json"])
@pytest.mark.parametrize("said", ["[]", '{"writer": "billiards-engine"}', '{"clips": [1]}'])
def test_a_side_file_that_cannot_be_read_lends_nothing(
    file: str, said: str, out: Path, game: list[ExportItem], silent: Silent, content: Content
) -> None:
    expected = content(out)
    if file == "engine.json":  # it must still say whose the folder is
        said = '{"writer": "billiards-engine", "clips": 3}'
    (out / file).write_text(said)
    assert exporter("sav")(game, out, progress=silent).reused == 0
    assert content(out) == expected


def test_a_manifest_that_points_out_of_the_dataset_lends_nothing(
    out: Path, game: list[ExportItem], silent: Silent, content: Content
) -> None:
    expected = content(out)
    said = json.loads((out / "manifest.json").read_text())
    diary = out.parent / "diary.txt"
    diary.write_text("Monday")
    files = said["clips"]["game-0"]["annotation"]["files"]
    files["../diary.txt"] = fact_of(diary)
    (out / "manifest.json").write_text(json.dumps(said))
    diary_was = diary.stat().st_ino
    exporter("sav")(game, out, progress=silent)
    assert content(out) == expected
    assert (diary.read_text(), diary.stat().st_ino) == ("Monday", diary_was)


def test_fresh_takes_nothing_over(
    out: Path, game: list[ExportItem], silent: Silent, content: Content
) -> None:
    expected, before = content(out), inodes(out)
    report = exporter("sav", fresh=True)(game, out, progress=silent)
    assert report.reused == 0
    assert content(out) == expected
    assert not set(before.values()) & set(inodes(out, "game-").values())


@pytest.mark.parametrize("then", ["davis", "sav-val", "frames"])
def test_another_format_at_the_same_place_is_as_from_nothing(
    then: str,
    out: Path,
    game: list[ExportItem],
    tmp_path: Path,
    silent: Silent,
    content: Content,
) -> None:
    exporter(then)(game, out, progress=silent)
    anew = exporter(then)(game, tmp_path / "anew", progress=silent)
    assert content(out) == content(anew.out)


@pytest.mark.parametrize(
    "options", [{"min_area": 150}, {"trust_auto": True}, {"settings": {"labels": ["solid"]}}]
)
def test_other_settings_write_every_annotation_anew(
    options: dict[str, object],
    out: Path,
    game: list[ExportItem],
    tmp_path: Path,
    silent: Silent,
    content: Content,
) -> None:
    spent = [replace(item, pictures=unreadable) for item in game]
    assert exporter("sav", **options)(spent, out, progress=silent).reused == 0
    anew = exporter("sav", **options)(game, tmp_path / "anew", progress=silent)
    assert content(out) == content(anew.out)


def test_other_steps_write_pictures_and_annotation_anew(
    out: Path,
    real_item: MakeItem,
    tmp_path: Path,
    silent: Silent,
    content: Content,
) -> None:
    thinned = [real_item("game-0", start=0, frames=24, step=3)]
    exporter("sav")(thinned, out, progress=silent)
    anew = exporter("sav")(thinned, tmp_path / "anew", progress=silent)
    assert content(out) == content(anew.out)
    assert sorted(path.stem for path in (out / "JPEGImages/game-0").iterdir()) == [
        f"{k:05d}" for k in range(0, 24, 3)
    ]


def test_where_files_cannot_have_two_names_they_are_copied(
    out: Path,
    game: list[ExportItem],
    silent: Silent,
    content: Content,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    expected = content(out)
    monkeypatch.setattr(os, "link", refuse)
    spent = [replace(item, pictures=unreadable) for item in game]
    assert exporter("sav")(spent, out, progress=silent).reused == 3
    assert content(out) == expected


def test_a_copy_of_a_dataset_lends_as_the_dataset_does(
    out: Path, game: list[ExportItem], silent: Silent, content: Content
) -> None:
    expected, moved = content(out), out.with_name("moved")
    shutil.copytree(out, moved)
    shutil.rmtree(out)
    spent = [replace(item, pictures=unreadable) for item in game]
    assert exporter("sav")(spent, moved, progress=silent).reused == 3
    assert content(moved) == expected
    assert verify(moved).failures == ()
