"""DAVIS 2017: a folder of JPEGs and one of palette PNGs for each clip. Knows no exporter.

An object's track is what ``engine.json`` says, else its number in the PNGs; 255 is void and no object.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from engine import rle
from engine.datasets.clip import LabelledClip, Part
from engine.datasets.files import pictures, rate_of, read_indices, read_json, read_size
from engine.errors import InputError
from engine.types import Clip, FrameMasks, TrackMask

RESOLUTIONS = ("Full-Resolution", "480p")
VOID, RATE = 255, Fraction(24)


def found(folder: Path) -> dict[str, Path]:
    """Return the folder of annotations of each clip, at the best resolution there is, by the clip's name."""
    for resolution in RESOLUTIONS:
        masks = folder / "Annotations" / resolution
        if masks.is_dir():
            return {path.name: path for path in sorted(masks.iterdir()) if path.is_dir()}
    return {}


def split_of(folder: Path, name: str) -> str:
    """Return the list that names a clip, "train" where no list does."""
    for path in sorted((folder / "ImageSets").glob("*/*.txt")):
        if name in path.read_text().split():
            return path.stem
    return "train"


def read(masks: Path, facts: dict[str, Any], *, split: str) -> LabelledClip:
    """Return the clip of a folder of annotations, ``facts`` being what our side file says of it.

    Raises:
        InputError: there are no pictures, or they cannot be read.
    """
    root, resolution, name = masks.parents[2], masks.parent.name, masks.name
    stills = root / "JPEGImages" / resolution / name
    frames = sum(1 for _ in stills.glob("*.jpg"))
    if not frames:
        raise InputError(f"{stills}: no pictures; expected 00000.jpg and so on")
    wide, high = read_size(stills / "00000.jpg")
    rate = rate_of(facts.get("rate"), RATE)
    clip = Clip(
        name, str(facts.get("recording", name)), str(stills), 0, frames, wide, high, rate, split
    )
    labelled = tuple(sorted(int(path.stem) for path in masks.glob("*.png")))
    tracks, labels = _tracks(root, name, facts)

    def rows(start: int = 0, stop: int = frames) -> Iterator[FrameMasks]:
        return (
            _row(masks / f"{frame:05d}.png", frame, tracks)
            for frame in labelled
            if start <= frame < stop
        )

    def seek(start: int, stop: int) -> Part:
        return pictures(clip, start, stop), rows(start, stop)

    return LabelledClip(clip, labels, labelled, lambda: pictures(clip), rows, seek)


def _tracks(root: Path, name: str, facts: dict[str, Any]) -> tuple[dict[int, int], dict[int, str]]:
    """Return the track of each number and the class of each track, as far as a side file says."""
    if objects := facts.get("objects"):
        tracks = {int(number): int(of["track"]) for number, of in objects.items()}
        return tracks, {int(of["track"]): str(of["label"]) for of in objects.values()}
    path = root / "davis_semantics.json"
    named = read_json(path).get(name, {}) if path.is_file() else {}
    return {}, {int(number): str(label) for number, label in named.items()}


def _row(path: Path, frame: int, tracks: dict[int, int]) -> FrameMasks:
    """Read one annotation."""
    owners = read_indices(path)
    if owners.ndim != 2:
        raise InputError(f"{path}: shape {owners.shape}; expected a palette picture, (H, W)")
    numbers = [int(n) for n in np.unique(owners) if n not in (0, VOID)]
    masks = [TrackMask(tracks.get(n, n), rle.encode(owners == n)) for n in numbers]
    return FrameMasks(frame, tuple(masks))
