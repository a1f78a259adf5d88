"""Indexes of a whole dataset as JSON, written one element at a time, and what their entries share. Knows no format.

The pieces of each clip lie in fragments, of which one at a time is read: memory does not grow with the dataset.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeAlias

from engine.billiards.classes import BALL, KINDS
from exports.files import Files

Clips: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Facts by clip, in the order of clips."""

_ORDER: Final = {kind: number for number, kind in enumerate((*KINDS, BALL))}


def write_index(files: Files, name: str, sections: Mapping[str, object]) -> None:
    """Write one JSON object; a section that is an iterator becomes a list, one element a line, never held at once."""
    with files.path(name).open("w", encoding="utf-8") as out:
        for number, (key, value) in enumerate(sections.items()):
            out.write(f"{',' if number else '{'}\n{json.dumps(key)}:")
            if isinstance(value, Iterator):
                _write_list(value, out.write)
            else:
                out.write(_line(value))
        out.write("\n}\n")
    files.adopt(name)


def classes_of(clips: Clips) -> list[str]:
    """Return the classes of all objects: first those of the project's vocabulary in its order, then others by name."""
    found = {thing["label"] for facts in clips.values() for thing in facts["objects"].values()}
    return sorted(found, key=lambda label: (_ORDER.get(label, len(_ORDER)), label))


def categories_of(clips: Clips) -> list[dict[str, Any]]:
    """Return the categories of an index, numbered from 1; the same in all splits of a dataset."""
    return [
        {"id": number, "name": label, "supercategory": BALL}
        for number, label in enumerate(classes_of(clips), 1)
    ]


def licences_of(clips: Clips) -> list[dict[str, Any]]:
    """Return the licences that are known, numbered from 1."""
    names = sorted({str(facts.get("licence", "")) for facts in clips.values()} - {""})
    return [{"id": number, "name": name, "url": ""} for number, name in enumerate(names, 1)]


def info_of(what: str) -> dict[str, str]:
    """Return what an index says of itself: no date, so that the same selection gives the same bytes."""
    return {"description": f"billiards balls, {what}", "contributor": "billiards-engine"}


def objects_of(tracks: Iterable[Any]) -> dict[str, Any]:
    """Return the facts of objects whose number is that of their track."""
    return {str(track.id): {"track": track.id, "label": track.label} for track in tracks}


def numbers_of(clips: Clips) -> dict[str, int]:
    """Return the number of each clip among all of them, from 1: what an index calls the id of a video."""
    return dict(zip(clips, count(1), strict=False))


def fragment_of(place: Path) -> Any:
    """Return what ``Files.fragment`` kept of a clip."""
    return json.loads(place.read_bytes())


def _write_list(values: Iterator[Any], write: Callable[[str], object]) -> None:
    """Write a list, one element a line."""
    write("[")
    for number, value in enumerate(values):
        write(f"{',' if number else ''}\n{_line(value)}")
    write("\n]")


def _line(value: object) -> str:
    """Return a value without spaces, keys in their order."""
    return json.dumps(value, separators=(",", ":"))
