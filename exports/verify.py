"""Is what lies on disk what its format promises? Finds the format by itself; changes nothing and repairs nothing."""

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from engine.datasets.marker import MARKER
from engine.errors import InputError, SelectionError
from exports.checks.base import Check, Remark, said_of
from exports.checks.manifest import GUARANTEES as MANIFEST
from exports.checks.manifest import Listed, Table, check_listed, check_table, read_listed
from exports.crew import Progress, crew

CHECKS: Final = (
    "exports.checks.sav:CHECK",
    "exports.checks.sav_val:CHECK",
    "exports.checks.frames:CHECK",
    "exports.checks.mose:CHECK",
    "exports.checks.davis:CHECK",
    "exports.checks.coco:CHECK",
    "exports.checks.youtube_vis:CHECK",
    "exports.checks.yolo_seg:CHECK",
    "exports.checks.mots:CHECK",
)
"""Where the check of each format is, in the order in which layouts are tried."""

MOST: Final = 100  # a hundred failures of one clip tell enough
_Clip: TypeAlias = tuple[str, Table]


def _silent(_clip: str, _done: int, _total: int) -> None:
    """Show no progress."""


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
    every: int = 1,
    progress: Progress = _silent,
) -> Report:
    """Check a dataset: its lists and indexes, and of ``clips`` (None: of all) every file.

    Of a clip's pictures every ``every``-th is opened; all are there, of one size, and what a manifest says they are. With
    more than 1, a video is compared with them at its keyframes only.
    ``workers`` processes take one clip at a time each; ``progress(clip, clips done, clips in all)`` is called after each.

    Raises:
        SelectionError: there is no dataset of a known format at ``path``, or it cannot be read.
    """
    check, names = _opened(path)
    listed = read_listed(path)
    files = listed.clips if listed else {}
    deep = [(name, files.get(name, {})) for name in names if clips is None or name in clips]
    lines, found = _whole(check, path, names, listed), dict[str, list[str]]()
    look = partial(_clip, check, path, every)
    with closing(
        crew(look, deep, workers=min(workers, len(deep)), progress=_silent)
    ) as results:  # no worker outlives what progress raises
        for name, told in results:
            found[name] = told
            progress(name, len(found), len(deep))
    lines += [line for name in sorted(found) for line in found[name]]
    return Report(
        check.name,
        (*check.guarantees, *MANIFEST),
        tuple(str(line) for line in dict.fromkeys(lines) if not isinstance(line, Remark)),
        tuple(str(line) for line in dict.fromkeys(lines) if isinstance(line, Remark)),
    )


def _opened(path: Path) -> tuple[Check, list[str]]:
    """Return the check for a dataset and the names of its clips; errors as for ``verify``."""
    try:
        check = check_of(path)
        return check, check.clips(path)
    except OSError as error:
        raise SelectionError(
            f"{path}: cannot be read ({error}); change its permissions, or mount the disk it lies on"
        ) from error


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
    lines = [*_told(_said(path, names)), *_told(check.whole(path, names))]
    if not names:
        lines.append(f"{path}: holds no clip")
    return lines + (_told(check_listed(path, listed, names)) if listed else [])


def _said(path: Path, names: list[str]) -> Iterator[str]:
    """Say when our side file is there and cannot be used, or names other clips than lie there."""
    if not (path / MARKER).exists():
        return
    clips = said_of(path).get("clips")
    if not isinstance(clips, dict):
        yield f"{path / MARKER}: not readable, or without clips"
        return
    for name in sorted(clips.keys() ^ set(names)):
        yield f"{path / MARKER}: clip {name} is {'not named' if name in names else 'not there'}"


def _clip(
    check: Check,
    path: Path,
    every: int,
    clip: _Clip,
    progress: Progress,  # noqa: ARG001 - the crew's; a clip is told when it is done
) -> tuple[str, list[str]]:
    """Collect what is wrong with one clip, a name and its listed files; runs in a worker process."""
    name, files = clip
    return name, [*_told(check.clip(path, name, every)), *_told(check_table(path, files))]


def _told(lines: Iterator[str]) -> list[str]:
    """Collect lines; what cannot be read at all is a line too."""
    told: list[str] = []
    try:
        told.extend(islice(lines, MOST))
    except (InputError, OSError) as error:
        told.append(str(error))
    except RecursionError:
        told.append("a file of JSON is nested without end; no dataset is")
    return told
