"""What all boards share: when a card is another one, and what becomes of tags. Knows values, refuses to know boards."""

import dataclasses
import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from engine.ports.board import Card, Tag

REQUESTS: Final = frozenset({Tag.REDO, Tag.EXCLUDE})
"""Tags that ask for something once. ``PRIORITY`` lasts: it is there as long as the clip has priority."""


def digest(card: Card) -> str:
    """Return what tells a card from every other one: the same for equal cards, in every process.

    ``said`` is left out: who has answered tags knows it, and the next process, which does not, is to leave it standing.
    """
    card = dataclasses.replace(card, said="")
    text = json.dumps(card, default=_plain, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def tags_after(tags: Collection[Tag], *, told: bool, priority: bool) -> frozenset[Tag]:
    """Return a clip's tags once its card was put: ``told`` is the priority of the card before, ``priority`` that of this one.

    ``PRIORITY`` follows the card only where the card says otherwise than before. Else a tag that a lead set, or took off,
    since the board was last read would be undone before anybody could act on it.
    """
    others = frozenset(tags) - {Tag.PRIORITY}
    tagged = priority if told != priority else Tag.PRIORITY in tags
    return others | {Tag.PRIORITY} if tagged else others


def meant(text: str) -> Tag | None:
    """Return the tag that somebody meant who typed it; capitals and spaces around it mean nothing. None for other tags."""
    plain = text.strip().casefold()
    return next((tag for tag in Tag if plain == tag), None)


def still_asked(tags: Collection[Tag]) -> bool:
    """Say whether a request is left, so that what was said with the tags is still of use."""
    return not REQUESTS.isdisjoint(tags)


def _plain(value: object) -> object:
    """Return what JSON cannot say in a form that it can; one moment is one text in every time zone."""
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value):
        return [getattr(value, one.name) for one in dataclasses.fields(value)]
    return str(value)
