"""Is what lies on disk what its format promises? Finds the format by itself; changes nothing and repairs nothing."""

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from engine.errors import InputError, SelectionError
from exports.verify_base import MARKER, Check, Remark, said_of
from exports.verify_manifest import GUARANTEES as MANIFEST
from exports.verify_manifest import Listed, Table, check_listed, check_table, read_listed

CHECKS: Final = (
    "exports.verify_sav:CHECK",
    "exports.verify_davis:CHECK",
)
"""Where the check of each format is, in the order in which layouts are tried."""

MOST: Final = 100  # a hundred failures of one clip tell enough
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, in words, and what is broken: each failure names the file and the value.

    ``remarks`` are no failures: what is allowed and still worth knowing before a training.
    """

    format: str
    checks: tuple[str, ...]
    failures: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def verify(
    path: Path,
    *,
    clips: Collection[str] | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Check a dataset: its lists and indexes, and of ``clips`` (None: of all) every file.

    ``workers`` processes each take one clip at a time; ``progress(done, total)`` is called after each.

    Raises:
        SelectionError: there is no dataset of a known format at ``path``.
    """
    check = check_of(path)
    names = check.clips(path)
    listed = read_listed(path)
    files = listed.clips if listed else {}
    deep = [(name, files.get(name, {})) for name in names if clips is None or name in clips]
    lines = _whole(check, path, names, listed)
    for done, found in enumerate(_found(partial(_clip, check, path), deep, workers), 1):
        lines += found
        if progress:
            progress(done, len(deep))
    return Report(
        check.name,
        (*check.guarantees, *MANIFEST),
        tuple(str(line) for line in dict.fromkeys(lines) if not isinstance(line, Remark)),
        tuple(str(line) for line in dict.fromkeys(lines) if isinstance(line, Remark)),
    )


def check_of(path: Path) -> Check:
    """Return the check for a dataset: the one that engine.json names, else the one whose layout lies there.

    Raises:
        SelectionError: there is none.
    """
    known = {check.name: check for check in _checks()}
    said = said_of(path)
    for name in (f"{said.get('format')}-{said.get('layout')}", str(said.get("format"))):
        if name in known:
            return known[name]
    for check in known.values():
        if path.is_dir() and check.recognises(path):
            return check
    raise SelectionError(
        f"{path}: no dataset that is known: neither SA-V (*_manual.json) nor DAVIS (Annotations/), nor "
        f"another of {', '.join(known)}, and no {MARKER} says which; name the folder that holds the dataset"
    )


def _checks() -> Iterator[Check]:
    """Import the check of every format."""
    for place in CHECKS:
        module, name = place.split(":")
        check = getattr(import_module(module), name)
        assert isinstance(check, Check)  # noqa: S101 - narrows the type of what a name stands for
        yield check


def _whole(check: Check, path: Path, names: list[str], listed: Listed | None) -> list[str]:
    """Collect what is wrong with the dataset apart from single clips."""
    lines = [*_told(_said(path)), *_told(check.whole(path, names))]
    if not names:
        lines.append(f"{path}: holds no clip")
    return lines + (_told(check_listed(path, listed, names)) if listed else [])


def _said(path: Path) -> Iterator[str]:
    """Say when our side file is there and cannot be used."""
    if (path / MARKER).exists() and not isinstance(said_of(path).get("clips"), dict):
        yield f"{path / MARKER}: not readable, or without clips"


def _clip(check: Check, path: Path, clip: tuple[str, Table]) -> list[str]:
    """Collect what is wrong with one clip, a name and its listed files; runs in a worker process."""
    name, files = clip
    return [*_told(check.clip(path, name)), *_told(check_table(path, files))]


def _told(lines: Iterator[str]) -> list[str]:
    """Collect lines; what cannot be read at all is a line too."""
    told: list[str] = []
    try:
        told.extend(islice(lines, MOST))
    except (InputError, OSError) as error:
        told.append(str(error))
    return told


def _found(
    look: Callable[[tuple[str, Table]], list[str]], clips: list[tuple[str, Table]], workers: int
) -> Iterable[list[str]]:
    """Yield the lines of each clip in the order of ``clips``."""
    if workers < 2 or len(clips) < 2:
        yield from map(look, clips)
        return
    # Fresh processes: a copy of one that runs decoder threads may hang in their locks.
    with ProcessPoolExecutor(min(workers, len(clips)), mp_context=get_context("spawn")) as pool:
        yield from pool.map(look, clips)
