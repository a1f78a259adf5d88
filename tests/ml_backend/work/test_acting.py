"""Verdicts as moves: from every stage, once for each delivery, and never over what others decided since."""

from itertools import accumulate

import pytest

from engine.errors import StageError
from engine.ports import State
from engine.stages import Move, Stage, after
from ml_backend.work.acting import GOALS, decide, made_for, moves, was_taken

REFUSED = {
    (Stage.INGESTED, Stage.SUBMITTED): "preannotate",
    (Stage.INGESTED, Stage.ACCEPTED): "preannotate",
    (Stage.INGESTED, Stage.REJECTED): "preannotate",
    (Stage.ACCEPTED, Stage.EXCLUDED): "reopen",
    (Stage.EXCLUDED, Stage.SUBMITTED): "reopen",
    (Stage.EXCLUDED, Stage.ACCEPTED): "reopen",
    (Stage.EXCLUDED, Stage.REJECTED): "reopen",
}
WAYS = [(stage, goal) for stage in Stage for goal in sorted(set(GOALS.values()))]


@pytest.mark.parametrize(("stage", "goal"), [way for way in WAYS if way not in REFUSED])
def test_moves_lead_from_a_stage_to_the_goal_or_stay_where_it_is_further_on(stage, goal):
    now = stage
    for move in moves(stage, goal):
        now = after(now, move)
    assert now is goal or (stage, goal) == (Stage.ACCEPTED, Stage.SUBMITTED)


@pytest.mark.parametrize(("stage", "goal"), REFUSED)
def test_where_no_moves_lead_the_refusal_names_the_next_step(stage, goal):
    with pytest.raises(StageError, match=REFUSED[stage, goal]):
        moves(stage, goal)


@pytest.mark.parametrize(("stage", "goal"), [way for way in WAYS if way not in REFUSED])
def test_a_goal_is_reached_once_so_that_its_event_says_that_all_was_done(stage, goal):
    passed = list(accumulate(moves(stage, goal), after, initial=stage))
    assert goal not in passed[1:-1]


@pytest.mark.parametrize(
    ("verdict", "stage"),
    [
        (None, Stage.SUBMITTED),
        ("accepted", Stage.ACCEPTED),
        ("needs work", Stage.REJECTED),
        ("exclude", Stage.EXCLUDED),
    ],
)
def test_each_verdict_takes_the_clip_to_its_stage_in_the_annotators_name(world, verdict, stage):
    world.save(world.shown(), verdict=verdict, note="balls 3 and 4 change places")
    world.step()
    last = world.books.catalog.events("scene")[-1]
    assert (world.stage, last.actor) == (stage, "ann@example.test")
    assert last.note == "balls 3 and 4 change places (Label Studio, delivery 1)"


def test_a_star_counts_as_accepted_and_a_verdict_beside_it_counts_more(world):
    world.save(world.shown(), ground_truth=True)
    world.step()
    assert world.stage is Stage.ACCEPTED
    world.save(world.shown(), ground_truth=True, verdict="needs work")
    world.step()
    assert world.stage is Stage.REJECTED


def test_the_accepted_revision_is_the_one_with_the_annotators_own_changes(world, hands):
    world.save(hands.without(world.shown(), 2), verdict="accepted")
    world.step()
    assert world.books.catalog.clip("scene").accepted == world.head.id
    assert world.head.provenance["delivery"].startswith("1/")


def test_an_accepted_clip_that_needs_work_after_all_is_reopened(world):
    world.save(world.shown(), verdict="accepted")
    world.step()
    world.save(world.shown(), verdict="needs work", note="look at frame 12")
    world.step()
    said = [(str(e.move), e.note) for e in world.books.catalog.events("scene")][-3:]
    assert [move for move, _ in said] == ["reopen", "submit", "reject"]
    assert said[-1][1].startswith("look at frame 12")


def test_a_verdict_that_the_stage_does_not_allow_is_refused_and_says_why(world):
    world.save(world.shown(), verdict="exclude")
    world.step()
    late = world.save(world.shown(), verdict="accepted", number=2)
    world.step()
    assert world.stage is Stage.EXCLUDED
    assert world.settled(late).state is State.FAILED
    assert "reopen it first" in world.settled(late).note


def test_a_verdict_is_not_carried_out_again_over_what_others_decided_since(world):
    delivery = world.save(world.shown())
    decide(world.books.catalog, delivery, None)
    world.books.catalog.move("scene", Move.REJECT, actor="rae", note="no")
    assert decide(world.books.catalog, delivery, None).stage is Stage.REJECTED
    events = world.books.catalog.events("scene")
    assert was_taken(events, delivery, Stage.SUBMITTED)
    assert [made_for(event, delivery) for event in events] == [False, True, False]


def test_moves_of_one_delivery_are_not_taken_for_those_of_another(world):
    first = world.save(world.shown())
    decide(world.books.catalog, first, "needs work", note="see Label Studio, delivery 11")
    event = world.books.catalog.events("scene")[-1]
    other = [world.save(world.shown(), number=n) for n in range(2, 12)][-1]
    assert other.id == 11
    assert made_for(event, first)
    assert not made_for(event, other)
