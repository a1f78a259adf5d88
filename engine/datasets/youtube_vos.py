"""YouTube-VOS: MOSE's folders, and ``meta.json`` with the class of every object. Knows no exporter.

Every fifth frame of a video has a picture and a palette PNG; an object's number in them is its number in ``meta.json`` and its track.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from engine.datasets import folders
from engine.datasets.clip import LabelledClip
from engine.datasets.entry import Entry, roots
from engine.datasets.files import numbered, read_json, text, trailing, value
from engine.datasets.lists import listed, split_of
from engine.datasets.marker import facts_of, marker
from engine.errors import InputError

META = "meta.json"
RATE = Fraction(30)


def entries(path: Path) -> list[Entry]:
    """Return the clips of a folder, or of those in it that are named by splits."""
    return [entry for root, split in roots(path).items() for entry in _entries(root, split)]


def _entries(root: Path, split: str) -> list[Entry]:
    """Return the clips that ``meta.json`` names, nothing without one."""
    path = root / META
    if not path.is_file() or not (root / "Annotations").is_dir():
        return []
    videos = value(read_json(path), "videos", path)
    if not isinstance(videos, dict):
        raise InputError(f"{path}: videos is a {type(videos).__name__}, expected an object")
    said, lists = marker(root), listed(root.glob("*.txt"))

    def opened(name: str, clip: str) -> LabelledClip:
        facts = facts_of(root, name, said)
        plan = folders.Plan(
            name,
            root / "JPEGImages" / name,
            root / "Annotations" / name,
            RATE,
            split_of(name, lists, facts.split, split),
            facts,
            _labels(videos[name], root / "Annotations" / name, f"{path}: {name}"),
        )
        return folders.read(plan, clip)

    return [Entry(name, partial(opened, name)) for name in sorted(videos)]


def _labels(video: Any, masks: Path, where: str) -> Mapping[int, str]:
    """Return the class of each object; every frame that is said to show it has its PNG.

    Raises:
        InputError: a PNG is missing, or the video is not what it should be.
    """
    there = numbered(masks, endings=folders.PNG)
    labels = {}
    try:
        for number, of in video["objects"].items():
            labels[int(number)] = text(of, "category", f"{where}: object {number}")
            gone = [frame for frame in of.get("frames", []) if trailing(str(frame)) not in there]
            if gone:
                raise InputError(f"{where}: object {number}: {masks / gone[0]}.png is missing")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{where}: expected {{'objects': {{number: {{'category', 'frames'}}}}}}, got {error!r}"
        ) from error
    return labels
