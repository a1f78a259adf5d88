"""A clip of a dataset that is known and not opened yet; knows no format."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.datasets.clip import LabelledClip
from engine.datasets.lists import SPLITS


@dataclass(frozen=True, slots=True)
class Entry:
    """One clip: what the dataset calls it, and how to open it under a clip id.

    ``open`` raises InputError where its files are damaged; the other clips stay readable.
    """

    name: str
    open: Callable[[str], LabelledClip]


def roots(path: Path) -> Mapping[Path, str]:
    """Return the folders that may hold a dataset and the split each speaks of, "" for ``path`` itself."""
    inner = {path / name: split for name, split in SPLITS.items() if (path / name).is_dir()}
    return {path: SPLITS.get(path.name, "")} | inner


def subfolders(path: Path) -> Iterable[Path]:
    """Return the folders in a folder, in the order of their names; hidden ones are nobody's."""
    inner = path.iterdir() if path.is_dir() else ()
    return sorted(one for one in inner if one.is_dir() and not one.name.startswith("."))
