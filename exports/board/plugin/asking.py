"""The words around a decision: what has to be there first, and what became of it. Knows no app and changes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .deciding import VERDICTS

NO_CLIP: Final = "Open a clip, or select some, first."
NOT_HERE: Final = "Decisions are made on clips: open the dataset of the clips itself."
NOT_YET: Final = "\N{NO-BREAK SPACE}"
"""Keeps a form from being sent, without a word in red: FiftyOne has one of its own for the empty text."""
NO_REASON: Final = "Redo and exclude need a reason."
_SHOWN: Final = 5
"""Clips that a message names; more are counted."""


def what_first(dataset: Any, picked: Sequence[str]) -> str | None:
    """Return what somebody has to do before a decision, or None."""
    if not dataset.has_sample_field("engine_by"):
        return NOT_HERE
    return None if picked else NO_CLIP


def lacking(said: Mapping[str, Any]) -> str:
    """Return what a form has to say of what it lacks, "" where it is whole."""
    if not said.get("decision"):
        return NOT_YET
    reason = (said.get("note") or "").strip()
    return NO_REASON if said["decision"] in VERDICTS and not reason else ""


def counted(clips: int) -> str:
    """Return how many clips, in words."""
    return f"{clips} clip" if clips == 1 else f"{clips} clips"


def outcome(decision: str, done: int, left: Mapping[str, str]) -> str:
    """Return what became of a decision: ``left`` are the clips where another's waits, and whose it is."""
    said = []
    if done:
        said.append(f"{decision}: {counted(done)}. It counts with the next sync; reload after it.")
    if left:
        named = [f"{clip} ({by or 'no name'})" for clip, by in left.items()]
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        said.append(
            f"Not done where somebody else's decision waits: {', '.join(named[:_SHOWN])}{more}. "
            "That counts with the next sync; decide again then."
        )
    return " ".join(said)
