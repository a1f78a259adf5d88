"""What is known of a clip in a dataset, kept whole, and signatures that change with whatever a half is made from."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports import ExportItem
from engine.types import FrameMasks, Track
from exports.davis import Davis
from exports.format import Pictures
from exports.masks import read_masks
from exports.notes import Notes
from exports.records import (
    Half,
    Record,
    annotation_signature,
    half_of,
    picture_signature,
    read_records,
    record_of,
    statistics_of,
    write_record,
)
from exports.sav import Sav

MakeItem = Callable[..., ExportItem]
NAMES = st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,2}\.(jpg|png)", fullmatch=True)
FACTS = st.tuples(st.text("0123456789abcdef", min_size=64, max_size=64), st.integers(0, 2**40))
HALVES = st.builds(Half, st.text(min_size=1), st.dictionaries(NAMES, FACTS, max_size=3))
WORDS = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3)
RECORDS = st.builds(
    Record,
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True),
    WORDS,
    WORDS,
    st.lists(st.text(max_size=9), max_size=2).map(tuple),
    HALVES,
    HALVES,
)
PLACES = Pictures("JPEGImages/a/{:05d}.jpg", (64, 96))


def signature(item: ExportItem, *, made_by: object = (Sav(), 20), **settings: object) -> str:
    return annotation_signature(item, item.clip, made_by, settings)


@given(RECORDS)
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    assert record_of(json.loads(json.dumps(record.as_json()))) == record


def test_records_are_found_again_by_clip(tmp_path: Path) -> None:
    records = [Record(name, {}, {}, (), Half("p"), Half("a")) for name in ("a", "a-b", "z")]
    for record in records:
        write_record(tmp_path, record)
    assert read_records(tmp_path) == {record.clip: record for record in records}


@pytest.mark.parametrize("said", ["", "{", "[]", "3", "{}", '{"clip": "b", "facts": 3}'])
def test_a_record_that_cannot_be_read_counts_for_nothing(said: str, tmp_path: Path) -> None:
    good = Record("a", {}, {}, (), Half("p"), Half("a"))
    write_record(tmp_path, good)
    (tmp_path / "b.record.json").write_text(said)
    (tmp_path / "c.record.part").write_text(json.dumps(good.as_json()))
    assert read_records(tmp_path) == {"a": good}


@pytest.mark.parametrize("name", ["../b.jpg", "/etc/passwd", "a/../../b.jpg"])
def test_files_outside_of_the_dataset_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="outside of the dataset"):
        half_of({"signature": "s", "files": {name: ["00", 1]}})


def test_two_dots_in_a_name_are_no_way_out() -> None:
    assert half_of({"signature": "s", "files": {"a..b.jpg": ["00", 1]}}).files


CLIP_CHANGES = [
    {"id": "other"},
    {"video": "beef"},
    {"start": 1},
    {"frames": 11},
    {"rate": Fraction(30000, 1001)},
    {"width": 94},
    {"height": 62},
]


@pytest.mark.parametrize("change", CLIP_CHANGES, ids=lambda change: next(iter(change)))
def test_both_halves_depend_on_what_is_shown(change: dict[str, object], item: ExportItem) -> None:
    other = replace(item.clip, **change)
    assert picture_signature(other, 1, PLACES) != picture_signature(item.clip, 1, PLACES)
    assert signature(replace(item, clip=other)) != signature(item)


def test_where_the_recording_lies_does_not_matter(item: ExportItem) -> None:
    moved = replace(item.clip, media="elsewhere.mp4")
    assert picture_signature(moved, 1, PLACES) == picture_signature(item.clip, 1, PLACES)
    assert signature(replace(item, clip=moved)) == signature(item)


@pytest.mark.parametrize(
    "other",
    [
        replace(PLACES, pattern="b/{:05d}.jpg"),
        replace(PLACES, size=(32, 48)),
        replace(PLACES, first=1),
        replace(PLACES, every=5),
        replace(PLACES, video="a.mp4"),
    ],
)
def test_pictures_depend_on_where_and_how_they_are_written(
    other: Pictures, item: ExportItem
) -> None:
    assert picture_signature(item.clip, 1, other) != picture_signature(item.clip, 1, PLACES)
    assert picture_signature(item.clip, 2, PLACES) != picture_signature(item.clip, 1, PLACES)


ITEM_CHANGES = [
    {"step": 2},
    {"reviewed": False},
    {"camera": "north"},
    {"licence": "CC0"},
    {"notes": ("less",)},
    {"whole": "game"},
]


@pytest.mark.parametrize("change", ITEM_CHANGES, ids=lambda change: next(iter(change)))
def test_the_annotation_depends_on_all_that_is_known_of_the_clip(
    change: dict[str, object], item: ExportItem
) -> None:
    assert signature(replace(item, **change)) != signature(item)


REVISION_CHANGES = [
    {"id": 8},
    {"created": datetime(2026, 3, 1, tzinfo=UTC)},
    {"author": "ana"},
    {"tracks": (Track(1, "cue"),)},
    {"provenance": {"segmenter": "large"}},
]


@pytest.mark.parametrize("change", REVISION_CHANGES, ids=lambda change: next(iter(change)))
def test_the_annotation_depends_on_the_revision(
    change: dict[str, object], item: ExportItem
) -> None:
    other = replace(item, revision=replace(item.revision, **change))
    assert signature(other) != signature(item)


def test_the_annotation_depends_on_the_format_and_its_settings(item: ExportItem) -> None:
    made = [(Sav(), 20), (Sav(), 21), (Sav(trust_auto=True), 20), (Davis(), 20)]
    assert len({signature(item, made_by=one) for one in made}) == len(made)


def test_of_a_selection_only_what_decides_on_content_counts(item: ExportItem) -> None:
    assert signature(item, labels=["cue"]) != signature(item) != signature(item, max_objects=3)
    assert signature(item, splits=["train"], cameras=["north"]) == signature(item)


def test_one_moment_is_the_same_in_every_time_zone(item: ExportItem) -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    zones = [UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=9))]
    made = [replace(item.revision, created=moment.astimezone(zone)) for zone in zones]
    assert len({signature(replace(item, revision=one)) for one in made}) == 1


def test_statistics_count_what_there_is(item: ExportItem) -> None:
    masks = read_masks(item, min_area=20, sparse=True, notes=Notes())
    counted = statistics_of(masks)
    areas = [area for column in masks.areas().values() for area in column if area]
    assert counted["areas"] == [sum(2**k <= area < 2 ** (k + 1) for area in areas) for k in range(8)]  # fmt: skip
    assert {key: value for key, value in counted.items() if key != "areas"} == {
        "frames": 12,
        "annotated": 12,
        "masklets": 3,
        "masks": 12 + 9 + 9,
        "labels": {"cue": 12, "solid": 9, "stripe": 9},
        "balls": {"2": 6, "3": 6},
        "edited": 2,
    }


def test_statistics_of_a_clip_without_balls_are_empty(make_item: MakeItem) -> None:
    item = replace(make_item(), frames=lambda: (FrameMasks(k) for k in range(12)), auto=None)
    counted = statistics_of(read_masks(item, min_area=20, sparse=True, notes=Notes()))
    assert (counted["masks"], counted["areas"], counted["balls"]) == (0, [], {"0": 12})
