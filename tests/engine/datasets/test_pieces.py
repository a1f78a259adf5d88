"""A JSON file read piece by piece says what reading it at once says, wherever the pieces are cut."""

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.datasets import pieces as module
from engine.datasets.pieces import pieces, shelf
from engine.errors import InputError

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
files = st.dictionaries(st.sampled_from("abcdä"), values, max_size=5)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "some.json"


def together(path: Path, walked: str) -> dict:
    """Return the file put together again from its pieces."""
    said: dict = {}
    for piece in pieces(path, walked=walked):
        if piece.number < 0:
            said[piece.key] = piece.value
        else:
            assert piece.number == len(said[piece.key])
            said[piece.key].append(piece.value)
    return said


@given(
    said=files,
    chunk=st.integers(1, 40),
    indent=st.sampled_from([None, 0, 2]),
    ascii_only=st.booleans(),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
@settings(max_examples=150)
def test_pieces_are_the_whole(
    tmp_path_factory: pytest.TempPathFactory, *, said, chunk, indent, ascii_only, mark
) -> None:
    path = tmp_path_factory.mktemp("json") / "some.json"
    path.write_bytes(mark + json.dumps(said, indent=indent, ensure_ascii=ascii_only).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        assert together(path, "abä") == said


@given(rows=st.lists(values, max_size=8), wanted=st.lists(st.integers(0, 7), max_size=8))
def test_what_was_put_on_a_shelf_is_found_again_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, rows, wanted
) -> None:
    path = tmp_path_factory.mktemp("json") / "some.json"
    path.write_text(json.dumps({"other": [1, {"rows": 3}], "rows": rows}, ensure_ascii=False))
    kept = shelf(path)
    for piece in pieces(path, walked=("rows",)):
        if piece.key == "rows" and piece.number >= 0:
            kept.put(piece)
    wanted = [number for number in wanted if number < len(rows)]
    assert len(kept) == len(rows)
    assert list(kept.read(wanted)) == [rows[number] for number in wanted]


def test_a_shelf_of_a_file_that_changed_is_refused(file: Path) -> None:
    file.write_text('{"rows": [1, 2]}')
    kept = shelf(file)
    for piece in pieces(file, walked=("rows",)):
        if piece.number >= 0:
            kept.put(piece)
    file.write_text('{"rows": [10, 20]}')
    with pytest.raises(InputError, match=r"some\.json: it has changed"):
        list(kept.read([0]))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"a"', '{"a":', '{"a": [1, 2', '{"a": [1 2]}', '{"a": 1,}', "{a: 1}", '{"a": tru}', "nonsense"],
)  # fmt: skip
def test_what_is_no_json_object_is_named_with_its_file(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(InputError, match=r"some\.json: not readable as JSON"):
        list(pieces(file, walked=("a",)))


def test_nesting_without_end_and_text_in_no_encoding_are_errors_of_the_file(file: Path) -> None:
    file.write_text('{"a": ' + "[" * 100_000)
    with pytest.raises(InputError, match="not readable"):
        list(pieces(file, walked=()))
    file.write_bytes(b'{"a": "\xff\xfe"}')
    with pytest.raises(InputError, match="not readable"):
        list(pieces(file, walked=()))


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(InputError, match=r"some\.json"):
        list(pieces(file, walked=()))
    with pytest.raises(InputError, match=r"some\.json"):
        shelf(file)


def test_a_large_list_is_never_held_as_a_whole(file: Path) -> None:

    file.write_text(json.dumps({"rows": [{"n": n, "text": "x" * 200} for n in range(40_000)]}))
    tracemalloc.start()
    try:
        count = sum(1 for piece in pieces(file, walked=("rows",)) if piece.number >= 0)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 40_000
    assert most < 8 * module.CHUNK < file.stat().st_size
