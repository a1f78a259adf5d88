"""Turns what leads tagged into moves of clips, in their names, and says what became of it. Knows the catalog, no board.

Every tag is answered by the sync that sees it, and taken off with the answer; only where something failed does it stay, to be
tried again. A verdict is about the masks that the lead saw. When newer ones came in between it is refused, and the tag goes too:
left where it is it would strike, unseen, as soon as the new masks are on the board.

Nothing has to be remembered for that: a request whose clip stands where it leads is done, so that one that was interrupted
between its moves and the answer goes on from there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from engine.errors import EngineError
from engine.ports import Catalog, ClipStatus
from engine.ports.board import Held, Tag
from engine.ports.board_rules import REQUESTS, still_asked
from engine.stages import MOVES, Move, Stage
from engine.workflows.board.report import Answer


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about a tag: moves, one after the other, and what to say; ``done`` is what the engine then has."""

    moves: tuple[Move, ...]
    said: str
    done: bool


_NO_REDO: Final = {
    Stage.IN_CORRECTION: Plan((), "it is in correction", done=True),
    Stage.REJECTED: Plan((), "it is rejected and waits to be corrected", done=True),
    Stage.EXCLUDED: Plan((), "not done: it is excluded; reopen it first", done=False),
}
"""Stages in which there is nothing to reject, and what to say."""


def answered(
    catalog: Catalog,
    held: Mapping[str, Held],
    *,
    by: str,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[Answer, ...]:
    """Act on the tags of all clips that have any; one that fails stops no other.

    ``by`` is in whose name where a tag does not say who set it. Clips that the engine does not know are passed over.
    """
    statuses = {one.clip.id: one for one in catalog.clips()}
    asking = [id_ for id_, one in held.items() if id_ in statuses and _asks(one)]
    found: list[Answer] = []
    for place, id_ in enumerate(asking):
        progress(place, len(asking))
        found += _of_clip(catalog, statuses[id_], held[id_], by=held[id_].by.strip() or by)
    if asking:
        progress(len(asking), len(asking))
    return tuple(found)


def off(answer: Answer) -> tuple[Tag, ...]:
    """Return the tags that are taken off with an answer; that of priority stands as long as the clip has it."""
    if not answer.settled:
        return ()
    return tuple(tag for tag in answer.tags if tag in REQUESTS or not answer.done)


def redo(status: ClipStatus, *, shown: int | None) -> Plan:
    """Return what "correct it again" comes to, where the masks of revision ``shown`` were to be seen."""
    if status.stage in _NO_REDO:
        return _NO_REDO[status.stage]
    if status.head is None or status.stage is Stage.INGESTED:
        return Plan((), "not done: it waits to be drawn, there is nothing to correct", done=False)
    if shown != status.head:
        return _outdated(status, shown)
    if status.stage is Stage.ACCEPTED:
        return Plan((Move.REOPEN,), "reopened, to be corrected", done=True)
    return Plan((Move.REJECT,), "rejected, to be corrected", done=True)


def exclude(status: ClipStatus, *, shown: int | None) -> Plan:
    """Return what "leave it out" comes to; it may be about the footage, and be said where no masks were shown."""
    if status.stage is Stage.EXCLUDED:
        return Plan((), "it is excluded", done=True)
    if shown not in {None, status.head}:
        return _outdated(status, shown)
    first = (Move.REOPEN,) if status.stage is Stage.ACCEPTED else ()
    return Plan((*first, Move.EXCLUDE), "excluded", done=True)


def priority(status: ClipStatus, held: Held) -> Plan | None:
    """Return what to do about priority; None where the lead changed nothing, or the engine has it so already.

    Three say whether a clip has it: the tag, the engine, and the board when it was told last. A tag that is as the board was told
    was not touched, and the engine wins.
    """
    wanted = Tag.PRIORITY in held.tags
    if wanted in {held.priority, status.priority}:
        return None
    if not wanted:
        return Plan((Move.DEFER,), "taken off, it comes in its turn", done=True)
    if (status.stage, Move.PRIORITISE) not in MOVES:
        return Plan((), f"not done: it is {status.stage}", done=False)
    return Plan((Move.PRIORITISE,), "it comes first", done=True)


def _asks(held: Held) -> bool:
    """Say whether a clip's tags may ask for something."""
    return still_asked(held.tags) or (Tag.PRIORITY in held.tags) is not held.priority


def _of_clip(catalog: Catalog, status: ClipStatus, held: Held, *, by: str) -> list[Answer]:
    """Act on the tags of one clip: the request first, since it decides whether priority is of use."""
    found = []
    asked = tuple(tag for tag in (Tag.EXCLUDE, Tag.REDO) if tag in held.tags)
    if asked:
        decide = exclude if Tag.EXCLUDE in asked else redo
        plan = decide(status, shown=held.masks)
        if len(asked) > 1:
            plan = replace(plan, said=f"{plan.said}; {Tag.REDO} beside it falls away")
        found.append(_acted(catalog, status, plan, asked, by=by, note=held.note))
        status = catalog.clip(status.clip.id)
    wish = priority(status, held)
    if wish is not None:
        found.append(_acted(catalog, status, wish, (Tag.PRIORITY,), by=by, note=held.note))
    return found


def _acted(
    catalog: Catalog, status: ClipStatus, plan: Plan, tags: tuple[Tag, ...], *, by: str, note: str
) -> Answer:
    """Make the moves of a plan, for the revision that it was made for."""
    clip = status.clip.id
    lost = f" ({note})" if note and not plan.done else ""
    try:
        for move in plan.moves:
            catalog.move(clip, move, actor=by, revision=status.head, note=note)
    except EngineError as error:
        failed = f"{tags[0]} by {by}: failed and is tried again: {error}"
        return Answer(clip, tags, by, failed, done=False, settled=False)
    return Answer(clip, tags, by, f"{tags[0]} by {by}: {plan.said}{lost}", done=plan.done)


def _outdated(status: ClipStatus, shown: int | None) -> Plan:
    """Return what to say of a verdict on masks that are not the newest."""
    seen = "no masks were shown" if shown is None else f"the masks shown were those of {shown}"
    said = f"not done: {seen}, the newest are those of revision {status.head}; look, then tag again"
    return Plan((), said, done=False)
