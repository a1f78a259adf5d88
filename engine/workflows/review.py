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


def choose(
    catalog: Catalog, clips: Sequence[str], *, every: bool, stages: Sequence[Stage]
) -> tuple[str, ...]:
    """Return the ids of the clips named, or with ``every`` those of all clips in ``stages``.

    Raises:
        SelectionError: nothing was named, or no clip is in one of the stages.
    """
    if clips and not every:
        return tuple(dict.fromkeys(clips))
    if not every:
        raise SelectionError(
            "name at least one clip, or say --all; `engine status --clips` lists them"
        )
    found = tuple(status.clip.id for status in catalog.clips(stages=stages))
    if not found:
        wanted = " or ".join(stages)
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
