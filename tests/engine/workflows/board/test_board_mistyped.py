"""A tag that looks like one that is acted on, and is none, is answered in words, and stays where somebody put it."""

import pytest

from engine.ports.board import Tag
from engine.stages import Stage
from engine.workflows.board.mistyped import looks_like
from tests.engine.workflows.board.room import brought


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("excluded", Tag.EXCLUDE),
        ("exlude", Tag.EXCLUDE),
        ("re-do", Tag.REDO),
        ("Redone", Tag.REDO),
        ("prio", Tag.PRIORITY),
        ("priorty ", Tag.PRIORITY),
    ],
)
def test_what_looks_like_a_tag_is_told_from_what_somebody_uses_for_themselves(typed, tag):
    assert looks_like(typed) is tag


@pytest.mark.parametrize("typed", ["red", "blurred", "nice shot", "read", "", " ", "pr", "train"])
def test_tags_of_somebodys_own_are_left_alone(typed):
    assert looks_like(typed) is None


def test_a_mistyped_tag_is_told_in_the_report_and_on_the_card_and_does_nothing():
    room = brought(Stage.SUBMITTED)
    before = room.db.catalog.events("game-0")
    room.board.scribble("game-0", "excluded", "blurred")
    (answer,) = room.sync().refused
    assert answer.said == "tag 'excluded' means nothing here, exclude does"
    assert room.board.cards["game-0"].said == answer.said
    assert room.db.catalog.events("game-0") == before
    assert room.board.held()["game-0"].others == ("blurred", "excluded")


def test_it_is_told_once_as_long_as_it_stands_and_again_when_it_comes_back():
    room = brought(Stage.SUBMITTED)
    room.board.scribble("game-0", "prio")
    assert len(room.sync().refused) == 1
    assert not room.sync().changed
    room.board.scribble("game-0")
    assert not room.sync().changed
    room.board.scribble("game-0", "prio")
    assert len(room.sync().refused) == 1


def test_capitals_and_spaces_do_not_make_another_tag():
    room = brought(Stage.SUBMITTED)
    room.board.scribble("game-0", " Redo ")
    (answer,) = room.sync().decided
    assert answer.tags == (Tag.REDO,)
    assert room.stage() == Stage.REJECTED
