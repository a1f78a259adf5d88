"""Checks that several formats share: names, lists, frame folders. Yields failures in words."""

import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine.datasets.marker import MARKER
from exports.checks.base import NO_TEXT, facts_of, parse

NAME = re.compile(r"[A-Za-z0-9_-]+")
ABOUT = re.compile(r"(readme|licen[cs]e|notice|changelog).*", re.IGNORECASE)


def check_names(names: list[str]) -> Iterator[str]:
    """Names that the loaders' list files can carry: a dot would cut them."""
    for name in names:
        if not NAME.fullmatch(name):
            yield f"name {name!r}: only letters, digits, '-' and '_' survive the loaders' list files"


def lists_of(folder: Path) -> list[Path]:
    """Return the lists of clips in a folder: its texts but those that are for people."""
    return sorted(path for path in folder.glob("*.txt") if not ABOUT.fullmatch(path.name))


def check_lists(folder: Path, names: list[str], *, free: Collection[str] = ()) -> Iterator[str]:
    """Every clip in exactly one of the lists (those in ``free`` in one or none), no blank and no foreign line."""
    listed: dict[str, str] = {}
    lists = lists_of(folder)
    if not lists:
        yield f"{folder}: no list of clips (train.txt or val.txt)"
    for path in lists:
        try:
            text = path.read_bytes().decode()
        except NO_TEXT as error:
            yield f"{path}: not readable as a list of clips ({error})"
            continue
        if "\r" in text:
            yield f"{path}: lines end with CR LF, which some loaders take for a part of the name"
        for line in text.replace("\r\n", "\n").splitlines():
            yield from _check_line(path, line, names, listed)
            listed.setdefault(line, path.name)
    for name in names:
        if name not in listed and name not in free:
            yield f"{folder}: clip {name} is in no list"


def _check_line(path: Path, line: str, names: list[str], listed: dict[str, str]) -> Iterator[str]:
    """Check one line of a list."""
    if "." in line:
        yield f"{path}: {line!r} has a dot, where loaders cut the name"
    if line not in names:
        yield f"{path}: {line!r} is no clip of this dataset"
    elif line in listed:
        yield f"{path}: {line} is also in {listed[line]}"


def check_splits(path: Path, lists: Path) -> Iterator[str]:
    """Clips of one recording in one list; only our own side file knows of recordings."""
    try:
        clips = parse((path / MARKER).read_bytes())["clips"]
        recordings = {name: str(facts["recording"]) for name, facts in clips.items()}
    except FileNotFoundError:
        return
    except (*NO_TEXT, KeyError, TypeError, AttributeError) as error:
        yield f"{path / MARKER}: not readable ({error!r})"
        return
    where: dict[str, str] = {}
    for listed in lists_of(lists):
        if listed.name == "auto.txt":
            continue  # nobody trains or evaluates on it
        for name in words_of(listed):
            first = where.setdefault(recordings.get(name, name), listed.name)
            if first != listed.name:
                yield f"{listed}: {name} is of a recording that is also in {first}"


def words_of(path: Path) -> list[str]:
    """Return the words of a list; none where ``check_lists`` has said that it is not readable."""
    try:
        return path.read_text().split()
    except NO_TEXT:
        return []


def check_facts(path: Path, name: str, **found: Any) -> Iterator[str]:
    """Compare what engine.json says of a clip (``frames``, ``size``, ...) with what lies there."""
    facts = facts_of(path, name)
    for key, value in found.items():
        if key in facts and facts[key] != value:
            yield f"{path / MARKER}: {key} of {name} is {str(facts[key])[:60]}, the files say {value}"


def check_said_objects(path: Path, name: str, said: Any, ids: Collection[int]) -> Iterator[str]:
    """Compare the objects that engine.json names for a clip with those that lie there."""
    expected = sorted(map(str, ids))
    if isinstance(said, dict) and sorted(said) != expected:
        yield f"{path / MARKER}: objects of {name} are {str(sorted(said))[:60]}, the files hold {str(expected)[:60]}"


def frame_numbers(folder: Path, suffix: str) -> list[int] | str:
    """Return the frame numbers of a folder, 0, 1, 2, ... without gaps, or what is wrong with a name in it."""
    numbers = spaced_numbers(folder, suffix)
    if not isinstance(numbers, str) and numbers != list(range(len(numbers))):
        return _gap(folder, numbers, 1)
    return numbers


def spaced_numbers(folder: Path, suffix: str) -> list[int] | str:
    """Return the frame numbers of a folder, 0, s, 2 s, ... for some s, or what is wrong with a name in it."""
    numbers = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix != suffix or not re.fullmatch(r"[0-9]{5}", path.stem):
            return f"{path}: expected five digits and {suffix}"
        numbers.append(int(path.stem))
    step = _usual_step(numbers)
    if numbers != list(range(0, len(numbers) * step, step)):
        return _gap(folder, numbers, step)
    return numbers


def _usual_step(numbers: list[int]) -> int:
    """Return the most common distance between frame numbers."""
    steps = [after - before for before, after in pairwise(numbers)]
    return max(set(steps), key=lambda step: (steps.count(step), -step), default=1)


def _gap(folder: Path, numbers: list[int], step: int) -> str:
    """Say where frame numbers leave the grid."""
    wrong = next(n for k, n in enumerate(numbers) if n != k * step)
    steps = f"0, {step}, {2 * step}"
    return f"{folder}: frames are not {steps}, ...: {wrong:05d} stands where {numbers.index(wrong) * step:05d} belongs"
