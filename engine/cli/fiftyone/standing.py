"""How FiftyOne stands beside the workspace: what it holds, what waits, where it runs. Changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.ports import ClipStatus
from engine.ports.board import Held, Tag


@dataclass(frozen=True, slots=True)
class Standing:
    """Counts of clips: those of the workspace, those held, those held with their newest masks, and what a sync would do.

    ``new`` clips have no card yet, ``gone`` ones are none of the workspace, ``waiting`` ones have other masks than those held,
    ``lacking`` ones no film, no measures of their newest masks, or no pictures yet.
    ``tagged`` are decisions that wait, by clip. The rest says where things run, "" for nowhere.
    """

    dataset: str
    clips: int
    held: int = 0
    masks: int = 0
    new: int = 0
    gone: int = 0
    waiting: int = 0
    lacking: int = 0
    tagged: Mapping[str, tuple[Tag, ...]] = field(default_factory=dict)
    database: str = ""
    app: str = ""
    syncing: str = ""


def standing(
    dataset: str,
    clips: Sequence[ClipStatus],
    held: Mapping[str, Held],
    *,
    lacking: int = 0,
    **where: str,
) -> Standing:
    """Compare what is held with the clips there are, of which so many are ``lacking`` something."""
    heads = {one.clip.id: one.head for one in clips}
    drawn = {clip for clip, head in heads.items() if head is not None}
    shown = {clip for clip in drawn & held.keys() if held[clip].masks == heads[clip]}
    return Standing(
        dataset,
        clips=len(clips),
        held=len(held.keys() & heads.keys()),
        masks=len(shown),
        new=len(heads.keys() - held.keys()),
        gone=len(held.keys() - heads.keys()),
        waiting=len(drawn - shown),
        lacking=lacking,
        tagged={clip: told for clip, one in held.items() if (told := _asked(one))},
        **where,
    )


def _asked(held: Held) -> tuple[Tag, ...]:
    """Return the tags that ask for something: priority that was told is none."""
    told = {Tag.PRIORITY} if held.priority else set()
    return tuple(sorted((held.tags - {Tag.PRIORITY}) | ((held.tags ^ told) & {Tag.PRIORITY})))
