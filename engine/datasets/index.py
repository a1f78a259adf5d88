"""One JSON file for all clips, as COCO and YouTube-VIS have it: read once, its annotations kept as places in the file.

Knows the lists that both formats share, and refuses to know how pictures become clips.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.datasets.files import text, value
from engine.datasets.pieces import Piece, Shelf, pieces, shelf
from engine.errors import InputError

LISTS = ("categories", "videos", "images", "annotations")
_NAMES_OF_IDENTITY = ("track_id", "instance_id")
_OF_AN_IMAGE = ("file_name", "height", "width", "video_id", "frame_id", "frame_index")
_NONE = -1
_MOST = 2**63  # what eight bytes hold


@dataclass(slots=True)
class Index:
    """What an index says.

    ``categories`` are the classes by id; ``videos`` the entries as they are and ``images`` what matters of them, by id.
    ``shelf`` holds annotations, whose ``ids`` (-1 for none), ``kinds`` (ids of categories) and ``objects`` are at the same number;
    an object is a place in ``names``, the identities that were found, or -1. ``owned`` has the numbers of the annotations
    of each image or, without images, of each video.
    """

    path: Path
    shelf: Shelf
    categories: dict[int, str] = field(default_factory=dict)
    videos: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    images: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    ids: "array[int]" = field(default_factory=lambda: array("q"))
    kinds: "array[int]" = field(default_factory=lambda: array("q"))
    objects: "array[int]" = field(default_factory=lambda: array("q"))
    names: list[int | str] = field(default_factory=list)
    owned: dict[int, "array[int]"] = field(default_factory=dict)

    def where(self, number: int) -> str:
        """Return the name of an annotation for messages."""
        return f"{self.path}: annotations[{number}] (id {self.ids[number]})"

    def identity(self, number: int) -> int | str | None:
        """Return which object an annotation is of, None where that is not said."""
        place = self.objects[number]
        return None if place == _NONE else self.names[place]

    def label(self, number: int) -> str:
        """Return the class of an annotation.

        Raises:
            InputError: it has a category that is not there.
        """
        if (kind := self.kinds[number]) not in self.categories:
            raise InputError(
                f"{self.where(number)}: category_id {kind}, expected one of "
                f"{', '.join(f'{n} ({name})' for n, name in self.categories.items()) or 'none'}"
            )
        return self.categories[kind]

    def of(self, owner: int) -> "array[int]":
        """Return the numbers of the annotations of an image or video."""
        return self.owned.get(owner, array("q"))


def read_index(path: Path) -> Index:
    """Return what an index says.

    Raises:
        InputError: the file is damaged, an id is there twice, or an annotation belongs to nothing.
    """
    index, known = Index(path, shelf(path)), dict[int | str, int]()
    for piece in pieces(path, walked=LISTS):
        if piece.number < 0:
            if piece.key in LISTS and piece.value != []:
                raise InputError(f"{path}: {piece.key} is {str(piece.value)[:40]}, expected a list")
            continue
        if not isinstance(piece.value, dict):
            raise InputError(f"{_at(path, piece)}: {str(piece.value)[:40]}, expected an object")
        if piece.key == "annotations":
            _annotation(index, piece, known)
        else:
            _entry(index, piece)
    _check_owners(index)
    _check_ids(index)
    return index


def _entry(index: Index, piece: Piece) -> None:
    """Take a category, a video or an image."""
    said, at = piece.value, _at(index.path, piece)
    number = _id(value(said, "id", at), at)
    known: dict[int, Any] = getattr(index, piece.key)
    if number in known:
        raise InputError(f"{at}: the id {number} is there twice in {piece.key}; number them anew")
    if piece.key == "categories":
        known[number] = text(said, "name", at)
    elif piece.key == "images":
        known[number] = {key: said[key] for key in _OF_AN_IMAGE if key in said}
    else:
        known[number] = said


def _annotation(index: Index, piece: Piece, known: dict[int | str, int]) -> None:
    """Take an annotation: remember its place and whose it is."""
    said, at = piece.value, _at(index.path, piece)
    owner = said.get("image_id", said.get("video_id"))
    number = len(index.shelf)
    index.shelf.put(piece)
    index.ids.append(_id(said["id"], at) if "id" in said else _NONE)
    index.kinds.append(_id(value(said, "category_id", at), f"{at}: category_id"))
    index.objects.append(_place(index.names, known, _identity(said)))
    index.owned.setdefault(_id(owner, f"{at}: image_id"), array("q")).append(number)


def _place(names: list[int | str], known: dict[int | str, int], identity: int | str | None) -> int:
    """Return the place of an identity among all, a new one at their end."""
    if identity is None:
        return _NONE
    if identity not in known:
        known[identity] = len(names)
        names.append(identity)
    return known[identity]


def _identity(said: Mapping[str, Any]) -> int | str | None:
    """Return which object an annotation is of, in any of the places where tools write it; None where in none."""
    inner = said.get("attributes")
    for place in (said, inner if isinstance(inner, dict) else {}):
        for name in _NAMES_OF_IDENTITY:
            found = place.get(name)
            if isinstance(found, str) or (type(found) is int and found >= 0):
                return found
    return None


def _check_owners(index: Index) -> None:
    """Refuse annotations of images or videos that are not there."""
    owners: Mapping[int, Any] = index.images or index.videos
    for owner, numbers in index.owned.items():
        if owner not in owners:
            kind = "image_id" if index.images else "video_id"
            raise InputError(f"{index.where(numbers[0])}: {kind} {owner} is no id of the list")


def _check_ids(index: Index) -> None:
    """Refuse annotations of one id."""
    ids = np.array(index.ids, np.int64)
    order = np.argsort(ids, kind="stable")
    again = order[1:][(np.diff(ids[order]) == 0) & (ids[order[1:]] != _NONE)]
    if len(again):
        raise InputError(
            f"{index.where(int(again.min()))}: this id is there twice; number them anew"
        )


def _id(said: object, at: str) -> int:
    """Return an id, a whole number."""
    if type(said) is not int or not -1 < said < _MOST:
        raise InputError(f"{at}: the id {said!r}, expected a whole number from 0 up")
    return said


def _at(path: Path, piece: Piece) -> str:
    """Return the name of an element for messages."""
    return f"{path}: {piece.key}[{piece.number}]"


def commonest(words: Iterable[str]) -> str:
    """Return the word that is there most often, the first of those."""
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return max(found, key=lambda word: found[word])


def spread(index: Index, groups: Iterable["array[int]"]) -> Iterator[list[tuple[int, Any]]]:
    """Yield for each group of numbers its annotations with their numbers, opening the file once."""
    held = list(groups)
    values = index.shelf.read(number for group in held for number in group)
    for group in held:
        yield [(number, next(values)) for number in group]
