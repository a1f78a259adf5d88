"""Which clips are alike, compared once and kept in one file; knows vectors and stages, and refuses to know pictures.

The file says of each clip with what its vectors were made when it was compared. A clip that has others by now is compared anew,
with all others; damaged, the file counts as absent.
"""

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

from engine.likeness import Alike, Looks, alike, likest
from engine.ports import Catalog
from engine.stages import Stage
from engine.workflows.likeness.files import write_text

FILE: Final = "alike.json"

VERSION: Final = 1
"""Raised when clips are compared otherwise than before: all are compared anew."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What is known of clips: with what the vectors of each were ``made`` when it was compared, and the ``pairs`` found."""

    made: Mapping[str, str]
    pairs: Mapping[str, tuple[Alike, ...]]


def compared(folder: Path) -> Compared:
    """Return what is kept of clips that were compared; nothing where nothing is, or it is damaged."""
    try:
        raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if raw["version"] != VERSION:
            return Compared({}, {})
        pairs = {
            str(name): tuple(_alike(one) for one in ones) for name, ones in raw["pairs"].items()
        }
        return Compared({str(name): str(made) for name, made in raw["made"].items()}, pairs)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Compared({}, {})


def compare(before: Compared, looks: Mapping[str, Looks], made: Mapping[str, str]) -> Compared:
    """Return what is known once clips are compared that were not, or whose vectors are ``made`` otherwise now.

    ``looks`` are all clips to know of; what was known of others is forgotten. Work is in proportion to the clips that are new.
    """
    old = {name for name in looks if before.made.get(name) == made[name]}
    pairs = {name: [one for one in before.pairs.get(name, ()) if one.clip in old] for name in old}
    for name, ones in alike(looks, only=set(looks) - old).items():
        pairs.setdefault(name, []).extend(ones)
    ordered = {name: tuple(sorted(pairs[name], key=likest)) for name in looks if pairs.get(name)}
    return Compared({name: made[name] for name in looks}, ordered)


def keep(folder: Path, found: Compared) -> None:
    """Write what is known, whole or not at all.

    Raises:
        DiskFull, InputError: it cannot be written.
    """
    pairs = {name: [astuple(one) for one in ones] for name, ones in found.pairs.items()}
    known = {"version": VERSION, "made": dict(found.made), "pairs": pairs}
    write_text(folder / FILE, json.dumps(known))


def near(found: Compared, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return the ids of clips that are alike, the likest first, without those that are excluded or gone.

    An excluded clip still names those that it is like, since that may be why it was excluded; nobody names it any more.
    """
    clips = catalog.clips()
    known = {one.clip.id for one in clips}
    here = {one.clip.id for one in clips if one.stage is not Stage.EXCLUDED}
    return {
        name: ids
        for name, ones in found.pairs.items()
        if name in known and (ids := tuple(one.clip for one in ones if one.clip in here))
    }


def _alike(raw: Any) -> Alike:
    clip, like, start, stop, there, still = raw
    return Alike(str(clip), float(like), int(start), int(stop), int(there), bool(still))
