"""Clip ids from the names that other people gave; knows no format."""

import re
from collections.abc import Sequence

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]+")


def clip_ids(names: Sequence[str]) -> list[str]:
    """Return a clip id for each name: letters, digits, ``-`` and ``_`` alone, each id once.

    A name that is an id keeps it. In others every run of further characters becomes one ``-``; what then is taken
    already gets a number, in the order of ``names``.
    """
    taken = {name for name in names if _valid(name)}
    ids, kept = [], set[str]()
    for name in names:
        if name in taken and name not in kept:
            kept.add(name)
            ids.append(name)
        else:
            ids.append(_free(_FOREIGN.sub("-", name).strip("-") or "clip", taken))
            taken.add(ids[-1])
            kept.add(ids[-1])
    return ids


def _valid(name: str) -> bool:
    """Return whether a name is a clip id."""
    return not _FOREIGN.search(name) and any(letter.isalnum() for letter in name)


def _free(wanted: str, taken: set[str]) -> str:
    """Return an id that is not taken: the one wanted, else with a number."""
    wanted = wanted if _valid(wanted) else "clip"
    number, free = 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted}-{number}"
    return free
