"""Decisions of leads as tags on clips: what can be asked for, and how it is written down. Knows FiftyOne's datasets, not its app."""

from collections.abc import Sequence
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


def decide(dataset: Any, samples: Sequence[str], decision: str, *, by: str, note: str) -> None:
    """Tag samples with what is asked for, who asks and why; what was said comes first, so that no tag is ever without it."""
    view = dataset.select(samples)
    if decision == "nothing":
        by = note = ""  # or they would pass for what is said with the next tag
    view.set_values("engine_by", [by] * len(samples))
    view.set_values("engine_note", [note] * len(samples))
    if decision in _OFF:
        view.untag_samples(_OFF[decision])
        return
    if decision in VERDICTS:
        view.untag_samples([one for one in VERDICTS if one != decision])
    view.tag_samples(decision)
