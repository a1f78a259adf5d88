"""Rendered clips: NAME.mp4 beside NAME.json with the truth. Knows no renderer."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from engine import rle
from engine.datasets.clip import Footage, LabelledClip, assemble, row_of
from engine.datasets.entry import Entry
from engine.datasets.files import side, text, value, whole
from engine.datasets.marker import rate_of
from engine.datasets.pieces import Shelf, pieces, shelf
from engine.errors import InputError
from engine.types import Clip, FrameMasks


def entries(path: Path) -> list[Entry]:
    """Return rendered clips, those in the folder itself or those in a folder for each split."""
    split = "val" if path.name == "val" else "train"
    found = [(file, split) for file in _found(path)] or [
        (file, split) for split in ("train", "val") for file in _found(path / split)
    ]
    return [Entry(file.stem, partial(_opened, file, split)) for file, split in found]


def _found(folder: Path) -> list[Path]:
    """Return the truth files of rendered clips in a folder: those with a video of their name beside."""
    found = (path for path in sorted(folder.glob("*.json")) if path.with_suffix(".mp4").is_file())
    return [path for path in found if not path.name.startswith(".")]  # being written just now


def _opened(path: Path, split: str, clip: str) -> LabelledClip:
    """Return the clip of a truth file.

    Raises:
        InputError: the file is damaged.
    """
    fields, rows, tracks = _parse(path)
    if not len(rows):
        raise InputError(f"{path}: has no masks of any frame; render it again")
    made = Clip(
        clip,
        path.stem,
        str(path.with_suffix(".mp4")),
        0,
        len(rows),
        side(fields, "width", path),
        side(fields, "height", path),
        rate_of(fields.get("rate")) or Fraction(30),
        split,
    )
    return assemble(
        Footage(made, path.stem, rate=made.rate),
        labels=_labels(fields, tracks, path),
        labelled=tuple(range(len(rows))),
        rows=_Rows(made, rows),
    )


def _parse(path: Path) -> tuple[dict[str, Any], Shelf, set[int]]:
    """Return the fields of a truth file, where the masks of each frame lie, and the tracks that have any."""
    fields: dict[str, Any] = {}
    rows, tracks = shelf(path), set[int]()
    for piece in pieces(path, walked=("masks",)):
        if piece.number < 0:
            fields[piece.key] = piece.value
            continue
        rows.put(piece)
        try:
            tracks |= {whole(entry, "track", f"{path}: a mask", least=1) for entry in piece.value}
        except (KeyError, TypeError) as error:
            raise InputError(f"{path}: an object or mask lacks {error}; render it again") from error
    value(fields, "masks", path)
    return fields, rows, tracks


def _labels(fields: dict[str, Any], tracks: set[int], path: Path) -> dict[int, str]:
    """Return the class of each track; every track that has a mask has one."""
    try:
        named = {
            whole(entry, "track", f"{path}: an object", least=1): text(
                entry, "label", f"{path}: an object"
            )
            for entry in fields.get("objects", [])
        }
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: an object or mask lacks {error}; render it again") from error
    return {track: named.get(track, "ball") for track in sorted(tracks | set(named))}


@dataclass(frozen=True, slots=True)
class _Rows:
    """Called, reads the truth of frames from the places where it lies."""

    clip: Clip
    rows: Shelf

    def __call__(self, start: int, stop: int) -> Iterator[FrameMasks]:
        """Yield the truth of frames ``start`` up to ``stop``."""
        numbers = range(start, min(stop, len(self.rows)))
        for frame, row in zip(numbers, self.rows.read(numbers), strict=True):
            where = f"{self.rows.path}: frame {frame}"
            try:
                masks = [(entry["track"], rle.from_coco(entry), 1.0) for entry in row]
            except (KeyError, InputError) as error:
                raise InputError(f"{where}: {error}") from error
            yield row_of(frame, masks, clip=self.clip, where=where)
