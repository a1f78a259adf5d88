"""Rendered clips: NAME.mp4 beside NAME.json with the truth. Knows no renderer."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from engine import rle
from engine.datasets.clip import LabelledClip, Part
from engine.datasets.files import pictures, rate_of, read_json, value
from engine.errors import InputError
from engine.types import Clip, FrameMasks, TrackMask


def found(folder: Path) -> list[Path]:
    """Return the truth files of rendered clips in a folder: those with a video of their name beside."""
    found = (path for path in sorted(folder.glob("*.json")) if path.with_suffix(".mp4").is_file())
    return [path for path in found if not path.name.startswith(".")]  # being written just now


def read(path: Path, *, split: str) -> LabelledClip:
    """Return the clip of a truth file.

    Raises:
        InputError: the file is damaged.
    """
    said = read_json(path)
    frames = len(value(said, "masks", path))
    clip = Clip(
        path.stem,
        path.stem,
        str(path.with_suffix(".mp4")),
        0,
        frames,
        value(said, "width", path),
        value(said, "height", path),
        rate_of(said.get("rate"), Fraction(30)),
        split,
    )

    def seek(start: int, stop: int) -> Part:
        return pictures(clip, start, stop), _rows(path, start, stop)

    return LabelledClip(
        clip,
        _labels(said, path),
        tuple(range(frames)),
        lambda: pictures(clip),
        lambda: _rows(path, 0, frames),
        seek,
    )


def _labels(said: dict[str, Any], path: Path) -> dict[int, str]:
    """Return the class of each track; every track that has a mask has one."""
    try:
        seen = {entry["track"] for row in said["masks"] for entry in row}
        named = {entry["track"]: entry["label"] for entry in said.get("objects", [])}
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: an object or mask lacks {error}; render it again") from error
    return {track: named.get(track, "ball") for track in sorted(seen | set(named))}


def _rows(path: Path, start: int, stop: int) -> Iterator[FrameMasks]:
    """Yield the truth of frames ``start`` up to ``stop``."""
    for frame, row in islice(enumerate(read_json(path)["masks"]), start, stop):
        try:
            masks = [TrackMask(entry["track"], rle.from_coco(entry)) for entry in row]
        except (KeyError, InputError) as error:
            raise InputError(f"{path}: frame {frame}: {error}") from error
        yield FrameMasks(frame, tuple(mask for mask in masks if rle.area(mask.rle)))
