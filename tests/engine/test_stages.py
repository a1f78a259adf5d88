"""A clip moves only along the table."""

import pytest

from engine.errors import StageError
from engine.stages import MOVES, Move, Stage, after, allowed


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
    assert allowed(Stage.ACCEPTED) == (Move.REOPEN,)
