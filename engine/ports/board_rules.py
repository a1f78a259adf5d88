"""What all boards share: when a card is another one, and what becomes of tags. Knows values, refuses to know boards."""

import dataclasses
import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any, Final

from engine.ports.board import Card, Tag

REQUESTS: Final = frozenset({Tag.REDO, Tag.EXCLUDE})
"""Tags that ask for something once. ``PRIORITY`` lasts: it is there as long as the clip has priority."""


def digest(card: Card) -> str:
    """Return what tells a card from every other one: the same for equal cards, in every process."""
    text = json.dumps(_plain(card), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def tags_after(tags: Collection[Tag], *, told: bool, priority: bool) -> frozenset[Tag]:
    """Return a clip's tags once its card was put: ``told`` is the priority of the card before, ``priority`` that of this one.

    ``PRIORITY`` follows the card only where the card says otherwise than before. Else a tag that a lead set, or took off,
    since the board was last read would be undone before anybody could act on it.
    """
    others = frozenset(tags) - {Tag.PRIORITY}
    tagged = priority if told != priority else Tag.PRIORITY in tags
    return others | {Tag.PRIORITY} if tagged else others


def still_asked(tags: Collection[Tag]) -> bool:
    """Say whether a request is left, so that what was said with the tags is still of use."""
    return not REQUESTS.isdisjoint(tags)


def _plain(value: Any) -> Any:
    """Return a value as JSON can say it, in the order of its fields; one moment is one text in every time zone."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, one.name)) for one in dataclasses.fields(value)]
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, (date, Fraction)):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return value
