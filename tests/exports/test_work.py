"""One clip to files: what is new is written, what did not change is taken over, and a bad clip leaves none."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.ports import ExportItem
from engine.types import FrameBatch
from exports.files import Files, fact_of
from exports.format import Format
from exports.masks import read_masks
from exports.notes import Notes
from exports.pictures import Footage
from exports.records import Half
from exports.registry import FORMATS, exporter
from exports.work import Outcome, Task, taken_over, write_clip

MakeItem = Callable[..., ExportItem]
MakeTask = Callable[..., Task]
Silent = Callable[[str, int, int], None]


def unreadable() -> Iterator[FrameBatch]:
    raise AssertionError("nobody needs to decode this again")


def task_of(item: ExportItem, folder: Path, *, name: str = "sav", **more: object) -> Task:
    made: Format = exporter(name).format
    for part in ("root", "aside"):
        (folder / part).mkdir(exist_ok=True)
    notes = Notes()
    masks = read_masks(item, min_area=20, sparse=made.sparse, notes=notes)
    task = Task(
        made,
        Footage(item.clip, item.pictures),
        made.pictures(item.clip, step=1),
        Half("seen"),
        Half("drawn"),
        folder / "root",
        folder / "aside",
        masks=masks,
        notes=tuple(notes.lines),
    )
    return replace(task, **more)


def files_below(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_record_lists_every_file_that_was_written(
    name: str, item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    outcome = write_clip(task_of(item, tmp_path, name=name), silent)
    record = outcome.record
    assert (outcome.clip, outcome.fresh, outcome.proven) == ("game-1", True, False)
    listed = {**record.pictures.files, **record.annotation.files}
    assert listed.keys() == files_below(tmp_path / "root")
    assert all(fact_of(tmp_path / "root" / path) == fact for path, fact in listed.items())
    assert (record.pictures.signature, record.annotation.signature) == ("seen", "drawn")
    assert record.facts["revision"] == 7


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_task_can_be_sent_to_another_process(
    name: str, real_item: MakeItem, tmp_path: Path
) -> None:
    task = task_of(real_item(), tmp_path, name=name)
    there = pickle.loads(pickle.dumps(task))  # noqa: S301 - our own
    assert (there.format, there.masks, there.places) == (task.format, task.masks, task.places)


def test_a_clip_that_the_format_cannot_hold_is_named_and_leaves_no_file(
    make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    task = task_of(make_item(masks=lambda _: ()), tmp_path)
    outcome = write_clip(replace(task, notes=("a note",)), silent)
    assert outcome == Outcome("game-1", refused=("a note", "game-1: no ball on any frame: left out"))  # fmt: skip
    assert files_below(tmp_path / "root") == set()


@pytest.mark.parametrize("media", ["gone.mp4", "text.mp4"])
def test_a_clip_that_does_not_decode_is_named_and_leaves_no_file(
    media: str, real_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    outcome = write_clip(task_of(real_item(media=tmp_path / media), tmp_path), silent)
    assert outcome.record is None
    assert outcome.refused[0].startswith(f"game-1: {tmp_path / media}")
    assert files_below(tmp_path / "root") == set()


def test_progress_names_the_clip(item: ExportItem, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_clip(task_of(item, tmp_path), lambda *line: told.append(line))
    assert told == [("game-1", k, 12) for k in range(1, 13)]


@pytest.fixture
def older(item: ExportItem, tmp_path: Path, silent: Silent) -> tuple[Path, Outcome]:
    """Return a folder that holds the clip, and what is known of it."""
    (tmp_path / "older").mkdir()
    outcome = write_clip(task_of(item, tmp_path / "older"), silent)
    return tmp_path / "older/root", outcome


def test_both_halves_are_taken_over_from_an_older_dataset(
    older: tuple[Path, Outcome], item: ExportItem, tmp_path: Path
) -> None:
    source, record = older[0], older[1].record
    told: list[tuple[str, int, int]] = []
    task = task_of(
        replace(item, pictures=unreadable),
        tmp_path,
        masks=None,
        known=record,
        pictures=record.pictures,
        annotation=record.annotation,
        source=source,
    )
    outcome = write_clip(task, lambda *line: told.append(line))
    assert (outcome.record, outcome.fresh, outcome.proven) == (record, False, True)
    assert told == [("game-1", 12, 12)]
    for name in files_below(source):
        assert (source / name).samefile(tmp_path / "root" / name)


def test_what_the_interrupted_run_itself_wrote_is_not_proven(
    older: tuple[Path, Outcome], item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    source, record = older[0], older[1].record
    task = task_of(
        replace(item, pictures=unreadable),
        tmp_path,
        masks=None,
        known=record,
        pictures=record.pictures,
        annotation=record.annotation,
        root=source,
    )
    outcome = write_clip(task, silent)
    assert (outcome.record, outcome.fresh, outcome.proven) == (record, False, False)


def test_pictures_are_taken_over_beside_a_new_annotation(
    older: tuple[Path, Outcome], item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    source, record = older[0], older[1].record
    spent = replace(item, pictures=unreadable)
    task = task_of(spent, tmp_path, pictures=record.pictures, source=source)
    outcome = write_clip(task, silent)
    assert (outcome.fresh, outcome.proven) == (True, False)
    assert outcome.record.pictures == record.pictures
    assert not (source / "game-1_manual.json").samefile(tmp_path / "root/game-1_manual.json")


def test_pictures_that_changed_meanwhile_are_written_anew(
    older: tuple[Path, Outcome], item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    source, record = older[0], older[1].record
    (source / "JPEGImages/game-1/00003.jpg").write_bytes(b"")
    task = task_of(item, tmp_path, pictures=record.pictures, source=source)
    assert write_clip(task, silent).record.pictures == record.pictures


def test_an_annotation_that_changed_at_the_last_moment_is_left_out_with_the_next_step(
    older: tuple[Path, Outcome], item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    source, record = older[0], older[1].record
    (source / "game-1_manual.json").write_text("{}")
    task = task_of(item, tmp_path, masks=None, known=record, annotation=record.annotation, source=source)  # fmt: skip
    outcome = write_clip(task, silent)
    assert outcome.record is None
    assert "export again with --fresh" in outcome.refused[0]
    assert files_below(tmp_path / "root") == set()


def test_nothing_is_taken_over_where_one_file_is_not_what_it_was(tmp_path: Path) -> None:
    source = Files(tmp_path / "source", tmp_path)
    source.write("a/one.txt", b"1")
    source.write("a/two.txt", b"2")
    (tmp_path / "source/a/two.txt").write_bytes(b"3")
    assert not taken_over(source.made, tmp_path / "source", tmp_path / "root")
    assert files_below(tmp_path / "root") == set()


def test_a_file_that_lies_in_the_way_is_replaced_not_written_into(tmp_path: Path) -> None:
    source = Files(tmp_path / "source", tmp_path)
    source.write("one.txt", b"1")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/one.txt").write_bytes(b"in the way")
    (tmp_path / "elsewhere").hardlink_to(tmp_path / "root/one.txt")
    assert taken_over(source.made, tmp_path / "source", tmp_path / "root")
    assert (tmp_path / "root/one.txt").read_bytes() == b"1"
    assert (tmp_path / "elsewhere").read_bytes() == b"in the way"


def test_a_clip_whose_masks_could_not_be_read_is_left_out(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    task = task_of(item, tmp_path, masks=None, fault="chunk 3 of revision 7 is truncated")
    outcome = write_clip(task, silent)
    assert outcome.refused[-1] == "game-1: chunk 3 of revision 7 is truncated: left out"
    assert files_below(tmp_path / "root") == set()
