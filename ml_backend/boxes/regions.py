"""Regions as Label Studio stores them: how ours are called, and a list of them read with care. Knows no pictures, no masks and no time."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import InputError

_OURS = re.compile(r"r(\d{1,12})(?:t(\d{1,9})(?:f(\d{1,9}))?|e(\d{1,9}))", re.ASCII)
_BESIDE = frozenset(("labels", "choices", "textarea", "rating", "number", "taxonomy", "pairwise"))
"""Types of parts that say something about a region but not where it is."""


@dataclass(frozen=True, slots=True)
class Name:
    """What an id of ours says: a track of a revision, on one ``frame`` (0-based) where it is a mask; or an ``event``."""

    revision: int
    track: int | None = None
    frame: int | None = None
    event: int | None = None

    def __str__(self) -> str:
        """Return the id."""
        if self.event is not None:
            return f"r{self.revision}e{self.event}"
        return f"r{self.revision}t{self.track}" + ("" if self.frame is None else f"f{self.frame}")


@dataclass(frozen=True, slots=True)
class Region:
    """One region: all that was said under one id. ``type``, ``control`` and ``value`` are of the part that says where it is.

    ``labels`` are of the first of its parts that has any; ``text`` is its note. ``id`` is unique in a list: of a second region
    under one id, a copy, it ends in "#2". A copy is never ours.
    """

    id: str
    type: str
    control: str
    value: Mapping[str, Any]
    labels: tuple[str, ...] = ()
    text: tuple[str, ...] = ()

    @property
    def name(self) -> Name | None:
        """What the id says where it is one of ours."""
        return parse(self.id)


def parse(id_: str) -> Name | None:
    """Return what an id of ours says, None for one that somebody else gave."""
    found = _OURS.fullmatch(id_)
    if found is None:
        return None
    revision, track, frame, event = (None if said is None else int(said) for said in found.groups())
    return Name(revision or 0, track, frame, event)


def revision_of(result: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the revision that the ids of ours in a list name; the newest where they differ, None where there is none.

    Raises:
        InputError: it is no list of regions.
    """
    names = [region.name for region in regions(result)]
    return max((name.revision for name in names if name is not None), default=None)


def regions(result: object) -> tuple[Region, ...]:
    """Return a list's regions in its order, the parts of each under one.

    Label Studio stores a region as one part for each control that says something about it, all with its id.

    Raises:
        InputError: it is no list of regions.
    """
    if not isinstance(result, Sequence) or isinstance(result, str | bytes):
        raise InputError(f"expected a list of regions, got {str(result)[:80]!r}; submit it again")
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for place, part in enumerate(result):
        id_, control = _id(part, place), part.get("from_name")
        groups.setdefault(_free(id_, control, groups), []).append(part)
    return tuple(_region(id_, parts) for id_, parts in groups.items())


def _free(id_: str, control: object, groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return the id under which a part goes: the first region of this id about which its control said nothing yet."""
    key, copy = id_, 1
    while any(part.get("from_name") == control for part in groups.get(key, ())):
        copy += 1
        key = f"{id_}#{copy}"
    return key


def _id(part: object, place: int) -> str:
    """Return a part's id, without what the editor keeps behind "#"; one made up of its place where it has none."""
    if not isinstance(part, Mapping):
        raise InputError(f"region {place}: expected an object, got {str(part)[:80]!r}")
    id_ = part.get("id")
    if id_ is None:
        return f"#{place}"
    if not isinstance(id_, str | int):
        raise InputError(f"region {place}: expected an id of letters, got {str(id_)[:80]!r}")
    return str(id_).split("#", 1)[0] or f"#{place}"


def _region(id_: str, parts: Sequence[Mapping[str, Any]]) -> Region:
    """Return the region of its parts."""
    where = next((part for part in parts if str(part.get("type")) not in _BESIDE), parts[0])
    labels = (_labels(id_, part) for part in (where, *parts))
    return Region(
        id_,
        str(where.get("type", "")),
        str(where.get("from_name", "")),
        _value(id_, where),
        next(filter(None, labels), ()),
        _text(parts),
    )


def _value(id_: str, part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a part holds; nothing where it holds nothing, as a relation."""
    value = part.get("value", {})
    if not isinstance(value, Mapping):
        raise InputError(f"region {id_}: expected an object as value, got {str(value)[:80]!r}")
    return value


def _labels(id_: str, part: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the labels that a part gives; the control's type names them where they are not called labels."""
    value = _value(id_, part)
    named = str(part.get("type", ""))
    said = value.get("labels") or (value.get(named) if named.endswith("labels") else None) or ()
    if isinstance(said, str) or not isinstance(said, Sequence) or not all(isinstance(label, str) for label in said):  # fmt: skip
        raise InputError(f"region {id_}: expected a list of labels, got {str(said)[:80]!r}")
    return tuple(said)


def _text(parts: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the lines of a region's note, which nobody has to write."""
    for part in parts:
        match part.get("meta"):
            case {"text": str() as line}:
                return (line,)
            case {"text": [*lines]}:
                return tuple(str(line) for line in lines)
    return ()
