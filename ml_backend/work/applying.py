"""What somebody changed in Label Studio, as child revisions: edits first, then one spread of all that was drawn. Knows no server and no JSON.

Each step is stored with the delivery and its number, so that work that died goes on behind the last step that was stored, and none
is stored twice.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final

from engine.errors import InputError, StaleParent
from engine.ports import Delivery
from engine.propagate import Rule
from engine.propagate_edits import Edit
from engine.types import Revision
from engine.workflows.correct import Asked, Desk, Model, draw, edit_clip, keep
from ml_backend.work.base import DELIVERY, REGIONS, steps_of
from ml_backend.work.planning import Plan
from ml_backend.work.standing import earlier, held, standing

RULE: Final = Rule(edge=0.35)
"""When a spread has met again what was there, as on the correction page: half a pixel that somebody mends is wanted elsewhere too."""

GoOn = Callable[[], None]
"""Asked before every frame and every step; raises where the work is to end here."""


def carry_out(
    desk: Desk, delivery: Delivery, plan: Plan, *, model: Callable[[], Model], go_on: GoOn
) -> None:
    """Store the steps of a plan that were not stored yet, each as a child of the clip's newest revision.

    Raises:
        StaleParent: somebody else's revision came in between: plan anew, on that one; what was stored counts.
        StageError: the clip allows no correction.
        InputError: a step cannot be done on the masks that are there.
    """
    for number, act in enumerate(_steps(desk, delivery, plan, model, go_on)):
        go_on()
        line = desk.revisions.history(delivery.clip)
        done = steps_of(line, delivery)
        if max(done, default=-1) < number:
            _refuse_taken(plan, line, done)
            said = {DELIVERY: f"{delivery.id}/{number}"}
            act(line, said | ({REGIONS: json.dumps(dict(plan.drawn))} if plan.drawn else {}))


_Step = Callable[[Sequence[Revision], Mapping[str, str]], object]


def _steps(
    desk: Desk, delivery: Delivery, plan: Plan, model: Callable[[], Model], go_on: GoOn
) -> Iterator[_Step]:
    """Yield what stores each step of a plan, given the line of revisions and what to write of it."""
    for edit in plan.edits:
        yield partial(_edit, desk, delivery.clip, edit)
    if plan.prompts:
        yield partial(_spread, desk, delivery.clip, plan, model, go_on)


def _edit(
    desk: Desk, clip: str, edit: Edit, line: Sequence[Revision], said: Mapping[str, str]
) -> None:
    """Store an edit."""
    edit_clip(desk, clip, edit, parent=_head(line), names=MappingProxyType(said))


def _spread(
    desk: Desk,
    clip: str,
    plan: Plan,
    model: Callable[[], Model],
    go_on: GoOn,
    line: Sequence[Revision],
    said: Mapping[str, str],
) -> None:
    """Draw all prompts in one spread and store what came of it; nothing of it where the work ends before."""
    stands = standing(line)
    asked = Asked(
        clip,
        _head(line),
        plan.prompts,
        earlier=earlier(stands, plan.prompts),
        rule=RULE,
        labels=plan.labels,
        held=held(stands, plan.prompts, shown=plan.shown) | plan.held,
    )
    made = model()
    drawn = draw(
        desk.revisions, desk.catalog.clip(clip).clip, asked, made, stop=lambda: _never(go_on)
    )
    go_on()
    keep(desk, asked, drawn, names={**made.names, **said})


def _never(go_on: GoOn) -> bool:
    """Ask whether to go on, which ends all of the work; a part of it is never kept."""
    go_on()
    return False


def _head(line: Sequence[Revision]) -> int | None:
    return line[-1].id if line else None


def _refuse_taken(plan: Plan, line: Sequence[Revision], done: Mapping[int, Revision]) -> None:
    """Refuse to go on where somebody else added a track under the number of a new one of the plan.

    Raises:
        StaleParent: nothing was stored yet, so that a new plan takes other numbers.
        InputError: a part was stored under that number.
    """
    known = {made.id: {track.id for track in made.tracks} for made in line}
    ours: set[int] = set()
    for made in done.values():
        ours |= known[made.id] - known.get(made.parent or 0, set())
    taken = sorted((plan.labels.keys() & known.get(_head(line) or 0, set())) - ours)
    if taken and not done:
        raise StaleParent(f"track {taken[0]} was added meanwhile: number the new ones anew")
    if taken:
        raise InputError(
            f"track {taken[0]} was added by somebody else while this annotation was being stored: look at the "
            "newest prediction and draw what is missing there"
        )
