"""What an annotation is compared with to tell what its author changed. Knows deliveries and stored predictions, no comparison.

An annotation that was acted on before is compared with itself as it was then; another one with the prediction that it was made
of, as the ids of its regions say; one drawn from nothing with nothing, so that what it lacks is not taken for deleted.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from engine.errors import InputError, SelectionError
from engine.ports import Bridge, Delivery, RevisionStore, State
from engine.types import Kind, Revision
from ml_backend.boxes.regions import revision_of

Result: TypeAlias = Sequence[Mapping[str, Any]]
Shown: TypeAlias = Callable[[Revision], Result]
"""Returns the prediction of a revision, made anew where it was lost."""

DELIVERY: Final = "delivery"
"""The entry of a provenance that names the delivery and the step that a revision came of, as ``12/0``."""

REGIONS: Final = "regions"
"""The entry of a provenance that names the tracks that people's own regions became, as JSON by the regions' ids."""


@dataclass(frozen=True, slots=True)
class Base:
    """What was there before: the regions, and the tracks that regions of people's own became.

    ``revision`` is the youngest one that was shown; None where nothing was.
    """

    result: Result = ()
    known: Mapping[str, int] = field(default_factory=dict)
    revision: int | None = None


def base_of(bridge: Bridge, revisions: RevisionStore, delivery: Delivery, *, shown: Shown) -> Base:
    """Return what a delivery is to be compared with.

    Raises:
        InputError: what it holds is no annotation, or one of tracks that are there no more.
    """
    line = revisions.history(delivery.clip)
    before = _before(bridge, delivery)
    named = revision_of(result_of(delivery))
    if before is not None:
        last = max((number for number in (named, before.after) if number), default=None)
        found = Base(result_of(before), _regions(line), last)
    elif named is not None:
        found = Base(shown(_named(line, named, delivery)), _regions(line), named)
    else:
        found = Base(known=_regions(line))
    _refuse_outdated(line, found)
    return found


def result_of(delivery: Delivery) -> Result:
    """Return the regions of what was delivered.

    Raises:
        InputError: there are none.
    """
    result = delivery.body.get("result")
    if not isinstance(result, list):
        raise InputError(
            f"delivery {delivery.id}: expected an annotation with a list of regions, got {str(result)[:80]!r}; "
            "update the annotation in Label Studio"
        )
    return result


def steps_of(line: Sequence[Revision], delivery: Delivery) -> Mapping[int, Revision]:
    """Return the revisions that came of a delivery, by the numbers of its steps."""
    found: dict[int, Revision] = {}
    for made in line:
        number, _, step = made.provenance.get(DELIVERY, "").partition("/")
        if number == str(delivery.id) and step.isdecimal():
            found[int(step)] = made
    return found


def made_by(bridge: Bridge, delivery: Delivery, line: Sequence[Revision]) -> frozenset[int]:
    """Return the revisions of a line that came of deliveries of the same annotation."""
    every = bridge.deliveries(delivery.clip, number=delivery.number, project=delivery.project)
    same = {str(one.id) for one in every if one.task == delivery.task}
    numbers = ((made.id, made.provenance.get(DELIVERY, "").partition("/")[0]) for made in line)
    return frozenset(id_ for id_, number in numbers if number in same)


def _before(bridge: Bridge, delivery: Delivery) -> Delivery | None:
    """Return the newest delivery of the same annotation that was acted on."""
    same = bridge.deliveries(delivery.clip, number=delivery.number, project=delivery.project)
    done = [one for one in same if one.state is State.DONE and one.id != delivery.id]
    return done[-1] if done else None


def _named(line: Sequence[Revision], number: int, delivery: Delivery) -> Revision:
    """Return the revision that an annotation was made of."""
    for made in line:
        if made.id == number:
            return made
    raise SelectionError(
        f"the annotation shows revision {number}, which clip {delivery.clip} does not have: open the task "
        "again and repeat the change on its prediction"
    )


def _drawn_anew(line: Sequence[Revision]) -> int:
    """Return the place in the line of the revision that models drew last; 0 where they drew none."""
    return max((place for place, made in enumerate(line) if made.kind is Kind.AUTO), default=0)


def _regions(line: Sequence[Revision]) -> dict[str, int]:
    """Return the tracks that people's own regions became, since models drew the clip last."""
    found: dict[str, int] = {}
    for made in line[_drawn_anew(line) :]:
        found |= json.loads(made.provenance.get(REGIONS, "{}"))
    return found


def _refuse_outdated(line: Sequence[Revision], base: Base) -> None:
    """Raise InputError where the tracks were numbered anew since they were shown."""
    youngest = line[_drawn_anew(line)] if line else None
    if youngest is None or base.revision is None or base.revision >= youngest.id:
        return
    raise InputError(
        f"the annotation shows revision {base.revision}; since then the clip was drawn anew (revision {youngest.id}), "
        "and its tracks are others: open the task again and repeat the change on the new prediction"
    )
