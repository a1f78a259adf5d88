"""Whatever is wrong with a dataset, reading it ends in a clip or in an error of ours that names a file."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.datasets import read_dataset
from engine.errors import InputError
from engine.ports import ExportItem
from engine.types import FrameBatch, Kind, Revision, Track
from exports.registry import exporter

NAMES = ("rendered", "sav", "sav-val", "frames", "davis", "davis-480p", "mose")
INDEXED = ("coco", "youtube-vis", "mots")

odd = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([10**30, -(10**400)]) | st.text(max_size=3)
    | st.sampled_from(["x" * 300, 1e300, float("nan"), float("inf"), -0.5, [], {}, [[]], [None], {"a": 1}, "00000"])
)  # fmt: skip


@pytest.fixture(scope="module")
def layouts(datasets, tmp_path_factory, golden) -> dict[str, Path]:
    """Return a folder of each format, those with indexes made of the world's own by the product's exporters."""
    root = tmp_path_factory.mktemp("indexed")
    (one,) = read_dataset(datasets["rendered"], split="train")
    tracks = tuple(Track(t, label) for t, label in golden.labels.items())
    revision = Revision("game-1", None, Kind.MANUAL, "somebody", tracks, {}, 1)
    item = ExportItem(
        one.clip, revision, one.frames,
        lambda: (FrameBatch(k, rgb[None]) for k, rgb in enumerate(one.pictures())),
    )  # fmt: skip
    for name in INDEXED:
        exporter(name)([item], root / name, progress=lambda *_: None)
    return {name: datasets[name] for name in NAMES} | {name: root / name for name in INDEXED}


def read_all(path: Path) -> None:
    """Read every mask and a picture of every clip; only errors of ours may come, and they name a file."""
    told: list[InputError] = []
    try:
        clips = read_dataset(path, damaged=lambda _, error: told.append(error))
    except InputError as error:
        told.append(error)
        clips = ()
    for one in clips:
        try:
            assert all(label for label in one.labels.values())
            for row in one.frames():
                assert all(mask.rle.size == (one.clip.height, one.clip.width) for mask in row.masks)
            next(one.pictures(), None)
        except InputError as error:
            told.append(error)
    assert all(str(path) in str(error) for error in told)


def places(said, at=()):
    """Yield the place of every value in some JSON."""
    yield at
    inner = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()  # fmt: skip
    for key, value in inner:
        yield from places(value, (*at, key))


def changed(said, at, value):
    """Return the JSON with another value at a place."""
    if not at:
        return value
    copy = dict(said) if isinstance(said, dict) else list(said)
    copy[at[0]] = changed(said[at[0]], at[1:], value)
    return copy


def copied(path: Path, tmp_path_factory) -> Path:
    return Path(shutil.copytree(path, tmp_path_factory.mktemp("damaged") / "set"))


def texts(path: Path, *endings: str) -> list[Path]:
    found = [file for file in sorted(path.rglob("*")) if file.suffix in endings]
    return [file for file in found if file.name != "manifest.json"]


hunting = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
each = pytest.mark.parametrize("name", [*NAMES, *INDEXED])


@each
@pytest.mark.slow
@given(data=st.data())
@hunting
def test_any_value_of_any_json_may_be_anything(layouts, tmp_path_factory, name, data) -> None:
    folder = copied(layouts[name], tmp_path_factory)
    files = texts(folder, ".json")
    if not files:
        return
    file = data.draw(st.sampled_from(files))
    said = json.loads(file.read_text())
    at = data.draw(st.sampled_from(list(places(said))))
    file.write_text(json.dumps(changed(said, at, data.draw(odd))))
    read_all(folder)
    shutil.rmtree(folder)


@each
@pytest.mark.slow
@given(data=st.data())
@hunting
def test_any_file_may_be_cut_garbled_or_gone(layouts, tmp_path_factory, name, data) -> None:
    folder = copied(layouts[name], tmp_path_factory)
    file = data.draw(st.sampled_from(texts(folder, ".json", ".txt", ".ini", ".png", ".jpg")))
    content = file.read_bytes()
    at = data.draw(st.integers(0, max(0, len(content) - 1)))
    match data.draw(st.sampled_from(["cut", "garbled", "gone", "empty"])):
        case "cut":
            file.write_bytes(content[:at])
        case "garbled":
            file.write_bytes(content[:at] + data.draw(st.binary(max_size=4)) + content[at + 1 :])
        case "gone":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
    read_all(folder)
    shutil.rmtree(folder)
