"""When a card is another one, and what becomes of tags."""

import dataclasses
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports.board import Agreement, Card, Happening, Measures, TableEvent, Tag
from engine.ports.board_rules import digest, still_asked, tags_after
from engine.stages import Stage
from engine.types import Clip

CLIP = Clip("table-0", "a" * 64, "/films/a.mp4", 0, 80, 64, 48, Fraction(30000, 1001))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVENT = TableEvent(Happening.POT, 3, 9, (1, 8), 0.5)
MEASURES = Measures(0.9, 16, 15, 2.5, 3, 1.25, ("jump", "gap"), (EVENT,))
AGREEMENT = Agreement(1, 2, 0.5, {1: 0.5, 2: 0.25}, {1: 4}, (5,), {0: 0.5, 1: 0.75})
WHOLE = Card(
    CLIP,
    "/copies/a.mp4",
    Stage.ACCEPTED,
    7,
    7,
    "hall-1",
    "nano",
    "ada",
    "bea",
    "too dark",
    NOON,
    NOON,
    2,
    40,
    3.5,
    True,
    "http://page.test",
    "http://labels.test",
    ("table-1",),
    "corrected",
    MEASURES,
    AGREEMENT,
)
OTHERWISE = {
    "clip": dataclasses.replace(CLIP, split="val"),
    "film": "/copies/b.mp4",
    "stage": Stage.SUBMITTED,
    "revision": None,
    "accepted": 6,
    "since": NOON + timedelta(seconds=1),
    "accepted_at": None,
    "rejections": 3,
    "actions": 41,
    "minutes": 3.25,
    "priority": False,
    "alike": ("table-1", "table-2"),
    "measures": dataclasses.replace(MEASURES, events=()),
    "agreement": dataclasses.replace(AGREEMENT, by_track={1: 0.5, 2: 0.5}),
}


def test_equal_cards_have_one_digest() -> None:
    again = dataclasses.replace(WHOLE, measures=dataclasses.replace(MEASURES, events=(EVENT,)))
    assert digest(again) == digest(WHOLE)


@pytest.mark.parametrize(
    "field", [one.name for one in dataclasses.fields(Card) if one.name != "said"]
)
def test_whatever_a_card_says_otherwise_makes_another_digest(field: str) -> None:
    other = dataclasses.replace(WHOLE, **{field: OTHERWISE.get(field, "something else")})  # type: ignore[arg-type] # of Card
    assert digest(other) != digest(WHOLE)


def test_what_was_said_of_tags_makes_no_other_card() -> None:
    assert digest(dataclasses.replace(WHOLE, said="")) == digest(WHOLE)


def test_a_digest_is_the_same_in_every_process() -> None:
    code = "from tests.engine.ports.test_board_rules import WHOLE, digest; print(digest(WHOLE), end='')"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    told = subprocess.run([sys.executable, "-c", code], env=environment, stdout=-1, check=True)
    assert told.stdout.decode() == digest(WHOLE)


def test_one_moment_is_one_whatever_the_time_zone_and_a_mapping_whatever_its_order() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    turned = dataclasses.replace(AGREEMENT, by_track={2: 0.25, 1: 0.5})
    assert digest(dataclasses.replace(WHOLE, since=elsewhere, agreement=turned)) == digest(WHOLE)


@given(st.text(max_size=5), st.text(max_size=5))
def test_texts_are_told_apart_where_they_stand(reason: str, camera: str) -> None:
    one = dataclasses.replace(WHOLE, reason=reason, camera=camera)
    other = dataclasses.replace(WHOLE, reason=camera, camera=reason)
    assert (digest(one) == digest(other)) is (reason == camera)


TAGS = st.frozensets(st.sampled_from(Tag))


@given(tags=TAGS, priority=st.booleans())
def test_a_card_that_says_what_was_said_before_leaves_all_tags(
    *, tags: frozenset[Tag], priority: bool
) -> None:
    assert tags_after(tags, told=priority, priority=priority) == tags


@given(tags=TAGS, priority=st.booleans())
def test_a_card_that_says_otherwise_decides_about_priority_alone(
    *, tags: frozenset[Tag], priority: bool
) -> None:
    after = tags_after(tags, told=not priority, priority=priority)
    assert (Tag.PRIORITY in after) is priority
    assert after - {Tag.PRIORITY} == tags - {Tag.PRIORITY}


def test_priority_lasts_and_asks_for_nothing_more() -> None:
    assert still_asked({Tag.REDO})
    assert still_asked({Tag.EXCLUDE, Tag.PRIORITY})
    assert not still_asked({Tag.PRIORITY})
    assert not still_asked(())
