"""Files below one folder, each remembered as it is written."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.files import Files, as_json, fact_of, fragment_path, unchanged

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    for name in ("root", "aside"):
        (tmp_path / name).mkdir()
    return Files(tmp_path / "root", tmp_path / "aside")


def test_what_is_written_is_remembered_with_hash_and_size(files: Files) -> None:
    files.write("deep/er/a.bin", b"balls")
    assert (files.root / "deep/er/a.bin").read_bytes() == b"balls"
    assert files.made == {"deep/er/a.bin": (hashlib.sha256(b"balls").hexdigest(), 5)}


def test_what_somebody_else_wrote_is_remembered_when_it_is_adopted(files: Files) -> None:
    path = files.path("clips/a.mp4")
    assert files.made == {}
    path.write_bytes(b"film")
    files.adopt("clips/a.mp4")
    assert files.made == {"clips/a.mp4": fact_of(path)}


def test_a_second_name_of_a_file_keeps_its_bytes_when_the_first_is_written_anew(
    files: Files,
) -> None:
    published = files.aside / "published"
    published.write_bytes(b"old")
    os.link(published, files.root / "a.json")
    files.write("a.json", b"new")
    assert published.read_bytes() == b"old"
    assert (files.root / "a.json").read_bytes() == b"new"


def test_forgetting_removes_what_was_written_and_nothing_else(files: Files) -> None:
    files.path("clips/theirs.txt").write_text("somebody else's")
    files.write("clips/ours.txt", b"ours")
    files.write("gone/already.txt", b"ours")
    (files.root / "gone/already.txt").unlink()
    files.forget()
    assert files.made == {}
    assert [p.name for p in files.root.rglob("*") if p.is_file()] == ["theirs.txt"]


def test_a_fragment_is_no_part_of_the_dataset(files: Files) -> None:
    files.fragment("game-1", {"images": [1]})
    assert files.made == {}
    assert not list(files.root.iterdir())
    assert files.fragments("game-1").read_bytes() == b'{"images":[1]}\n'
    assert files.fragments("game-1") == fragment_path(files.aside, "game-1")


def test_fragments_of_two_clips_lie_apart(files: Files) -> None:
    files.fragment("a", 1)
    files.fragment("a-b", 2)
    assert [files.fragments(name).read_bytes() for name in ("a", "a-b")] == [b"1\n", b"2\n"]


@given(JSON)
def test_the_same_value_gives_the_same_json_whatever_it_holds(value: object) -> None:
    assert as_json(value) == as_json(value)
    assert as_json(value).isascii()
    assert as_json(value).endswith(b"\n")


def test_json_keeps_the_order_of_keys(files: Files) -> None:
    files.json("a.json", {"b": 1, "a": [1, 2]})
    files.json("b.json", {"b": 1}, indent=1)
    assert (files.root / "a.json").read_bytes() == b'{"b":1,"a":[1,2]}\n'
    assert (files.root / "b.json").read_bytes() == b'{\n "b": 1\n}\n'


def test_files_are_unchanged_as_long_as_every_byte_is_there(files: Files) -> None:
    files.write("a.txt", b"one")
    files.write("b.txt", b"two")
    assert unchanged(files.made, files.root)
    (files.root / "b.txt").write_bytes(b"six")
    assert not unchanged(files.made, files.root)
    (files.root / "b.txt").unlink()
    assert not unchanged(files.made, files.root)
    (files.root / "b.txt").mkdir()
    assert not unchanged(files.made, files.root)
