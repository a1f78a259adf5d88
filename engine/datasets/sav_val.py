"""SA-V for validation and test: pictures at the recording's rate, masks at a lower one, a PNG for each object.

``JPEGImages_24fps/CLIP/00000.jpg`` and ``Annotations_6fps/CLIP/000/00000.png``, both named by the number of the frame. Knows
no exporter. An object's track is what ``engine.json`` says, else its folder's number plus one.
"""

import re
from fractions import Fraction
from functools import partial
from pathlib import Path

from engine.datasets import folders
from engine.datasets.clip import LabelledClip
from engine.datasets.entry import Entry, roots, subfolders
from engine.datasets.lists import listed, split_of
from engine.datasets.marker import facts_of, marker
from engine.errors import InputError

_RATE = re.compile(r"_(\d{1,4})fps$")


def entries(path: Path) -> list[Entry]:
    """Return the clips of a folder, or of those in it that are named by splits."""
    return [entry for root, split in roots(path).items() for entry in _entries(root, split)]


def _entries(root: Path, split: str) -> list[Entry]:
    """Return the clips of one folder; one with masks at two rates is taken with the more of them."""
    pictures, masks = (_by_clip(root, kind) for kind in ("JPEGImages", "Annotations"))
    if not masks:
        return []
    said, lists = marker(root), listed(root.glob("*.txt"))

    def opened(name: str, clip: str) -> LabelledClip:
        if name not in pictures:
            raise InputError(
                f"{root}: no JPEGImages_..fps/{name}, of which {masks[name]} has masks"
            )
        facts = facts_of(root, name, said)
        stills = pictures[name]
        at = _RATE.search(stills.parent.name)
        plan = folders.Plan(
            name,
            stills,
            masks[name],
            Fraction(max(1, int(at[1]))) if at else Fraction(24),
            split_of(name, lists, facts.split, split, "val"),
            facts,
        )
        return folders.read(plan, clip)

    return [Entry(name, partial(opened, name)) for name in sorted(masks)]


def _by_clip(root: Path, kind: str) -> dict[str, Path]:
    """Return the folder of each clip in folders like JPEGImages_24fps, the highest rate where it is in two."""
    levels = [(int(at[1]), one) for one in subfolders(root) if (at := _RATE.search(one.name))]
    own = sorted((rate, one) for rate, one in levels if one.name == f"{kind}_{rate}fps")
    return {clip.name: clip for _, one in own for clip in subfolders(one)}
