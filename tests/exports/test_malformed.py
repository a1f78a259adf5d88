"""Whatever lies in the files of a dataset, verifying reports it in words and never breaks off."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import SelectionError
from engine.ports import ExportItem
from exports.checks.masklets import KEYS
from exports.registry import LAYOUTS, exporter
from exports.verify import verify

Silent = Callable[[str, int, int], None]
MANUAL = "game-1_manual.json"
FORMATS = list(LAYOUTS)
# For people and other programs; no loader reads them, and only the manifest, which is taken away here, knows them.
UNCHECKED = {"README.md", "card", "sam2_train.yaml", "engine_train.toml", "objects.csv"}
leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
anything = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
careless = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def made(shelf: Path, item: ExportItem, silent: Silent) -> Callable[[str], Path]:
    """A dataset without its manifest, which would report every change by itself."""

    def make(name: str) -> Path:
        if not (shelf / name).exists():
            exporter(name)([item], shelf / name, progress=silent)
            (shelf / name / "manifest.json").unlink()
        return shelf / name

    return make


@pytest.fixture
def sav(made: Callable[[str], Path]) -> Path:
    return made("sav")


class Overwritten:
    """A file with other content for as long as a block lasts."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path, self.content, self.before = path, content, path.read_bytes()

    def __enter__(self) -> None:
        self.path.write_bytes(self.content)

    def __exit__(self, *_: object) -> None:
        self.path.write_bytes(self.before)


def failures(folder: Path, name: str, content: bytes) -> tuple[str, ...]:
    with Overwritten(folder / name, content):
        return verify(folder).failures


@pytest.mark.slow
@careless
@given(key=st.sampled_from(sorted(KEYS)), value=anything, kind=st.sampled_from(["manual", "auto"]))
def test_any_value_under_any_key_is_reported_with_the_file(
    key: str, value: Any, kind: str, sav: Path
) -> None:
    name = f"game-1_{kind}.json"
    content = json.loads((sav / name).read_text())
    same = content[key] == value
    free = key in {"video_environment", "video_split"} and isinstance(value, str)
    found = failures(sav, name, json.dumps(content | {key: value}).encode())
    if key == "video_duration" and isinstance(value, int | float) and not isinstance(value, bool):
        free = abs(value - content[key]) <= 1 / 60
    assert same or free or any(name in line for line in found), (key, value)


@pytest.mark.slow
@careless
@given(row=st.integers(0, 11), value=anything)
def test_any_value_in_the_table_of_masks_is_reported(row: int, value: Any, sav: Path) -> None:
    content = json.loads((sav / MANUAL).read_text())
    for masklet in ([*content["masklet"][:row], value], [[value], *content["masklet"][1:]]):
        assert failures(sav, MANUAL, json.dumps(content | {"masklet": masklet}).encode())
    content["masklet"][row][0] = value
    assert failures(sav, MANUAL, json.dumps(content).encode())


@pytest.mark.slow
@careless
@given(size=anything, counts=anything)
def test_any_mask_that_is_none_is_reported(size: Any, counts: Any, sav: Path) -> None:
    content = json.loads((sav / MANUAL).read_text())
    for entry in ({"size": size, "counts": counts}, {"size": [64, 96], "counts": counts}):
        content["masklet"][0][0] = entry
        assert failures(sav, MANUAL, json.dumps(content).encode())


@pytest.mark.slow
@careless
@given(clips=anything, recording=anything)
def test_any_side_file_is_reported_or_read(clips: Any, recording: Any, sav: Path) -> None:
    for said in (clips, {"clips": clips}, {"clips": {"game-1": {"recording": recording}}}):
        failures(sav, "engine.json", json.dumps(said).encode())


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"[" * 100_000, b"NaN", b'{"masklet": 1e999}', b"null"]
)
@pytest.mark.parametrize("name", [MANUAL, "engine.json"])
def test_what_is_no_json_or_no_object_is_reported(content: bytes, name: str, sav: Path) -> None:
    assert any(name in line for line in failures(sav, name, content))


@pytest.mark.parametrize("depth", [50, 400, 700, 850, 900, 950, 990])
def test_however_deep_a_mask_is_nested_verifying_never_breaks_off(depth: int, sav: Path) -> None:
    content = (sav / MANUAL).read_text()
    deep = content.replace('"masklet":[[', '"masklet":[[' + "[" * depth + "]" * depth + ",", 1)
    assert failures(sav, MANUAL, deep.encode())


@pytest.mark.parametrize("digits", [18, 19, 400, 5000])
@pytest.mark.parametrize("key", ["video_height", "video_duration", "masklet_num"])
def test_however_long_a_number_is_verifying_never_breaks_off(
    digits: int, key: str, sav: Path
) -> None:
    content = json.loads((sav / MANUAL).read_text()) | {key: "DIGITS"}
    text = json.dumps(content).replace('"DIGITS"', "9" * digits)
    assert any(MANUAL in line for line in failures(sav, MANUAL, text.encode()))


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"\n\n", b"game-1\ngame-1\n"])
def test_a_list_that_cannot_be_meant_is_reported(content: bytes, sav: Path) -> None:
    assert any("train.txt" in line for line in failures(sav, "train.txt", content))


@pytest.mark.slow
@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("seed", range(25))
def test_damaged_bytes_anywhere_never_break_verifying_off(
    format_name: str, seed: int, made: Callable[[str], Path]
) -> None:
    folder = made(format_name)
    dice = random.Random(seed)
    path = dice.choice(sorted(p for p in folder.rglob("*") if p.is_file()))
    content = bytearray(path.read_bytes())
    for _ in range(dice.choice([1, 8, 64])):
        content[dice.randrange(len(content))] = dice.randrange(256)
    kept = dice.choice([len(content), dice.randrange(len(content))])
    name = str(path.relative_to(folder))
    assert all(isinstance(line, str) for line in failures(folder, name, bytes(content[:kept])))


def places(said: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in JSON, of long lists those at the ends."""
    yield above
    inside = (
        said.items()
        if isinstance(said, dict)
        else enumerate(said)
        if isinstance(said, list)
        else ()
    )
    for key, value in inside:
        if isinstance(said, dict) or key < 2 or key == len(said) - 1:
            yield from places(value, (*above, key))


def replaced(said: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return JSON with another value at a place."""
    if not place:
        return value
    copy = said.copy()
    copy[place[0]] = replaced(said[place[0]], place[1:], value)
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("format_name", FORMATS)
@given(data=st.data())
@settings(careless, max_examples=60)
def test_any_value_anywhere_in_any_json_never_breaks_verifying_off(
    format_name: str, made: Callable[[str], Path], data: st.DataObject
) -> None:
    folder = made(format_name)
    path = data.draw(st.sampled_from(sorted(folder.rglob("*.json"))), label="file")
    said = json.loads(path.read_text())
    place = data.draw(st.sampled_from(list(places(said))), label="place")
    content = json.dumps(replaced(said, place, data.draw(anything, label="value"))).encode()
    found = failures(folder, str(path.relative_to(folder)), content)
    assert all(isinstance(line, str) for line in found)


@pytest.mark.slow
@pytest.mark.parametrize("format_name", FORMATS)
def test_a_file_where_a_folder_belongs_and_the_other_way_round_are_reported(
    format_name: str, made: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(made(format_name), tmp_path / "copy")
    for path in sorted(folder.rglob("*")):
        if UNCHECKED & set(path.relative_to(folder).parts):
            continue
        beside = path.with_name("aside")
        path.rename(beside)
        path.mkdir() if beside.is_file() else path.touch()
        try:
            assert verify(folder).failures, path
        except SelectionError:
            assert path.name in {"engine.json", "Annotations"}
        path.rmdir() if beside.is_file() else path.unlink()
        beside.rename(path)
