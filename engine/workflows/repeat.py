"""Makes a stored correction again on its parent, from nothing but its record. Knows what a record holds; stores nothing."""

import json

from engine.errors import SelectionError
from engine.ports import RevisionStore
from engine.propagate import Correction, Rule
from engine.propagate_log import prompts_from_text
from engine.types import Clip, Revision
from engine.workflows.correct import EARLIER, PROMPTS, SPREAD, Asked, Model, draw


def repeat(revisions: RevisionStore, clip: Clip, revision: int, model: Model) -> Correction:
    """Return what a stored correction comes to when it is made again on its parent.

    Raises:
        SelectionError: the revision is not one of ``correct_clip``.
    """
    stored = revisions.revision(revision)
    asked, steps = _recorded(stored)
    left = iter(range(clip.frames * 2) if steps is None else range(steps))
    return draw(
        revisions,
        clip,
        asked,
        model,
        stop=lambda: steps is not None and next(left, None) is None,
    )


def _recorded(revision: Revision) -> tuple[Asked, int | None]:
    """Return what was asked for, and after how many steps it was stopped."""
    said = revision.provenance
    if PROMPTS not in said or SPREAD not in said:
        raise SelectionError(
            f"revision {revision.id} was not made of prompts, so they cannot be repeated"
        )
    spread = json.loads(said[SPREAD])
    frames, steps = spread["frames"], spread["steps"] if spread["stopped"] else None
    asked = Asked(
        revision.clip,
        revision.parent,
        prompts_from_text(said[PROMPTS]),
        prompts_from_text(said.get(EARLIER, "[]")),
        None if frames is None else range(*frames),
        Rule(**spread["rule"]),
        held=frozenset((frame, track) for frame, track in spread.get("held", [])),
    )
    return asked, steps
