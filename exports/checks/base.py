"""What a check of one dataset format must say and do, and what checks share about our own files. Knows no format by name."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.datasets.marker import MARKER

NO_TEXT: Final = (OSError, ValueError, RecursionError)
"""What reading text or JSON raises: absent, a folder, not UTF-8, no JSON, nested without end."""

MOST_DIGITS: Final = 18


class Remark(str):
    """A line that a check yields for what is allowed and still worth knowing; every other line is a failure."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Check:
    """How one format is checked on disk. Every function is one of a module: checks travel to worker processes.

    ``name`` is the format as engine.json says it ("sav", or "FORMAT-LAYOUT" for a layout with rules of its own);
    ``guarantees`` say in words what is checked. ``recognises`` looks at the layout only, so that datasets of anybody
    are known; no two checks may recognise one folder. ``clips`` lists the clips that lie there, ``clip`` yields what
    is wrong with the files of one of them, of whose pictures it opens every n-th, ``whole`` what is wrong with lists,
    indexes and splits, given all clips.
    Both name the file and the value in each line, and may let InputError and OSError out: those become failures.
    """

    name: str
    guarantees: tuple[str, ...]
    recognises: Callable[[Path], bool]
    clips: Callable[[Path], list[str]]
    clip: Callable[[Path, str, int], Iterator[str]]
    whole: Callable[[Path, list[str]], Iterator[str]]


def parse(text: str | bytes) -> Any:
    """Return the value of a JSON text, in which NaN, Infinity and what no 64 bits hold are no numbers.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested without end.
    """
    return json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole)


def said_of(path: Path) -> dict[str, Any]:
    """Return what engine.json says of a dataset; {} where there is none or it cannot be read."""
    try:
        said = parse((path / MARKER).read_bytes())
    except NO_TEXT:
        return {}
    return said if isinstance(said, dict) else {}


def facts_of(path: Path, clip: str) -> dict[str, Any]:
    """Return what engine.json says of one clip; {} where it says nothing that can be used."""
    clips = said_of(path).get("clips")
    facts = clips.get(clip) if isinstance(clips, dict) else None
    return facts if isinstance(facts, dict) else {}


def step_of(path: Path, clip: str) -> int:
    """Return how many frames lie between annotated ones as engine.json says it, 0 where it does not."""
    facts = facts_of(path, clip)
    step = facts.get("ann_every", facts.get("step"))
    return step if isinstance(step, int) and not isinstance(step, bool) and step > 0 else 0


def is_number(value: object) -> bool:
    """Say whether a value of JSON is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def folders(path: Path) -> list[str]:
    """Return the names of the folders in a folder, sorted; none where there is no folder."""
    inside: Iterable[Path] = path.iterdir() if path.is_dir() else ()
    return sorted(entry.name for entry in inside if entry.is_dir())


def _refuse(constant: str) -> Any:
    """Refuse what Python writes for values that JSON does not have."""
    raise ValueError(f"{constant} is no value of JSON")


def _finite(digits: str) -> float:
    """Return a number of JSON that a float can hold."""
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{digits} is beyond what a number can hold")
    return number


def _whole(digits: str) -> int:
    """Return a whole number of JSON that any reader can hold."""
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"{digits[:MOST_DIGITS]}... is beyond what a number can hold")
    return int(digits)
