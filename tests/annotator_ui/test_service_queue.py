"""Which clip is next: what came back first, then what one has begun, then what is most doubtful; never what somebody works on."""

from collections.abc import Iterator
from typing import Any

import pytest

from annotator_ui.service_bare import Unprepared
from db.connect import Database
from engine.doubts import Doubt, Sign
from engine.stages import Move

from .conftest import OpenPage, Page


def _doubt(frame: int, severity: float) -> Doubt:
    return Doubt(frame, frame + 1, frame, 1, Sign.SHAPE, severity, "why")


DOUBTS = {1: (), 2: (_doubt(3, 0.5), _doubt(30, 0.5)), 3: (_doubt(3, 0.7),)}
"""By the first revision of clips "one", "two" and "three"."""


@pytest.fixture
def page(open_page: OpenPage) -> Iterator[Page]:
    with open_page(preparer=lambda *_: Unprepared(doubts=DOUBTS)) as opened:
        yield opened


def _next(page: Page, **query: Any) -> tuple[str | None, str]:
    found = page.ask("GET", "/next", params=query).json()
    return found["clip"], found["why"]


def test_of_what_was_drawn_the_most_doubtful_is_next(page: Page) -> None:
    assert _next(page) == ("two", "2 places to look at")
    assert _next(page, after="two") == ("three", "1 place to look at")


def test_what_somebody_works_on_is_not_offered_but_to_the_tab_itself(page: Page) -> None:
    page.clip = "two"
    page.take()
    assert _next(page)[0] == "three"
    assert _next(page, tab=page.tab)[0] == "two"


def test_ones_own_work_comes_before_what_is_new(page: Page, database: Database) -> None:
    database.catalog.move("one", Move.CORRECT, actor="bob")
    assert _next(page) == ("one", "begun and not submitted")
    database.catalog.move("three", Move.CORRECT, actor="ada")
    assert _next(page) == ("three", "you began it")


def test_what_a_lead_reopened_says_why(page: Page, database: Database) -> None:
    database.catalog.move("one", Move.ACCEPT, actor="eve")
    database.catalog.move("one", Move.REOPEN, actor="eve", note="the cue is half a ball")
    assert _next(page) == ("one", "reopened: the cue is half a ball")


def test_what_was_rejected_comes_first_with_the_reason(page: Page, database: Database) -> None:
    database.catalog.move("three", Move.CORRECT, actor="ada")
    database.catalog.move("one", Move.SUBMIT, actor="ada")
    database.catalog.move("one", Move.REJECT, actor="eve", note="the cue ball is lost")
    assert _next(page) == ("one", "rejected: the cue ball is lost")


def test_of_what_was_submitted_the_oldest_is_reviewed_first(page: Page, database: Database) -> None:
    assert _next(page, mode="review") == (None, "nothing waits for a verdict")
    for clip in ("three", "one"):
        database.catalog.move(clip, Move.SUBMIT, actor="ada")
    assert _next(page, mode="review") == ("three", "it has waited longest for a verdict")
    assert _next(page, mode="review", after="three")[0] == "one"


def test_when_all_is_done_it_says_where_more_comes_from(page: Page, database: Database) -> None:
    for clip in ("one", "two", "three"):
        database.catalog.move(clip, Move.ACCEPT, actor="eve")
    clip, why = _next(page)
    assert clip is None
    assert "engine preannotate" in why


def test_the_list_has_the_order_of_the_queue_and_says_how_each_clip_stands(
    page: Page, database: Database
) -> None:
    database.catalog.move("one", Move.SUBMIT, actor="ada")
    page.clip = "three"
    page.take()
    clips = page.ask("GET", "/clips", params={"tab": "another"}).json()
    assert [clip["id"] for clip in clips] == ["two", "three", "one"]
    assert [clip["visits"] for clip in clips] == [2, 1, 0]
    assert [clip["claim"] and clip["claim"]["user"] for clip in clips] == [None, "ada", None]
    assert clips[1]["claim"]["mine"] is False
    assert {clip["stage"] for clip in clips} == {"pre-annotated", "submitted"}
    shown = clips[0]
    assert (shown["frames"], shown["rate"], shown["head"]) == (40, [30, 1], 2)
    assert (shown["width"], shown["height"], shown["seconds"]) == (160, 90, 1.333)


def test_of_clips_at_one_stage_those_with_priority_come_first_and_it_says_so(
    page: Page, database: Database
) -> None:
    database.catalog.move("three", Move.PRIORITISE, actor="eve", note="for Friday")
    assert _next(page) == ("three", "priority: 1 place to look at")
    assert _next(page, after="three") == ("two", "2 places to look at")
    database.catalog.move("two", Move.PRIORITISE, actor="eve")
    assert _next(page) == ("two", "priority: 2 places to look at")
    for clip in ("two", "three"):
        database.catalog.move(clip, Move.DEFER, actor="eve")
    assert _next(page) == ("two", "2 places to look at")


def test_priority_is_among_clips_of_one_stage_and_no_stage_of_its_own(
    page: Page, database: Database
) -> None:
    database.catalog.move("one", Move.PRIORITISE, actor="eve")
    database.catalog.move("three", Move.CORRECT, actor="ada")
    assert _next(page) == ("three", "you began it")
    database.catalog.move("three", Move.SUBMIT, actor="ada")
    database.catalog.move("three", Move.REJECT, actor="eve", note="the cue ball is lost")
    database.catalog.move("three", Move.PRIORITISE, actor="eve")
    assert _next(page) == ("three", "priority: rejected: the cue ball is lost")


def test_a_clip_that_is_wanted_first_and_deferred_has_waited_as_long_as_before(
    page: Page, database: Database
) -> None:
    for clip in ("three", "one"):
        database.catalog.move(clip, Move.SUBMIT, actor="ada")
    for wish in (Move.PRIORITISE, Move.DEFER):
        database.catalog.move("three", wish, actor="eve")
    assert _next(page, mode="review") == ("three", "it has waited longest for a verdict")
    database.catalog.move("one", Move.PRIORITISE, actor="eve")
    said = "priority: it has waited longest for a verdict"
    assert _next(page, mode="review") == ("one", said)


def test_the_list_puts_priority_first_within_a_stage_and_marks_it(
    page: Page, database: Database
) -> None:
    database.catalog.move("one", Move.PRIORITISE, actor="eve")
    clips = page.ask("GET", "/clips").json()
    assert [(clip["id"], clip["priority"]) for clip in clips] == [
        ("one", True),
        ("two", False),
        ("three", False),
    ]


def test_what_was_looked_at_makes_a_clip_less_doubtful(page: Page) -> None:
    page.ask("POST", "/clips/two/look", json={"start": 0, "stop": 40})
    assert _next(page)[0] == "three"
