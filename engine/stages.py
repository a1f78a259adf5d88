"""Where a clip stands on its way to the dataset: one table of allowed moves. Knows nothing of storage."""

from enum import StrEnum
from typing import Final

from engine.errors import StageError


class Stage(StrEnum):
    """The stages of a clip, in the order of the happy path."""

    INGESTED = "ingested"
    PREANNOTATED = "pre-annotated"
    IN_CORRECTION = "in correction"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXCLUDED = "excluded"


class Move(StrEnum):
    """What can happen to a clip."""

    PREANNOTATE = "preannotate"
    CORRECT = "correct"
    SUBMIT = "submit"
    ACCEPT = "accept"
    REJECT = "reject"
    EXCLUDE = "exclude"
    REOPEN = "reopen"
    PRIORITISE = "prioritise"
    DEFER = "defer"


WISHES: Final = (Move.PRIORITISE, Move.DEFER)
"""Moves that say when a clip is wanted, first or in its turn; it stays where it is."""

MOVES: dict[tuple[Stage, Move], Stage] = {
    (Stage.INGESTED, Move.PREANNOTATE): Stage.PREANNOTATED,
    (Stage.PREANNOTATED, Move.PREANNOTATE): Stage.PREANNOTATED,
    (Stage.REJECTED, Move.PREANNOTATE): Stage.PREANNOTATED,
    (Stage.INGESTED, Move.CORRECT): Stage.IN_CORRECTION,
    (Stage.PREANNOTATED, Move.CORRECT): Stage.IN_CORRECTION,
    (Stage.IN_CORRECTION, Move.CORRECT): Stage.IN_CORRECTION,
    (Stage.REJECTED, Move.CORRECT): Stage.IN_CORRECTION,
    (Stage.PREANNOTATED, Move.SUBMIT): Stage.SUBMITTED,
    (Stage.IN_CORRECTION, Move.SUBMIT): Stage.SUBMITTED,
    (Stage.PREANNOTATED, Move.ACCEPT): Stage.ACCEPTED,
    (Stage.SUBMITTED, Move.ACCEPT): Stage.ACCEPTED,
    (Stage.PREANNOTATED, Move.REJECT): Stage.REJECTED,
    (Stage.SUBMITTED, Move.REJECT): Stage.REJECTED,
    (Stage.SUBMITTED, Move.REOPEN): Stage.IN_CORRECTION,
    (Stage.ACCEPTED, Move.REOPEN): Stage.IN_CORRECTION,
    (Stage.EXCLUDED, Move.REOPEN): Stage.INGESTED,
    **{
        (stage, Move.EXCLUDE): Stage.EXCLUDED
        for stage in Stage
        if stage not in (Stage.EXCLUDED, Stage.ACCEPTED)
    },
    **{
        (stage, Move.PRIORITISE): stage
        for stage in Stage
        if stage not in (Stage.EXCLUDED, Stage.ACCEPTED)
    },
    **{(stage, Move.DEFER): stage for stage in Stage},
}


def allowed(stage: Stage) -> tuple[Move, ...]:
    """Return the moves that are possible from ``stage``."""
    return tuple(move for (origin, move) in MOVES if origin is stage)


def after(stage: Stage, move: Move) -> Stage:
    """Return the stage that ``move`` leads to.

    Raises:
        StageError: the table holds no such move; the message lists those that it holds, but for ``DEFER``: it is of use to nobody
            who was refused something else, and of none to a clip without priority.
    """
    try:
        return MOVES[stage, move]
    except KeyError:
        choices = ", ".join(one for one in allowed(stage) if one is not Move.DEFER)
        raise StageError(f"cannot {move} a clip that is {stage}; possible now: {choices}") from None


def priority_after(move: Move, *, priority: bool) -> bool:
    """Return whether a clip has priority after ``move``, which it had before or not. Only wishes change it: it outlasts verdicts.

    Raises:
        StageError: it is to be given to a clip that has it, or taken from one that has not.
    """
    if move not in WISHES:
        return priority
    wanted = move is Move.PRIORITISE
    if wanted is priority:
        has = "has priority already" if priority else "has no priority"
        raise StageError(f"cannot {move} a clip that {has}: nothing is left to do")
    return wanted
