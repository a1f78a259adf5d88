"""Which split a clip belongs to, by the list files of a dataset; knows no format."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

SPLITS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}  # fmt: skip
_BOTH = ("trainval", "trainval2017")  # names the clips of two splits once more


def listed(files: Iterable[Path]) -> dict[str, str]:
    """Return the list that names each clip, by the list's own name; the first one where several do.

    A line holds a name, or paths of pictures, of which the folder is the name (DAVIS 2016).
    """
    found: dict[str, str] = {}
    for path in sorted(files):
        if path.stem in _BOTH or not path.is_file():
            continue
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if words := line.split():
                first = PurePosixPath(words[0])
                name = first.parent.name if first.suffix in (".jpg", ".png") else words[0]
                found.setdefault(name, path.stem.removeprefix("sav_"))
    return found


def split_of(name: str, lists: Mapping[str, str], *otherwise: str) -> str:
    """Return the list that names a clip; where none does, the first of ``otherwise`` that says something, or "train"."""
    return next((said for said in (lists.get(name), *otherwise) if said), "train")


def split_in(words: str) -> str:
    """Return the split that a file's or folder's name speaks of: instances_val2017 is "val"; "" where none."""
    parts = re.split(r"[-_.\d]+", words.lower())
    return next((SPLITS[part] for part in parts if part in SPLITS), "")
