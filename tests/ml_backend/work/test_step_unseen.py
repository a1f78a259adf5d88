"""A clip is accepted as its judge saw it: what others changed since the judge's regions were shown has to be looked at first."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import StaleParent
from engine.ports import State, TaskKind
from engine.stages import Move, Stage
from ml_backend.work.acting import decide

UNSEEN = "changed the clip since; look at the newest prediction"


def _not_accepted(world, delivery, who):
    """Say whether a delivery was acted on, but for its verdict, because of what somebody did."""
    settled = world.settled(delivery)
    assert f"not accepted: {who} {UNSEEN}" in settled.note
    return settled.state is State.DONE and world.stage is Stage.SUBMITTED


def test_what_the_page_changed_after_the_annotation_was_opened_is_not_accepted(world):
    opened = world.shown()
    world.brush_on_page(2, 7)
    late = datetime.now(UTC) + timedelta(minutes=5)
    delivery = world.save(opened, verdict="accepted", at=late)
    world.step()
    assert _not_accepted(world, delivery, "bob")


def test_what_the_page_changed_while_the_verdict_waited_is_not_accepted(world):
    delivery = world.save(world.shown(), verdict="accepted")
    world.brush_on_page(2, 7)
    world.step()
    assert _not_accepted(world, delivery, "bob")


@pytest.mark.parametrize("star", [False, True])
def test_an_old_annotation_accepts_nothing_that_came_of_another(world, hands, star):
    old = world.shown()
    world.save(old)
    world.step()
    world.save(hands.without(world.shown(), 3), number=2, author="eve")
    world.step()
    verdict = None if star else "accepted"
    delivery = world.save(old, verdict=verdict, ground_truth=star)
    world.step()
    assert _not_accepted(world, delivery, "eve")


def test_an_annotation_of_key_frames_is_another_one_than_that_of_the_clip(world, hands):
    old = world.shown(TaskKind.FRAMES)
    world.save(hands.without(world.shown(), 3), author="eve")
    world.step()
    delivery = world.save(old, verdict="accepted", kind=TaskKind.FRAMES)
    world.step()
    assert _not_accepted(world, delivery, "eve")


def test_own_changes_are_accepted_with_the_verdict_and_by_one_that_comes_later(world, hands):
    opened = world.shown()
    changed = hands.without(opened, 2)
    world.save(changed, verdict="accepted")
    world.step()
    assert world.stage is Stage.ACCEPTED
    world.books.catalog.move("scene", Move.REOPEN, actor="rae")
    world.save(hands.without(changed, 3))
    world.step()
    assert world.stage is Stage.SUBMITTED
    world.save(hands.without(changed, 3), verdict="accepted")
    world.step()
    assert world.stage is Stage.ACCEPTED


def test_own_changes_do_not_hide_those_of_others_before_them(world, hands):
    opened = world.shown()
    world.brush_on_page(2, 7)
    delivery = world.save(hands.without(opened, 3), verdict="accepted")
    world.step()
    assert _not_accepted(world, delivery, "bob")


def test_a_copy_of_the_newest_prediction_is_accepted_whoever_changed_the_clip_before(world, hands):
    opened = world.shown()
    world.brush_on_page(2, 7)
    world.save(hands.without(opened, 3), verdict="accepted")
    world.step()
    world.save(world.shown(), verdict="accepted", number=2)
    world.step()
    assert world.stage is Stage.ACCEPTED
    assert world.books.catalog.clip("scene").accepted == world.head.id


def test_a_verdict_without_any_region_of_ours_is_about_what_was_there_at_its_time(world):
    now = datetime.now(UTC)
    before = world.save([], verdict="accepted", at=now, number=1)
    after = world.save([], verdict="accepted", at=now + timedelta(hours=1), number=2)
    world.brush_on_page(2, 7)
    world.step()
    assert "not accepted: bob" in world.settled(before).note
    assert world.settled(after).note == ""
    assert world.stage is Stage.ACCEPTED


def test_a_change_between_the_look_and_the_verdict_is_not_accepted_with_it(world):
    delivery, seen = world.save(world.shown(), verdict="accepted"), world.head.id
    world.brush_on_page(2, 7)
    with pytest.raises(StaleParent):
        decide(world.books.catalog, delivery, "accepted", judged=seen)
    assert world.stage is not Stage.ACCEPTED


def test_a_verdict_on_what_is_accepted_already_changes_nothing_and_asks_nobody_to_look(world):
    opened = world.shown()
    world.brush_on_page(2, 7)
    world.save(world.shown(), verdict="accepted", number=2)
    world.step()
    late = world.save(opened, verdict="accepted")
    world.step()
    assert (world.settled(late).note, world.stage) == ("", Stage.ACCEPTED)


def test_work_that_died_after_it_accepted_says_nothing_over_what_others_did_since(world):
    world.books.catalog.move("scene", Move.SUBMIT, actor="ann")
    delivery = world.save(world.shown(), verdict="accepted")
    decide(world.books.catalog, delivery, "accepted", judged=world.head.id)
    world.books.catalog.move("scene", Move.REOPEN, actor="rae")
    world.brush_on_page(2, 7)
    world.step()
    assert (world.settled(delivery).note, world.stage) == ("", Stage.IN_CORRECTION)
