"""What somebody changed on a clip's boxes, told from what they were shown and what they left. Knows no masks and no server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.types import Clip, Prompt, Track


@dataclass(frozen=True, slots=True)
class Changes:
    """What to do so that the tracks are as somebody left them; empty where nothing was touched.

    ``relabelled`` says the classes of tracks that are known, ``labels`` those of new ones. ``absent`` are the frames on which a
    track was shown and is not any more (or, of a new one, is not). ``drawn`` names the new tracks by the ids of their regions:
    hand it to the next comparison as ``known``.
    """

    deleted: tuple[int, ...] = ()
    relabelled: Mapping[int, str] = field(default_factory=dict)
    absent: Mapping[int, tuple[range, ...]] = field(default_factory=dict)
    prompts: tuple[Prompt, ...] = ()
    labels: Mapping[int, str] = field(default_factory=dict)
    drawn: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether there is anything to do."""
        return any((self.deleted, self.relabelled, self.absent, self.prompts, self.labels))


def changes(
    base: Sequence[Mapping[str, Any]],
    result: Sequence[Mapping[str, Any]],
    clip: Clip,
    *,
    tracks: Sequence[Track],
    known: Mapping[str, int] | None = None,
) -> Changes:
    """Compare what was shown (``base``) with what somebody left (``result``), both as Label Studio stores them.

    ``tracks`` are those of the newest revision: a change to a track that it has no more makes it anew where it says where the ball
    is, and is dropped otherwise. ``known`` are the tracks that regions became which people drew earlier (see ``Changes.drawn``).
    New tracks are numbered from the highest number on, in the order of their regions.

    Raises:
        InputError: a region is not as Label Studio stores one; the message names it.
    """
    raise NotImplementedError


def verdict(result: Sequence[Mapping[str, Any]]) -> str | None:
    """Return what somebody decided about the clip, one of the verdicts in ``names``; None where they did not.

    Raises:
        InputError: it is no list of regions.
    """
    raise NotImplementedError


def note(result: Sequence[Mapping[str, Any]]) -> str:
    """Return what somebody wrote about the clip, "" where they wrote nothing.

    Raises:
        InputError: it is no list of regions.
    """
    raise NotImplementedError
