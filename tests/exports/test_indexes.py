"""Indexes are written element by element, and are the same whoever writes them and whatever was there before."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ports import ExportItem
from engine.types import Track, TrackMask
from exports.files import Files, fact_of
from exports.indexes import categories_of, classes_of, licences_of, numbers_of, write_index
from exports.registry import exporter

Silent = Callable[[str, int, int], None]
Make = Callable[..., ExportItem]
LAYOUTS = [
    ("coco", "frame"),
    ("coco", "video"),
    ("youtube-vis", ""),
    ("yolo-seg", ""),
    ("mots", ""),
]
words = st.text(max_size=4)
values = st.recursive(
    st.none() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


def facts(*labels: str, **more: Any) -> dict[str, Any]:
    return {
        "objects": {str(n): {"track": n, "label": label} for n, label in enumerate(labels)}
    } | more


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@settings(deadline=None, max_examples=50)
@given(sections=st.dictionaries(words, st.lists(values, max_size=4), min_size=1, max_size=4))
def test_a_section_that_is_an_iterator_reads_as_a_list(
    sections: dict[str, list[Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("index")
    files = Files(folder, folder)
    write_index(files, "a/index.json", {key: iter(value) for key, value in sections.items()})
    assert json.loads((folder / "a/index.json").read_text()) == sections
    assert files.made == {"a/index.json": fact_of(folder / "a/index.json")}


def test_no_element_is_asked_for_before_the_one_ahead_is_written(tmp_path: Path) -> None:
    place = tmp_path / "index.json"

    def elements() -> Iterator[str]:
        for number in range(100):
            yield "x" * 10_000
            assert place.stat().st_size >= (number - 1) * 10_000

    write_index(Files(tmp_path, tmp_path), "index.json", {"info": {}, "all": elements()})
    assert len(json.loads(place.read_text())["all"]) == 100


def test_classes_follow_the_vocabulary_and_foreign_ones_come_last_by_name() -> None:
    clips = {"a": facts("ball", "stripe", "zebra"), "b": facts("cue", "apple", "stripe")}
    assert classes_of(clips) == ["cue", "stripe", "ball", "apple", "zebra"]
    assert [one["id"] for one in categories_of(clips)] == [1, 2, 3, 4, 5]


def test_clips_are_numbered_in_their_order_from_1() -> None:
    assert numbers_of({"b": facts(), "a": facts()}) == {"b": 1, "a": 2}


def test_licences_are_numbered_by_name_and_unknown_ones_are_none() -> None:
    clips = {
        "a": facts(licence="MIT"),
        "b": facts(licence=""),
        "c": facts(licence="CC0"),
        "d": facts(),
    }
    assert [(one["id"], one["name"]) for one in licences_of(clips)] == [(1, "CC0"), (2, "MIT")]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "layout"), LAYOUTS)
def test_several_workers_write_the_same_bytes_as_one(
    name: str, layout: str, real_item: Make, tmp_path: Path, silent: Silent
) -> None:
    items = [real_item(f"game-{n}", start=10 * n) for n in range(3)]
    one = exporter(name, layout=layout)(items, tmp_path / "a", progress=silent).out
    two = exporter(name, layout=layout, workers=2)(items, tmp_path / "b", progress=silent).out
    assert content(one) == content(two)


@pytest.mark.parametrize(("name", "layout"), LAYOUTS)
def test_a_changed_clip_gives_the_bytes_of_a_fresh_export_and_pictures_are_taken_over(
    name: str, layout: str, make_item: Make, tmp_path: Path, silent: Silent
) -> None:
    def other(frame: int) -> tuple[TrackMask, ...]:
        return tuple(replace(mask, track=mask.track + 6) for mask in make_item_masks(frame))

    make_item_masks = _masks_of(make_item())
    old = [make_item("a"), make_item("b", video="cafe")]
    tracks = tuple(Track(n, "eight") for n in range(7, 11))
    changed = make_item("b", video="cafe", masks=other)
    changed = replace(changed, revision=replace(changed.revision, id=8, tracks=tracks))
    made = exporter(name, layout=layout)
    made(old, tmp_path / "out", progress=silent)
    still = next((tmp_path / "out").rglob("*0003.jpg"))
    before = still.stat().st_ino
    made([old[0], changed], tmp_path / "out", progress=silent)
    assert next((tmp_path / "out").rglob(still.name)).stat().st_ino == before
    fresh = made([old[0], changed], tmp_path / "fresh", progress=silent).out
    assert content(tmp_path / "out") == content(fresh)


def _masks_of(item: ExportItem) -> Callable[[int], tuple[TrackMask, ...]]:
    rows = list(item.frames())
    return lambda frame: rows[frame].masks
