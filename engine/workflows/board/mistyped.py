"""Tags that look like one that a lead can ask by, and are none: says so once for as long as they stand. Acts on none of them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from engine.ports.board import Held, Tag
from engine.workflows.board.report import Answer

NEAR: Final = 0.8
"""How alike two words are, 0..1, of which one may stand for the other: "excluded", "re-do", "priorty"."""

SHORTEST: Final = 4
"""Letters from which on a word may stand for a tag, also as its beginning: "prio", but not "red"."""


def mistyped(held: Mapping[str, Held], known: dict[str, tuple[str, ...]]) -> tuple[Answer, ...]:
    """Return what to say of clips whose tags look like ours; ``known`` remembers of which it was said.

    Tags that look like none of ours are somebody's own and none of our business.
    """
    found = []
    for clip, one in held.items():
        alike = {text: tag for text in one.others if (tag := looks_like(text)) is not None}
        if alike and known.get(clip) != tuple(alike):
            found.append(Answer(clip, (), one.by.strip(), _said(alike), done=False))
        known[clip] = tuple(alike)
    return tuple(found)


def looks_like(text: str) -> Tag | None:
    """Return the tag that somebody who typed something else may have meant."""
    plain = text.strip().casefold()
    if len(plain) < SHORTEST:
        return None
    begun = [tag for tag in Tag if tag.startswith(plain)]
    near = get_close_matches(plain, list(Tag), n=1, cutoff=NEAR)
    return next((Tag(one) for one in (*begun, *near)), None)


def _said(alike: Mapping[str, Tag]) -> str:
    """Say that tags mean nothing, and which may be meant."""
    words = (f"tag {text!r} means nothing here, {tag} does" for text, tag in alike.items())
    return "; ".join(words)
