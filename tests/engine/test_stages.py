"""A clip moves only along the table."""

import pytest

from engine.errors import StageError
from engine.stages import MOVES, WISHES, Move, Stage, after, allowed, priority_after


@pytest.mark.parametrize(("stage", "move"), MOVES)
def test_every_move_of_the_table_is_possible(stage: Stage, move: Move) -> None:
    assert after(stage, move) is MOVES[stage, move]
    assert move in allowed(stage)


@pytest.mark.parametrize(
    ("stage", "move"), [(s, m) for s in Stage for m in Move if (s, m) not in MOVES]
)
def test_every_other_move_is_refused_with_the_choices(stage: Stage, move: Move) -> None:
    with pytest.raises(StageError, match=f"cannot {move} a clip that is {stage}; possible now: "):
        after(stage, move)


def test_who_is_refused_is_not_advised_to_defer() -> None:
    with pytest.raises(StageError, match=r"accepted; possible now: reopen$"):
        after(Stage.ACCEPTED, Move.PRIORITISE)


def test_no_stage_is_a_dead_end() -> None:
    assert all(allowed(stage) for stage in Stage)


def test_every_stage_can_be_reached_from_the_first() -> None:
    reached = {Stage.INGESTED}
    for _ in Stage:
        reached |= {after(stage, move) for stage in reached for move in allowed(stage)}
    assert reached == set(Stage)


def test_who_takes_a_clip_back_that_was_handed_in_rejects_nothing() -> None:
    assert after(Stage.SUBMITTED, Move.REOPEN) is Stage.IN_CORRECTION


def test_accepted_masks_are_never_overwritten_without_reopening() -> None:
    assert set(allowed(Stage.ACCEPTED)) - set(WISHES) == {Move.REOPEN}


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("wish", WISHES)
def test_a_wish_leaves_a_clip_where_it_is(stage: Stage, wish: Move) -> None:
    assert MOVES.get((stage, wish), stage) is stage


def test_only_what_waits_for_somebody_can_be_wanted_first_and_everything_can_be_deferred() -> None:
    waits = {stage for stage in Stage if Move.PRIORITISE in allowed(stage)}
    assert waits == set(Stage) - {Stage.ACCEPTED, Stage.EXCLUDED}
    assert all(Move.DEFER in allowed(stage) for stage in Stage)


@pytest.mark.parametrize("priority", [False, True])
@pytest.mark.parametrize("move", [move for move in Move if move not in WISHES])
def test_priority_outlasts_every_other_move(move: Move, *, priority: bool) -> None:
    assert priority_after(move, priority=priority) is priority


def test_priority_is_given_once_and_taken_back_once() -> None:
    assert priority_after(Move.PRIORITISE, priority=False) is True
    assert priority_after(Move.DEFER, priority=True) is False
    with pytest.raises(StageError, match="cannot prioritise a clip that has priority already"):
        priority_after(Move.PRIORITISE, priority=True)
    with pytest.raises(StageError, match="cannot defer a clip that has no priority"):
        priority_after(Move.DEFER, priority=False)
