"""The guarantees of plain frames with a PNG for each object, checked on disk. Yields failures in words."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from exports.checks.base import NO_TEXT, Check, folders
from exports.checks.files import check_lists, check_names, check_splits
from exports.checks.objects import GUARANTEES as OBJECTS
from exports.checks.objects import Place, check_objects

GUARANTEES: Final = (
    *OBJECTS,
    "pictures and annotations have a folder for every clip and nothing else",
    "objects.csv names every object of every clip, and no other",
)
TABLE: Final = "objects.csv"


def recognises(path: Path) -> bool:
    """Say whether plain frames lie there: pictures right below the clip, PNGs one level deeper."""
    return any(
        any((path / "JPEGImages" / name).glob("*.jpg")) and folders(path / "Annotations" / name)
        for name in clips(path)
    )


def clips(path: Path) -> list[str]:
    """Return the names of the annotated clips."""
    return folders(path / "Annotations")


def check_whole(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what is broken in lists and folders of the dataset at ``path``."""
    yield from check_names(names)
    yield from check_lists(path, names)
    yield from check_splits(path, path)
    yield from check_folders(path, names)
    if (path / TABLE).exists():
        yield from _check_table(path, names)


def check_folders(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what lies among the clips and is none; loaders without a list take everything for a clip."""
    for kind in ("JPEGImages", "Annotations"):
        inside = {entry.name for entry in (path / kind).iterdir()}
        for name in sorted(inside ^ set(names)):
            yield f"{path / kind / name}: " + ("no clip" if name in inside else "missing")


def check_clip(path: Path, name: str, every: int) -> Iterator[str]:
    """Yield what is broken in the files of one clip."""
    place = Place(path, name, path / "JPEGImages" / name, path / "Annotations" / name)
    yield from check_objects(place, scored=False, every=every)


def _check_table(path: Path, names: list[str]) -> Iterator[str]:
    """Compare the table of objects with the folders."""
    try:
        with (path / TABLE).open(newline="") as file:
            rows = [(row["clip"], row["object"]) for row in csv.DictReader(file)]
    except (*NO_TEXT, KeyError, csv.Error) as error:
        yield f"{path / TABLE}: not readable as a table of clip,object,track,class ({error!r})"
        return
    there = {(name, thing) for name in names for thing in folders(path / "Annotations" / name)}
    for clip, thing in sorted(there - set(rows)):
        yield f"{path / TABLE}: has no line for object {thing} of {clip}"
    for clip, thing in sorted(set(rows) - there, key=str):
        yield f"{path / TABLE}: object {thing} of {clip} has no folder"
    if len(rows) != len(set(rows)):
        yield f"{path / TABLE}: an object stands there twice"


CHECK = Check("frames", GUARANTEES, recognises, clips, check_clip, check_whole)
