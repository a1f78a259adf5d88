"""What every format needs: a place beside the old dataset, a marker, a rename at the end. Knows no format.

A dataset is written to ``.NAME.partial`` beside its place, verified there, then trades places with the old one in a
single step (see ``exports.placing``). A run that was killed leaves at most that folder and a lock that nobody
holds; the next run removes both.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from engine import rle
from engine.errors import DiskFull, ExportError, VideoError
from engine.media.faults import NO_ROOM
from engine.ports import ExportItem
from engine.types import FrameMasks, TrackMask
from exports.placing import alone, exchange

MARKER = "engine.json"
WRITER = "billiards-engine"
Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(slots=True)
class Notes:
    """What a format could not hold, in words, in the order it was found."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Write one more line."""
        self.lines.append(line)


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """Yield a folder to write to; it becomes ``out`` when all went well and is removed otherwise.

    Raises:
        ExportError: ``out`` exists and is no dataset of ours, or another export writes there.
        DiskFull: no room; ``out`` is untouched.
    """
    out = out.resolve()  # a link stays one; the folder that it names is replaced
    if not out.name:
        raise ExportError(f"{out}: expected a folder for the dataset, got the root of the disk")
    partial, old = out.with_name(f".{out.name}.partial"), out.with_name(f".{out.name}.old")
    with _faults(out), alone(out):
        _refuse_foreign(out, old)
        _recover(out, old)
        shutil.rmtree(partial, ignore_errors=True)
        try:
            partial.mkdir()
            yield partial
            _sync(partial)
            _place(partial, out, old)
        except BaseException:
            _give_up(out, partial, old)
            raise
        _flush(out.parent)
        shutil.rmtree(partial, ignore_errors=True)  # after a swap, the old dataset is there
        _discard(old)


@contextmanager
def _faults(out: Path) -> Iterator[None]:
    """Translate what goes wrong with the disk."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(
                f"{out}: no room for the dataset ({error.strerror}); free some and repeat"
            ) from error
        raise ExportError(
            f"{out}: cannot be written ({error}); choose a folder that is yours"
        ) from error


def _refuse_foreign(*folders: Path) -> None:
    """Refuse to replace what this product did not write."""
    for folder in folders:
        if folder.exists() and not is_ours(folder):
            raise ExportError(
                f"{folder}: exists and is no dataset of ours ({MARKER} does not say so); "
                "name another folder, or move this one away"
            )


def _place(partial: Path, out: Path, old: Path) -> None:
    """Put the new dataset in its place, in one step where the file system can; else the old one steps aside first."""
    if not out.exists():
        partial.rename(out)
    elif not exchange(partial, out):
        out.rename(old)
        partial.rename(out)


def is_ours(folder: Path) -> bool:
    """Say whether a folder is a dataset that this product wrote, by the content of its marker, or empty."""
    if folder.is_dir() and not any(folder.iterdir()):
        return True
    try:
        said = json.loads((folder / MARKER).read_text())
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and said.get("writer") == WRITER


def each(
    items: Sequence[ExportItem],
    write: Callable[[ExportItem], dict[str, Any]],
    remove: Callable[[str], None],
    notes: Notes,
) -> dict[str, Any]:
    """Write clip after clip; one whose video does not decode is removed again and named.

    Raises:
        ExportError: none could be written.
    """
    written: dict[str, Any] = {}
    for item in items:
        try:
            written[item.clip.id] = write(item)
        except VideoError as error:
            remove(item.clip.id)
            notes.add(f"{item.clip.id}: {error}: left out")
    if not written:
        raise ExportError("; ".join(notes.lines))
    return written


def write_json(path: Path, value: Any) -> None:
    """Write JSON in one fixed form, so that the same value gives the same bytes."""
    path.write_text(json.dumps(value, separators=(",", ":"), sort_keys=False) + "\n")


def write_marker(folder: Path, *, format_name: str, clips: Mapping[str, Any], notes: Notes) -> None:
    """Write our own side file, which also says that the folder is ours."""
    text = json.dumps(
        {"writer": WRITER, "format": format_name, "clips": clips, "notes": notes.lines}, indent=1
    )
    (folder / MARKER).write_text(text + "\n")


def write_lists(
    folder: Path, items: Sequence[ExportItem], *, splits: Sequence[str] = ("train", "val")
) -> None:
    """Write ``train.txt`` and ``val.txt`` with one clip a line; a split without clips gets no file.

    Raises:
        ExportError: clips of one recording are in two splits.
    """
    where: dict[str, str] = {}
    for item in items:
        split = where.setdefault(item.clip.video, item.clip.split)
        if split != item.clip.split:
            raise ExportError(
                f"clip {item.clip.id} is in {item.clip.split}, others of its recording in {split}"
            )
    folder.mkdir(parents=True, exist_ok=True)
    for split in splits:
        names = [item.clip.id for item in items if item.clip.split == split]
        if names:
            (folder / f"{split}.txt").write_text("".join(f"{name}\n" for name in names))


def cleaned(item: ExportItem, *, min_area: int, dropped: dict[int, int]) -> Iterator[FrameMasks]:
    """Yield the clip's frames without masks under ``min_area`` pixels, which are counted by track."""
    for row in item.frames():
        kept: list[TrackMask] = []
        for mask in row.masks:
            if rle.area(mask.rle) >= max(1, min_area):
                kept.append(mask)
            else:
                dropped[mask.track] = dropped.get(mask.track, 0) + 1
        yield FrameMasks(row.frame, tuple(kept))


def told_specks(clip: str, dropped: Mapping[int, int], min_area: int, notes: Notes) -> None:
    """Say which masks were too small."""
    for track, count in sorted(dropped.items()):
        notes.add(
            f"{clip}: track {track} is smaller than {min_area} pixels on {count} frames: not visible there"
        )


def _give_up(out: Path, partial: Path, old: Path) -> None:
    """Leave what was there before, and nothing else."""
    shutil.rmtree(partial, ignore_errors=True)
    _recover(out, old)


def _discard(folder: Path) -> None:
    """Remove a dataset of ours, its marker last: what a killed run leaves of it is still known as ours."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != MARKER:
            path.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _recover(out: Path, old: Path) -> None:
    """Put the old dataset back where a killed run had moved it aside and not come further."""
    if old.exists() and not out.exists():
        old.rename(out)
    _discard(old)


def _sync(folder: Path) -> None:
    """Bring everything to the disk before it becomes visible."""
    for path in [*sorted(folder.rglob("*")), folder]:
        _flush(path)


def _flush(path: Path) -> None:
    """Bring one file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
