"""Priority is set and taken off on either side: whichever changed since the board was told last decides."""

from itertools import product

import pytest

from engine.ports import ClipStatus
from engine.ports.board import Held, Tag
from engine.stages import MOVES, Move, Stage
from engine.workflows.board.tags import priority
from tests.engine.workflows.board.room import Room, brought, last, tagged


def status(stage: Stage, *, head: int | None, priority: bool = False) -> ClipStatus:
    return ClipStatus(Room.clip("game-0", 0), stage, head, None, priority)


def test_a_lead_gives_priority_and_takes_it_away_by_the_tag():
    room = brought(Stage.PREANNOTATED)
    (given,) = tagged(room, Tag.PRIORITY, by="eve")
    assert (last(room).move, last(room).actor, given.done) == (Move.PRIORITISE, "eve", True)
    held = room.board.held()["game-0"]
    assert (held.priority, held.tags) == (True, {Tag.PRIORITY})
    room.board.take_off("game-0", Tag.PRIORITY)
    assert room.sync().decided
    assert last(room).move is Move.DEFER
    held = room.board.held()["game-0"]
    assert (held.priority, held.tags) == (False, frozenset())


def test_priority_given_and_taken_in_the_engine_sets_and_takes_off_the_tag():
    room = brought(Stage.PREANNOTATED)
    for move, tags in ((Move.PRIORITISE, {Tag.PRIORITY}), (Move.DEFER, set())):
        room.move("game-0", move)
        report = room.sync()
        assert not report.decided
        assert room.board.held()["game-0"].tags == tags
    assert [event.actor for event in room.db.catalog.events("game-0")[-2:]] == ["ada", "ada"]


def test_priority_of_a_clip_that_is_accepted_is_refused_and_the_tag_goes():
    room = brought(Stage.ACCEPTED)
    (answer,) = tagged(room, Tag.PRIORITY)
    assert "accepted" in answer.said
    assert room.board.held()["game-0"].tags == frozenset()
    assert not room.sync().refused


def test_redo_and_priority_together_are_both_heard():
    room = brought(Stage.ACCEPTED)
    answers = tagged(room, Tag.REDO, Tag.PRIORITY, by="eve")
    assert [answer.done for answer in answers] == [True, True]
    assert (room.stage(), room.db.catalog.clip("game-0").priority) == (Stage.IN_CORRECTION, True)
    assert room.board.held()["game-0"].tags == {Tag.PRIORITY}
    assert all(answer.said in room.board.cards["game-0"].said for answer in answers)


@pytest.mark.parametrize(
    ("stage", "tag", "told", "has"), list(product(Stage, *(3 * [(False, True)]))), ids=str
)
def test_of_tag_and_engine_the_one_that_changed_since_the_board_was_told_decides(
    stage, tag, told, has
):
    held = Held("", tags=frozenset({Tag.PRIORITY} if tag else ()), priority=told)
    plan = priority(status(stage, head=7, priority=has), held)
    decided_by_lead = tag is not told and has is told
    assert (plan is not None) is decided_by_lead
    if plan is not None:
        assert all((stage, move) in MOVES for move in plan.moves)
        assert plan.done is bool(plan.moves)
