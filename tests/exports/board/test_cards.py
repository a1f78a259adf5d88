"""A card as the fields of a document: everything that it says, frames counted from 1, nothing invented."""

import dataclasses
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from engine.ports.board import Agreement, Card, Happening, Measures, TableEvent
from engine.ports.board_rules import digest
from engine.stages import Stage
from engine.types import Clip
from exports.board import names as n
from exports.board.cards import said, update
from exports.board.fields import CLIP_FIELDS
from tests.exports.board.kinds import kinds

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CLIP = Clip(
    "table-0", "a" * 64, "/films/a.mp4", 60, 90, 1920, 1080, Fraction(30000, 1001), split="val"
)
BARE = Card(CLIP, "/copies/a.mp4", Stage.INGESTED)
EVENTS = (
    TableEvent(Happening.COLLISION, 3, 4, (1, 2), 0.5),
    TableEvent(Happening.POT, 0, 10, (2,)),
    TableEvent(Happening.COLLISION, 7, 7, (1, 3)),
)
MEASURES = Measures(0.75, 4, 3, 1.5, 2, 1.25, ("jump", "gap"), EVENTS)
FULL = Card(
    CLIP,
    "/copies/a.mp4",
    Stage.ACCEPTED,
    revision=9,
    accepted=8,
    camera="hall 1",
    model="nano",
    annotator="ada",
    reviewer="bea",
    reason="too dark",
    since=NOW,
    accepted_at=NOW,
    rejections=2,
    actions=40,
    minutes=3,
    priority=True,
    page="http://page.test/ui/?clip=table-0",
    task="http://labels.test/projects/1/data?task=2",
    alike=("table-2", "table-1"),
    said="sent back to ada",
    measures=MEASURES,
    agreement=Agreement(7, 8, 0.5, {1: 0.5}, {1: 1}, (), {0: 0.5}),
)


def shown(card: Card) -> dict[str, Any]:
    return said(card, kinds())


def test_every_field_that_is_declared_is_written_but_for_those_that_masks_and_leads_write() -> None:
    declared = {one.path for one in CLIP_FIELDS if "." not in one.path}
    elsewhere = {n.CLASSES, n.HELD_MASKS, n.HELD_DRAWN, n.HELD_STILLS, n.BY, n.NOTE}
    for card in (BARE, FULL):
        assert shown(card).keys() == declared - elsewhere | {"filepath", "metadata"}


def test_all_that_a_card_says_is_there() -> None:
    found = shown(FULL)
    about = {key: value for key, value in found.items() if key not in {"metadata", n.EVENTS}}
    assert about == {
        "filepath": "/copies/a.mp4",
        "clip": "table-0",
        "stage": "accepted",
        "split": "val",
        "camera": "hall 1",
        "model": "nano",
        "annotator": "ada",
        "reviewer": "bea",
        "reason": "too dark",
        "since": NOW,
        "accepted_at": NOW,
        "seconds": CLIP.seconds,
        "frames_count": 90,
        "revision": 9,
        "accepted_revision": 8,
        "rejections": 2,
        "actions": 40,
        "minutes": 3.0,
        "priority": True,
        "page": "http://page.test/ui/?clip=table-0",
        "label_studio": "http://labels.test/projects/1/data?task=2",
        "alike": ["table-2", "table-1"],
        "said": "sent back to ada",
        "quality": 0.75,
        "balls": 4,
        "together": 3,
        "moving": 1.5,
        "doubts": 2,
        "severity": 1.25,
        "signs": ["jump", "gap"],
        "pots": 1,
        "cushions": 0,
        "collisions": 2,
        "j": 0.5,
        "engine_digest": digest(FULL),
        "engine_priority": True,
    }
    assert isinstance(found["minutes"], float)


def test_what_is_not_known_is_nothing_and_not_an_empty_text_or_a_zero() -> None:
    found = shown(BARE)
    empty = {key for key, value in found.items() if value is None}
    assert empty == {
        *("camera", "model", "annotator", "reviewer", "reason", "page", "label_studio", "said"),
        *("since", "accepted_at", "revision", "accepted_revision", "j", "events"),
        *("quality", "balls", "together", "moving", "doubts", "severity"),
        *("pots", "cushions", "collisions", "priority"),
    }
    assert (found["alike"], found["signs"]) == ([], [])


def test_the_film_is_described_so_that_nobody_has_to_look_into_it() -> None:
    assert shown(BARE)["metadata"] == {
        "_cls": "VideoMetadata",
        "mime_type": "video/mp4",
        "frame_width": 1920,
        "frame_height": 1080,
        "frame_rate": 30000 / 1001,
        "total_frame_count": 90,
        "duration": CLIP.seconds,
    }


def test_table_events_have_a_first_and_a_last_frame_counted_from_1() -> None:
    events = shown(FULL)["events"]["detections"]
    assert [(one["label"], one["support"]) for one in events] == [
        ("collision", [4, 4]),
        ("pot", [1, 10]),
        ("collision", [8, 8]),
    ]
    assert [(one["confidence"], one["tracks"]) for one in events] == [
        (0.5, [1, 2]),
        (1.0, [2]),
        (1.0, [1, 3]),
    ]


def test_a_film_has_a_whole_path_and_text_that_no_database_holds_is_made_readable() -> None:
    card = dataclasses.replace(BARE, film="copies/\udcff.mp4", reason="\udcff")
    found = shown(card)
    assert Path(found["filepath"]).is_absolute()
    assert all(value.encode() for value in (found["filepath"], found["reason"]))


def put(card: Card, *, told: bool) -> dict[str, Any]:
    return update(card, kinds(), dataset="the dataset", told=told, now=NOW)


def test_an_update_says_what_a_new_document_needs_and_touches_no_field_twice() -> None:
    found = put(BARE, told=False)
    assert found["$setOnInsert"] == {
        "_id": 1,
        "_dataset_id": "the dataset",
        "_media_type": "video",
        "_rand": found["$setOnInsert"]["_rand"],
        "created_at": NOW,
        "tags": [],
    }
    assert 0 <= found["$setOnInsert"]["_rand"] < 1
    assert found["$set"].keys() & found["$setOnInsert"].keys() == set()
    assert found["$set"]["last_modified_at"] == NOW


@pytest.mark.parametrize("told", [False, True])
def test_the_tag_of_priority_is_touched_only_where_the_card_says_otherwise_than_before(
    *, told: bool
) -> None:
    same = put(dataclasses.replace(BARE, priority=told), told=told)
    assert same.keys() == {"$set", "$setOnInsert"}
    other = put(dataclasses.replace(BARE, priority=not told), told=told)
    assert other["$pull" if told else "$addToSet"] == {"tags": "priority"}
    assert "tags" not in other["$setOnInsert"]
