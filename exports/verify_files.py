"""Checks that several formats share: names, lists, frame folders. Yields failures in words."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from engine.media.still import UNREADABLE
from exports.verify_base import NO_TEXT

NAME = re.compile(r"[A-Za-z0-9_-]+")


def check_names(names: list[str]) -> Iterator[str]:
    """Names that the loaders' list files can carry: a dot would cut them."""
    for name in names:
        if not NAME.fullmatch(name):
            yield f"name {name!r}: only letters, digits, '-' and '_' survive the loaders' list files"


def check_lists(folder: Path, names: list[str]) -> Iterator[str]:
    """Every clip in exactly one of the lists, no blank and no foreign line."""
    listed: dict[str, str] = {}
    lists = sorted(folder.glob("*.txt"))
    if not lists:
        yield f"{folder}: no list of clips (train.txt or val.txt)"
    for path in lists:
        try:
            lines = path.read_text().splitlines()
        except NO_TEXT as error:
            yield f"{path}: not readable as a list of clips ({error})"
            continue
        for line in lines:
            if line not in names:
                yield f"{path}: {line!r} is no clip of this dataset"
            elif line in listed:
                yield f"{path}: {line} is also in {listed[line]}"
            listed[line] = path.name
    for name in names:
        if name not in listed:
            yield f"{folder}: clip {name} is in no list"


def check_splits(path: Path, lists: Path) -> Iterator[str]:
    """Clips of one recording in one list; only our own side file knows of recordings."""
    try:
        clips = json.loads((path / "engine.json").read_text())["clips"]
        recordings = {name: str(facts["recording"]) for name, facts in clips.items()}
    except FileNotFoundError:
        return
    except (*NO_TEXT, KeyError, TypeError, AttributeError) as error:
        yield f"{path / 'engine.json'}: not readable ({error!r})"
        return
    where: dict[str, str] = {}
    for listed in sorted(lists.glob("*.txt")):
        for name in _words(listed):
            first = where.setdefault(recordings.get(name, name), listed.name)
            if first != listed.name:
                yield f"{listed}: {name} is of a recording that is also in {first}"


def _words(path: Path) -> list[str]:
    """Return the words of a list; none where ``check_lists`` has said that it is not readable."""
    try:
        return path.read_text().split()
    except NO_TEXT:
        return []


def frame_numbers(folder: Path, suffix: str) -> list[int] | str:
    """Return the frame numbers of a folder, or what is wrong with a name in it."""
    numbers = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix != suffix or not re.fullmatch(r"\d{5}", path.stem):
            return f"{path}: expected five digits and {suffix}"
        numbers.append(int(path.stem))
    if numbers != list(range(len(numbers))):
        return f"{folder}: frames {numbers[:3]}... are not 0, 1, 2, ..."
    return numbers


def picture_size(path: Path) -> tuple[int, int] | str:
    """Return (height, width) of a picture, or what is wrong with it."""
    try:
        with Image.open(path) as picture:
            picture.load()
            return picture.height, picture.width
    except UNREADABLE as error:
        return f"{path}: does not open as a picture ({error})"
