"""Lists of clips by split, and recordings that are in one split only."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import ExportError
from engine.ports import ExportItem
from exports.files import Files
from exports.lists import by_split, refuse_divided, write_lists

MakeItem = Callable[..., ExportItem]
CLIPS = {"b": {"split": "train"}, "c": {"split": "val"}, "a": {"split": "train"}}


def test_clips_keep_their_order_in_each_split() -> None:
    assert by_split(CLIPS) == {"train": ["b", "a"], "val": ["c"]}
    assert by_split({}) == {}


def test_a_list_holds_one_clip_a_line_and_no_blank_one(tmp_path: Path) -> None:
    files = Files(tmp_path, tmp_path)
    write_lists(files, "ImageSets/2017/", CLIPS)
    assert (tmp_path / "ImageSets/2017/train.txt").read_bytes() == b"b\na\n"
    assert (tmp_path / "ImageSets/2017/val.txt").read_bytes() == b"c\n"
    assert sorted(files.made) == ["ImageSets/2017/train.txt", "ImageSets/2017/val.txt"]


def test_a_split_without_clips_has_no_list(tmp_path: Path) -> None:
    write_lists(Files(tmp_path, tmp_path), "", {"a": {"split": "val"}})
    assert [path.name for path in tmp_path.iterdir()] == ["val.txt"]


def test_clips_of_one_recording_may_not_be_in_two_splits(make_item: MakeItem) -> None:
    items = [make_item("a", split="train"), make_item("b"), make_item("c", split="val")]
    with pytest.raises(ExportError, match="clip c is in val, a of the same recording in train"):
        refuse_divided(item.clip for item in items)


def test_clips_of_two_recordings_may(make_item: MakeItem) -> None:
    items = [make_item("a", split="train", video="f00d"), make_item("b", split="val", video="cafe")]
    refuse_divided(item.clip for item in items)
