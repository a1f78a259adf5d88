"""The manifest lists every file, names the version after their content, and adds statistics up."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.ports import ExportItem
from exports.manifest import (  # fmt: skip
    MANIFEST,
    all_files,
    manifest,
    marker,
    read_manifest,
    totals,
    version_of,
)
from exports.records import Half, Record
from exports.registry import FORMATS, exporter

MakeItem = Callable[..., ExportItem]
Silent = Callable[[str, int, int], None]
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
FILES = st.dictionaries(st.text("abc/", min_size=1, max_size=6), st.tuples(HASHES, st.just(3)))


def record(clip: str, **counts: int) -> Record:
    counted = {"frames": 30, "annotated": 6, "masklets": 2, "masks": 12, "edited": 1} | counts
    facts = {"rate": [30, 1], "frames": counted["frames"], "split": "train", "objects": {}}
    tables = {"labels": {"cue": 6}, "areas": [0, 12], "balls": {"2": 6}}
    return Record(clip, facts, counted | tables, ("a note",), Half("p"), Half("a"))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_file_of_a_dataset_but_the_manifest_is_listed_with_its_hash(
    name: str, make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    report = exporter(name)([make_item("a"), make_item("b")], tmp_path / "out", progress=silent)
    said = read_manifest(report.out)
    listed = all_files(said["clips"], said["files"])
    there = {
        path.relative_to(report.out).as_posix(): path.read_bytes()
        for path in report.out.rglob("*")
        if path.is_file()
    }
    there.pop(MANIFEST)
    assert {k: tuple(fact) for k, fact in listed.items()} == {
        k: (hashlib.sha256(data).hexdigest(), len(data)) for k, data in there.items()
    }
    assert said["version"] == report.version


def test_the_version_is_the_hash_of_sorted_lines_of_hash_and_path() -> None:
    files = {"b.txt": ("22", 1), "a.txt": ("33", 1)}
    assert version_of({}, files) == hashlib.sha256(b"22  b.txt\n33  a.txt\n").hexdigest()


@given(FILES, FILES)
def test_two_contents_are_two_versions(one: dict[str, tuple[str, int]], other: dict[str, tuple[str, int]]) -> None:  # fmt: skip
    assert (version_of({}, one) == version_of({}, other)) == (one == other)


def test_it_does_not_matter_to_the_version_which_clip_a_file_belongs_to() -> None:
    clip = {"pictures": {"files": {"a.jpg": ["11", 1]}}, "annotation": {"files": {}}}
    assert version_of({"a": clip}, {}) == version_of({}, {"a.jpg": ("11", 1)})


def test_statistics_of_the_dataset_are_the_sums_of_its_clips() -> None:
    said = manifest("sav", "train", [record("a"), record("b", frames=15, masks=3)], {}, {})
    assert said["statistics"] == {
        "clips": 2,
        "seconds": 1.5,
        "frames": 45,
        "annotated": 12,
        "masklets": 4,
        "masks": 15,
        "edited": 2,
        "labels": {"cue": 12},
        "areas": [0, 24],
        "balls": {"2": 12},
    }


def test_tables_of_different_length_are_added_by_their_entries() -> None:
    short = {"statistics": {"areas": [1], "labels": {"cue": 1}, "balls": {"10": 1}}}
    long = {"statistics": {"areas": [1, 2], "labels": {"eight": 2}, "balls": {"2": 3, "10": 1}}}
    rest = {"frames": 1, "annotated": 1, "masklets": 1, "masks": 1, "edited": 0}
    clips = {}
    for name, clip in {"a": short, "b": long}.items():
        clips[name] = {"rate": [30, 1], "frames": 1, "statistics": clip["statistics"] | rest}
    counted = totals(clips)
    assert counted["areas"] == [2, 2]
    assert list(counted["balls"].items()) == [("2", 3), ("10", 2)]
    assert counted["labels"] == {"cue": 1, "eight": 2}


def test_a_dataset_without_clips_counts_to_nothing() -> None:
    assert totals({}) == {
        "clips": 0,
        "seconds": 0,
        **dict.fromkeys(("frames", "annotated", "masklets", "masks", "edited"), 0),
        "labels": {},
        "areas": [],
        "balls": {},
    }


def test_the_marker_says_whose_the_folder_is_and_what_its_clips_are() -> None:
    assert marker("sav", "train", [record("a")], ["a note"]) == {
        "writer": "billiards-engine",
        "format": "sav",
        "layout": "train",
        "clips": {"a": record("a").facts},
        "notes": ["a note"],
    }


def test_a_clips_entry_holds_what_was_said_and_both_halves() -> None:
    entry = manifest("sav", "train", [record("a")], {}, {"min_area": 20})["clips"]["a"]
    assert entry["notes"] == ["a note"]
    assert entry["pictures"] == {"signature": "p", "files": {}}
    assert entry["annotation"] == {"signature": "a", "files": {}}
    assert "objects" not in entry


@pytest.mark.parametrize("said", [None, "", "{", "[]", "{}", '{"clips": []}', b"\xff\xfe"])
def test_what_is_no_manifest_is_named(said: str | bytes | None, tmp_path: Path) -> None:
    if said is not None:
        (tmp_path / MANIFEST).write_bytes(said if isinstance(said, bytes) else said.encode())
    with pytest.raises(InputError, match=MANIFEST):
        read_manifest(tmp_path)


def test_a_manifest_comes_back_as_it_was(tmp_path: Path) -> None:
    said = manifest("sav", "train", [record("a")], {"x": ("11", 1)}, {})
    (tmp_path / MANIFEST).write_text(json.dumps(said))
    assert read_manifest(tmp_path) == json.loads(json.dumps(said))
