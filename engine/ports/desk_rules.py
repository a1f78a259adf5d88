"""What every store of the correction page refuses, and how looks are joined. Knows values, refuses to know stores."""

from collections.abc import Iterable

from engine.errors import ClaimLost, InputError, StoreError
from engine.ports.desk import Action, Claim, State
from engine.types import Clip

LONGEST_NAME = 100
LONGEST_COMMENT = 2000

Look = tuple[int, int, int]
"""Frames ``start`` up to ``stop`` of a track, of all for 0."""


def refuse_name(name: str) -> None:
    """Raise InputError where a user cannot be called that."""
    if not 0 < len(name) <= LONGEST_NAME or name != name.strip() or not name.isprintable():
        raise InputError(
            f"user name {name!r}: expected 1 to {LONGEST_NAME} printable characters "
            "without spaces at the ends; choose another"
        )


def refuse_pin(clip: Clip, *, frame: int, track: int, text: str) -> None:
    """Raise InputError where a comment does not fit the clip."""
    if not 0 <= frame < clip.frames or track < 0:
        raise InputError(
            f"a comment on frame {frame}, track {track}: clip {clip.id} has frames 0 to {clip.frames - 1}, "
            "tracks begin at 1, and 0 means the picture"
        )
    if not text.strip() or len(text) > LONGEST_COMMENT or not storable(text):
        raise InputError(
            f"a comment of {len(text)} characters: expected 1 to {LONGEST_COMMENT} that can be read"
        )


def refuse_look(clip: Clip, *, start: int, stop: int, track: int) -> None:
    """Raise InputError where nobody can have looked."""
    if not 0 <= start < stop <= clip.frames or track < 0:
        raise InputError(
            f"a look at frames {start} to {stop} of track {track}: clip {clip.id} has 0 to {clip.frames}, "
            "tracks begin at 1, and 0 means all"
        )


def refuse_stranger(clip: str, tab: str, claim: Claim | None) -> None:
    """Raise ClaimLost where a tab does not hold the clip.

    As with leases, a claim that ran out still counts as long as nobody else took the clip: browsers slow the
    heartbeat of tabs in the background down, and a person who comes back loses nothing.
    """
    if claim is None:
        raise ClaimLost(f"clip {clip} is claimed by nobody: open it again to go on")
    if claim.tab != tab:
        raise ClaimLost(
            f"clip {clip} is being corrected by {claim.user} in another tab: nothing was stored; "
            "ask them, or take another clip"
        )


def settled(action: Action, state: State, *, after: int | None) -> bool:
    """Say whether an action was settled this way before.

    Raises:
        InputError: ``state`` settles nothing.
        StoreError: it was settled otherwise.
    """
    was = (action.state, action.after)
    return same_outcome(f"action {action.seq}", was, (state, after))


def same_outcome(
    name: str, was: tuple[State, int | None], becomes: tuple[State, int | None]
) -> bool:
    """Say whether what is called ``name`` was settled this way before; an outcome is a state with a revision.

    Raises:
        InputError: ``becomes`` settles nothing.
        StoreError: it was settled otherwise.
    """
    if becomes[0] is State.ASKED:
        raise InputError(f"{name}: {becomes[0]} settles nothing; say done, failed or dropped")
    if was[0] is State.ASKED:
        return False
    if was != becomes:
        raise StoreError(
            f"{name} is {was[0]} with revision {was[1]} and cannot become "
            f"{becomes[0]} with {becomes[1]}: read what is stored of the clip again"
        )
    return True


def joined(looks: Iterable[Look]) -> tuple[Look, ...]:
    """Return looks sorted, those of one track that overlap or touch made one."""
    whole: list[Look] = []
    for start, stop, track in sorted(looks, key=lambda look: (look[2], look[:2])):
        if whole and whole[-1][2] == track and start <= whole[-1][1]:
            begun, end, _ = whole.pop()
            start, stop = begun, max(end, stop)  # noqa: PLW2901 - it goes on where the last one began
        whole.append((start, stop, track))
    return tuple(sorted(whole))


def storable(text: str) -> bool:
    """Say whether every database takes this text: no zero bytes, no halves of characters."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
