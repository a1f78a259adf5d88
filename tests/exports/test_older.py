"""What an older dataset, or an interrupted run, lends to a new one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.datasets.marker import MARKER
from engine.ports import ExportItem
from exports.manifest import MANIFEST
from exports.older import lent, prune
from exports.records import Half, Record, write_record
from exports.registry import exporter
from exports.staging import Stage

Silent = Callable[[str, int, int], None]


@pytest.fixture
def stage(item: ExportItem, tmp_path: Path, silent: Silent) -> Stage:
    """Return a place beside a published dataset."""
    out = exporter("sav")([item], tmp_path / "out", progress=silent).out
    for name in ("root", "aside"):
        (tmp_path / name).mkdir()
    return Stage(tmp_path / "root", tmp_path / "aside", out, left=True)


def test_a_published_dataset_lends_the_records_that_were_written_with_it(stage: Stage) -> None:
    left, old = lent(stage)
    assert left == {}
    said = json.loads((stage.old / MANIFEST).read_text())["clips"]["game-1"]
    assert list(old) == ["game-1"]
    assert old["game-1"].annotation.signature == said["annotation"]["signature"]
    assert list(old["game-1"].pictures.files) == list(said["pictures"]["files"])
    facts = json.loads((stage.old / MARKER).read_text())["clips"]["game-1"]
    assert old["game-1"].facts == facts


def test_an_interrupted_run_lends_what_it_has_finished(stage: Stage) -> None:
    record = Record("game-2", {}, {}, (), Half("p"), Half("a"))
    write_record(stage.aside, record)
    assert lent(stage)[0] == {"game-2": record}


def test_a_run_that_began_anew_has_nothing_left(stage: Stage) -> None:
    write_record(stage.aside, Record("game-2", {}, {}, (), Half("p"), Half("a")))
    assert lent(Stage(stage.root, stage.aside, None, left=False)) == ({}, {})


@pytest.mark.parametrize("name", [MANIFEST, MARKER])
@pytest.mark.parametrize("said", [None, "", "[]", "{}", '{"clips": {"game-1": {}}}'])
def test_side_files_that_cannot_be_read_lend_nothing(
    name: str, said: str | None, stage: Stage
) -> None:
    (stage.old / name).unlink()
    if said is not None:
        (stage.old / name).write_text(said)
    assert lent(stage)[1] == {}


def test_a_side_file_that_somebody_edited_lends_nothing(stage: Stage) -> None:
    said = json.loads((stage.old / MARKER).read_text())
    said["clips"]["game-1"]["masklets"] = {}
    (stage.old / MARKER).write_text(json.dumps(said))
    assert lent(stage)[1] == {}


def test_pruning_leaves_what_is_kept_and_no_empty_folder(tmp_path: Path) -> None:
    for name in ("a/b/keep.jpg", "a/b/c/drop.jpg", "d/e/drop.jpg", "drop.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    prune(tmp_path, {"a/b/keep.jpg", "not/there.jpg"})
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")) == [
        "a",
        "a/b",
        "a/b/keep.jpg",
    ]


def test_pruning_removes_a_link_and_not_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/diary.txt").write_text("Monday")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/link").symlink_to(tmp_path / "outside")
    prune(tmp_path / "root", set())
    assert not list((tmp_path / "root").iterdir())
    assert (tmp_path / "outside/diary.txt").read_text() == "Monday"
