"""Decisions of leads as tags on clips: what can be asked for, and how it is written down. Knows FiftyOne's datasets, not its app.

A clip holds one name and one note, until the next sync: what somebody asked for waits until then for nobody else's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

DECISIONS: Final = {
    "redo": "Redo: send it back to be corrected again",
    "exclude": "Exclude: leave it out of the dataset",
    "priority": "Priority: to be taken first",
    "defer": "No longer priority",
    "nothing": "Take redo and exclude back, where they were not acted on yet",
}
"""What can be asked for, in words."""

VERDICTS: Final = ("redo", "exclude")
"""Tags of which a clip has one at most; people have to say why."""

_OFF: Final = {"defer": ["priority"], "nothing": list(VERDICTS)}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What stands on a clip: its tags, the priority that the engine told, and who said what with the tags."""

    sample: str
    clip: str
    tags: frozenset[str]
    told: bool
    by: str
    note: str


def decide(
    dataset: Any, samples: Sequence[str], decision: str, *, by: str, note: str
) -> dict[str, str]:
    """Tag samples with what is asked for, who asks and why; return those left alone: by clip, whose decision waits there.

    What was said comes first, so that no tag is ever without it.
    """
    found = _asked(dataset, samples)
    others = {one.clip: one.by for one in found if _waiting(one, one.tags) and one.by != by}
    ours = [one for one in found if one.clip not in others]
    if ours:
        said = [_said(one, decision, by, note) for one in ours]
        view = dataset.select([one.sample for one in ours], ordered=True)
        view.set_values("engine_by", [name for name, _ in said])
        view.set_values("engine_note", [why for _, why in said])
        _tag(view, decision)
    return others


def _asked(dataset: Any, samples: Sequence[str]) -> list[_Asked]:
    """Return what stands on clips now."""
    names = ("id", "clip", "tags", "engine_priority", "engine_by", "engine_note")
    rows = zip(*dataset.select(samples).values(list(names)), strict=True)
    return [
        _Asked(sample, clip, frozenset(tags or ()), bool(told), by or "", note or "")
        for sample, clip, tags, told, by, note in rows
    ]


def _waiting(one: _Asked, tags: frozenset[str]) -> frozenset[str]:
    """Return which of the tags the next sync acts on; priority lasts, and waits where it is not as the engine told it."""
    asked = tags & {*VERDICTS}
    return asked | {"priority"} if ("priority" in tags) != one.told else asked


def _after(tags: frozenset[str], decision: str) -> frozenset[str]:
    """Return a clip's tags once a decision is made."""
    if decision in _OFF:
        return tags - {*_OFF[decision]}
    return (tags - {*VERDICTS} if decision in VERDICTS else tags) | {decision}


def _said(one: _Asked, decision: str, by: str, note: str) -> tuple[str, str]:
    """Return the name and the note of a clip: the note of another decision that waits stays, and nothing is said of none."""
    waits = _waiting(one, _after(one.tags, decision))
    if not waits:  # or it would pass for what is said with the next tag
        return "", ""
    own = {"priority"} if decision in {"priority", "defer"} else {*VERDICTS}
    beside = one.note if waits & _waiting(one, one.tags) - own else ""
    fresh = "" if decision == "nothing" else note
    return by, "; ".join(dict.fromkeys(each for each in (beside, fresh) if each))


def _tag(view: Any, decision: str) -> None:
    """Put a decision's tag on clips, or take tags off."""
    if decision in _OFF:
        view.untag_samples(_OFF[decision])
        return
    if decision in VERDICTS:
        view.untag_samples([one for one in VERDICTS if one != decision])
    view.tag_samples(decision)
