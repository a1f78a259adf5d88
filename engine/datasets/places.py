"""Where the pictures of an index lie, which files are indexes, and of which split; knows no content of any."""

import mmap
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from engine.datasets.lists import SPLITS, split_in
from engine.datasets.marker import MARKER, Facts
from engine.errors import InputError

_OURS = (MARKER, "manifest.json")
_NOTHING_DRAWN = re.compile(rb'"annotations"\s*:\s*\[\s*\]')
_INSIDE = ("", "images", "JPEGImages", "data", "frames", "img")


@dataclass(frozen=True, slots=True)
class Place:
    """An index ``file`` of the dataset at ``root``, whose side file says ``said``."""

    root: Path
    file: Path
    said: Mapping[str, Any]

    def split(self, facts: Facts) -> str:
        """Return the split: that of the index's name or folder, else what the side file says, else "train"."""
        named = split_in(self.file.stem) or split_in(self.file.parent.name)
        return named or facts.split or "train"

    def folder_of(self, files: Sequence[str]) -> Path:
        """Return the folder below which all these pictures lie, given as the index names them.

        Raises:
            InputError: a picture is missing, or outside the dataset.
        """
        for name in files:
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise InputError(
                    f"{self.file}: {name} is a file outside the dataset; move it inside"
                )
        tried = list(dict.fromkeys(self._folders()))
        folder = next((one for one in tried if any(_there(one / f) for f in files[:3])), None)
        if folder is None:
            near = ", ".join(str(one) for one in tried if one.is_dir())
            raise InputError(f"{self.file}: {files[0]} is missing; looked for it in {near}")
        for name in files:
            if not _there(folder / name):
                raise InputError(f"{self.file}: {folder / name} is missing")
        return folder

    def _folders(self) -> Iterable[Path]:
        """Yield the folders that pictures may be named from: beside the index first."""
        stem = self.file.stem.removeprefix("instances_")
        said = split_in(self.file.stem)
        splits = [name for name, split in SPLITS.items() if split == said]
        for base in dict.fromkeys([self.file.parent, self.root]):
            for inner in _INSIDE:
                for level in ("", stem, *splits):
                    yield base / inner / level
                    yield base / level / inner


def _there(path: Path) -> bool:
    """Return whether a picture is there; a name that no file could have is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def index_files(path: Path) -> list[Path]:
    """Return the files of a dataset that look like an index: ``path`` itself, or JSON files in the usual places.

    A file is taken for one when it speaks of annotations with segmentations of images or videos, or of none at all, so
    that it need not be read.
    """
    if path.is_file():
        return [path] if _speaks(path) else []
    inner = [path, path / "annotations", *(path / split for split in SPLITS)]
    found = [file for folder in inner for file in sorted(folder.glob("*.json"))]
    return [file for file in found if file.name not in _OURS and _speaks(file)]


def _speaks(path: Path) -> bool:
    """Return whether a file holds the words of an index."""
    if path.suffix != ".json" or not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        listed = text.find(b'"images"') >= 0 or text.find(b'"videos"') >= 0
        drawn = text.find(b'"annotations"') >= 0 and text.find(b'"segmentation') >= 0
        return listed and (drawn or _NOTHING_DRAWN.search(text) is not None)
