"""What somebody decided about a clip in Label Studio, as moves of the engine. Knows stages and verdicts, no masks and no server.

Each move is written with the delivery that it came of, so that after a crash none is made twice, and none over what others
decided since.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.errors import StageError
from engine.ports import Catalog, ClipStatus, Delivery, Event
from engine.stages import Move, Stage
from ml_backend.names import ACCEPTED, EXCLUDED, NEEDS_WORK

_LONGEST = 1000

GOALS: Final[Mapping[str | None, Stage]] = {
    None: Stage.SUBMITTED,
    ACCEPTED: Stage.ACCEPTED,
    NEEDS_WORK: Stage.REJECTED,
    EXCLUDED: Stage.EXCLUDED,
}
"""Where a clip is to stand after each verdict; without one it is handed in."""

_SUBMITTED: Final[Mapping[Stage, tuple[Move, ...]]] = {
    Stage.PREANNOTATED: (Move.SUBMIT,),
    Stage.IN_CORRECTION: (Move.SUBMIT,),
    Stage.REJECTED: (Move.CORRECT, Move.SUBMIT),
    Stage.SUBMITTED: (),
}


def moves(stage: Stage, goal: Stage) -> tuple[Move, ...]:
    """Return the moves that lead a clip from a stage to a goal; none where it stands there, or further on.

    Raises:
        StageError: none do.
    """
    if stage is goal or (stage, goal) == (Stage.ACCEPTED, Stage.SUBMITTED):
        return ()
    if goal is Stage.EXCLUDED and stage is not Stage.ACCEPTED:
        return (Move.EXCLUDE,)
    if stage is Stage.ACCEPTED and goal is Stage.REJECTED:
        return (Move.REOPEN, Move.SUBMIT, Move.REJECT)
    if stage not in _SUBMITTED or goal is Stage.EXCLUDED:
        raise StageError(_refusal(stage, goal))
    last = {Stage.ACCEPTED: (Move.ACCEPT,), Stage.REJECTED: (Move.REJECT,)}.get(goal, ())
    return (*_SUBMITTED[stage], *last)


def mark(delivery: Delivery) -> str:
    """Return what the note of a move says of the delivery that it came of."""
    return f"Label Studio, delivery {delivery.id}"


def decide(
    catalog: Catalog,
    delivery: Delivery,
    verdict: str | None,
    *,
    note: str = "",
    judged: int | None = None,
) -> ClipStatus:
    """Take a clip to where a verdict wants it; return how it stands then.

    ``note`` is what the person wrote, ``judged`` the revision that may be accepted, where it matters which. A clip that was taken there before for this delivery stays as it is, whatever became of
    it since.

    Raises:
        StageError: the clip cannot be taken there from where it is; what was done before in its name stands.
        StaleParent: the clip was to be accepted, and is not ``judged`` any more.
    """
    goal = GOALS[verdict]
    while not was_taken(catalog.events(delivery.clip), delivery, goal):
        status = catalog.clip(delivery.clip)
        ahead = moves(status.stage, goal)
        if not ahead:
            return status
        said = (
            f"{note[:_LONGEST]} ({mark(delivery)})" if note and len(ahead) == 1 else mark(delivery)
        )
        _move(catalog, delivery, ahead[0], said, before=status.stage, judged=judged)
    return catalog.clip(delivery.clip)


def open_for_edits(catalog: Catalog, delivery: Delivery, verdict: str | None) -> None:
    """Take a clip back that was handed in, or accepted and needs work, so that it can be corrected; one that can be is left alone.

    Raises:
        StageError: the clip is accepted, and no verdict says that it needs work, or excluded; the message says how to go on.
    """
    stage = catalog.clip(delivery.clip).stage
    if stage is Stage.SUBMITTED or (stage is Stage.ACCEPTED and verdict == NEEDS_WORK):
        _move(catalog, delivery, Move.REOPEN, _taken_back(delivery), before=stage)
    elif stage in (Stage.ACCEPTED, Stage.EXCLUDED):
        raise StageError(_locked(delivery.clip, stage))


def was_taken_back(events: Sequence[Event], delivery: Delivery) -> bool:
    """Say whether a clip was taken back for the edits of a delivery."""
    return any(event.note == _taken_back(delivery) for event in events)


def was_taken(events: Sequence[Event], delivery: Delivery, goal: Stage) -> bool:
    """Say whether a clip was taken to a goal for a delivery."""
    return any(event.stage is goal and made_for(event, delivery) for event in events)


def made_for(event: Event, delivery: Delivery) -> bool:
    """Say whether a move was made for a delivery."""
    return event.note == mark(delivery) or event.note.endswith(f" ({mark(delivery)})")


def _move(
    catalog: Catalog,
    delivery: Delivery,
    move: Move,
    note: str,
    *,
    before: Stage,
    judged: int | None = None,
) -> None:
    """Make a move; where somebody else moved the clip meanwhile the caller looks again."""
    revision = judged if move is Move.ACCEPT else None
    try:
        catalog.move(delivery.clip, move, actor=delivery.author, revision=revision, note=note)
    except StageError:
        if catalog.clip(delivery.clip).stage is before:
            raise


def _taken_back(delivery: Delivery) -> str:
    """Return the note of taking a clip back; by ``made_for`` it does not count, as the edits are still to come."""
    return f"taken back to be changed: {mark(delivery)}"


def _locked(clip: str, stage: Stage) -> str:
    """Say why the masks of a clip are not changed, and what to do so that they are."""
    if stage is Stage.ACCEPTED:
        how = (
            f"choose {NEEDS_WORK!r} beside your changes and press Update, or have it reopened "
            f"(`engine accept --reopen {clip}`) and repeat them on the newest prediction"
        )
    else:
        how = (
            f"have it taken back (`engine accept --reopen {clip}`) and repeat your changes on the "
            "newest prediction"
        )
    return f"clip {clip} is {stage}: its masks were not changed; {how}"


def _refusal(stage: Stage, goal: Stage) -> str:
    """Say why no moves lead there, and what does."""
    if stage is Stage.INGESTED:
        return f"cannot make the clip {goal}: it has no masks; draw a ball, or run `engine preannotate` on it"
    return f"cannot make a clip that is {stage} {goal}: reopen it first (`engine accept --reopen`)"
