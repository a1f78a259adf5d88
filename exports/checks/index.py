"""What indexes of COCO's family have in common, checked: ids, references, masks, splits. Knows no single format.

Indexes are read element by element; of an annotation only numbers are kept.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np

from engine import rle
from engine.datasets.marker import MARKER
from engine.datasets.pieces import pieces
from engine.datasets.segmentation import mask_of
from engine.errors import InputError
from exports.checks.base import said_of
from exports.checks.files import check_names, check_said_objects
from exports.coco import box_of

SECTIONS: Final = ("categories", "videos", "images")
ANNOTATIONS: Final = "annotations"


@dataclass(frozen=True, slots=True)
class Head:
    """All of an index but its annotations: entries by id. ``doubles`` are what is wrong with the ids."""

    index: Path
    categories: dict[int, dict[str, Any]] = field(default_factory=dict)
    videos: dict[int, dict[str, Any]] = field(default_factory=dict)
    images: dict[int, dict[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def names(self) -> dict[int, str]:
        """Return what each category is called."""
        return {number: str(said.get("name")) for number, said in self.categories.items()}


@dataclass(slots=True)
class Objects:
    """Which objects an index shows: category by video and track, and numbers of annotations, each kept once."""

    kinds: dict[tuple[int, int], int] = field(default_factory=dict)
    ids: "array[int]" = field(default_factory=lambda: array("q"))

    def put(self, at: str, video: int, track: int, category: int) -> Iterator[str]:
        """Take one more annotation of an object; its category must stay."""
        if (first := self.kinds.setdefault((video, track), category)) != category:
            yield f"{at}: category {category}, track {track} was of category {first} before"


def read_head(index: Path, *, needed: Sequence[str]) -> Head:
    """Read an index up to its annotations.

    Raises:
        InputError: it is no JSON.
    """
    head, seen = Head(index), set[str]()
    tables = {"categories": head.categories, "videos": head.videos, "images": head.images}
    for piece in pieces(index, walked=(*SECTIONS, ANNOTATIONS)):
        seen.add(piece.key)
        if piece.number < 0 and piece.key in (*SECTIONS, ANNOTATIONS) and piece.value != []:
            head.problems.append(
                f"{index}: {piece.key} is {str(piece.value)[:40]}, expected a list"
            )
        elif piece.number >= 0 and piece.key in tables:
            _enter(head, piece.key, piece.number, piece.value, tables[piece.key])
    head.problems.extend(
        f"{index}: has no {key}" for key in (*needed, ANNOTATIONS) if key not in seen
    )
    return head


def _enter(head: Head, key: str, number: int, said: Any, table: dict[int, dict[str, Any]]) -> None:
    """Put an entry into its table."""
    if not isinstance(said, dict) or not is_whole(said.get("id")):
        head.problems.append(f"{head.index}: {key}[{number}] is {str(said)[:60]}, expected an id")
    elif said["id"] in table:
        head.problems.append(f"{head.index}: {key}[{number}]: id {said['id']} is there twice")
    else:
        table[said["id"]] = said


def annotations(head: Head) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each annotation that is an object with an id, and where it is."""
    for piece in pieces(head.index, walked=(*SECTIONS, ANNOTATIONS)):
        if piece.key == ANNOTATIONS and piece.number >= 0:
            said = piece.value
            if isinstance(said, dict) and is_whole(said.get("id")):
                yield f"{head.index}: annotation {said['id']}", said
            else:
                yield f"{head.index}: annotations[{piece.number}]", {}


def check_references(at: str, said: Mapping[str, Any], tables: Mapping[str, Any]) -> Iterator[str]:
    """Check that ids which an entry names are there: ``tables`` gives the entries by the name of the key."""
    if not said:
        yield f"{at}: expected an object with an id, a whole number"
    for key, table in tables.items() if said else ():
        if not is_whole(said.get(key)) or said[key] not in table:
            yield f"{at}: {key} {said.get(key)!r} is no id of this index"


def check_mask(at: str, said: Any, size: tuple[int, int], area: Any, box: Any) -> Iterator[str]:
    """Check a segmentation, and its area and box against its pixels; areas of polygons are not counted in pixels."""
    try:
        mask = mask_of(said, size)
    except InputError as error:
        yield f"{at}: {error}"
        return
    if mask is None or not (pixels := rle.area(mask)):
        yield f"{at}: an empty mask; what is not visible has none"
        return
    if isinstance(said, list):
        return
    if area != pixels:
        yield f"{at}: area is {area!r}, its mask has {pixels} pixels"
    if box != box_of(mask):
        yield f"{at}: bbox is {str(box)[:60]}, its mask lies in {box_of(mask)} [x, y, width, height]"


def check_ids(index: Path, ids: "array[int]") -> Iterator[str]:
    """Check that no annotation's id is there twice."""
    found, count = np.unique(np.frombuffer(ids, np.int64), return_counts=True)
    for number in found[count > 1]:
        yield f"{index}: annotation id {number} is there {count[found == number][0]} times"


def size_said(said: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the (height, width) of an entry, None where it says none: ``check_size`` has told that."""
    high, wide = said.get("height"), said.get("width")
    return (high, wide) if isinstance(high, int) and isinstance(wide, int) else None


def check_size(at: str, said: Mapping[str, Any], size: tuple[int, int] | str) -> Iterator[str]:
    """Compare width and height of an entry with those of its picture."""
    if isinstance(size, str):
        yield size
    elif (said.get("height"), said.get("width")) != size:
        yield f"{at}: {said.get('width')!r} x {said.get('height')!r}, its picture is {size[1]} x {size[0]}"


def check_categories(head: Head) -> Iterator[str]:
    """Check that categories have names, each its own."""
    names = head.names()
    for number, name in names.items():
        if not isinstance(head.categories[number].get("name"), str) or not name:
            yield f"{head.index}: category {number} has no name"
    if len(set(names.values())) != len(names):
        yield f"{head.index}: two categories have one name: {sorted(names.values())}"


def check_objects(
    path: Path, head: Head, objects: Objects, clips: Mapping[int, str]
) -> Iterator[str]:
    """Compare objects and their classes with what engine.json says of the clips, which ``clips`` names by video."""
    said, names = _said_clips(path), head.names()
    for video, clip in clips.items():
        named = said.get(clip, {}).get("objects")
        mine = {track: kind for (of, track), kind in objects.kinds.items() if of == video}
        yield from check_said_objects(path, clip, named, list(mine))
        for track, kind in mine.items():
            of = named.get(str(track)) if isinstance(named, dict) else None
            if isinstance(of, dict) and of.get("label") != names.get(kind):
                yield f"{head.index}: track {track} of {clip} is a {names.get(kind)}, engine.json says {of.get('label')}"


def check_division(path: Path, indexes: Mapping[Path, Sequence[str]]) -> Iterator[str]:
    """Check that clips, and recordings as engine.json names them, are in one index each, and none is missing."""
    said = _said_clips(path)
    first: dict[str, Path] = {}
    for index, names in indexes.items():
        yield from (f"{index}: {line}" for line in check_names(list(names)))
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{index}: two videos are clip {name}"
        for name in names:
            of = f"recording {said[name].get('recording')}" if name in said else name
            if first.setdefault(of, index) != index:
                yield f"{index}: {name} is of a recording that is also in {first[of].name}"
    listed = {name for names in indexes.values() for name in names}
    for name in sorted(listed ^ said.keys()) if said else ():
        yield f"{path / MARKER}: clip {name} is " + (
            "in no index" if name in said else "in an index and not named here"
        )


def outside(name: object) -> bool:
    """Say whether what should be the path of a picture is none, or leaves the dataset."""
    return (
        not isinstance(name, str)
        or not name
        or PurePosixPath(name).is_absolute()
        or ".." in PurePosixPath(name).parts
    )


def is_whole(value: object) -> bool:
    """Say whether a value of JSON is a whole number that fits in 63 bits; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


def _said_clips(path: Path) -> dict[str, dict[str, Any]]:
    """Return what engine.json says of each clip, where it can be used."""
    clips = said_of(path).get("clips")
    if not isinstance(clips, dict):
        return {}
    return {name: facts for name, facts in clips.items() if isinstance(facts, dict)}
