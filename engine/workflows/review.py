"""A person's verdict on clips: accept, reject, exclude, reopen. Knows nothing of screens."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import EngineError, SelectionError
from engine.ports import Catalog
from engine.stages import Move, Stage


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one clip: its new stage, or the reason why nothing changed."""

    clip: str
    stage: Stage | None
    revision: int | None = None
    error: str = ""


def choose(catalog: Catalog, clips: Sequence[str], *, stages: Sequence[Stage] = ()) -> tuple[str, ...]:
    """Return the ids of the clips named, or of all in ``stages`` when none is named.

    Raises:
        SelectionError: nothing is left to choose from.
    """
    if clips:
        return tuple(dict.fromkeys(clips))
    found = tuple(status.clip.id for status in catalog.clips(stages=stages))
    if not found:
        wanted = " or ".join(stages) or "in the workspace"
        raise SelectionError(f"no clip is {wanted}; `engine status` shows where the clips stand")
    return found


def decide(
    catalog: Catalog, clips: Sequence[str], *, move: Move, actor: str, note: str = ""
) -> tuple[Verdict, ...]:
    """Apply one verdict to the newest revision of each clip; one refusal does not stop the others."""
    return tuple(_decide(catalog, clip, move=move, actor=actor, note=note) for clip in clips)


def _decide(catalog: Catalog, clip: str, *, move: Move, actor: str, note: str) -> Verdict:
    """Apply a verdict to one clip."""
    try:
        head = catalog.clip(clip).head
        return Verdict(clip, catalog.move(clip, move, actor=actor, revision=head, note=note), head)
    except EngineError as error:
        return Verdict(clip, None, error=str(error))
