"""DAVIS and what is laid out like it, MOSE and plain frames: pictures and masks of a clip below one name each.

DAVIS has a level for the resolution, ``Annotations/480p/CLIP``, MOSE and plain frames have not. Knows no exporter. An
object's track is what ``engine.json`` says, else its number in the PNGs or folders; 255 is void and no object.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from engine.datasets import folders
from engine.datasets.clip import LabelledClip
from engine.datasets.entry import Entry, roots, subfolders
from engine.datasets.files import read_json
from engine.datasets.lists import listed, split_of
from engine.datasets.marker import facts_of, marker
from engine.errors import InputError

RESOLUTIONS = ("Full-Resolution", "1080p", "480p", "")
ANNOTATIONS = ("Annotations", "Annotations_unsupervised")
RATE, PLAIN_RATE = Fraction(24), Fraction(30)
SEMANTICS = "davis_semantics.json"


def entries(path: Path) -> list[Entry]:
    """Return the clips of a folder, or of those in it that are named by splits."""
    return [entry for root, split in roots(path).items() for entry in _entries(root, split)]


def _entries(root: Path, split: str) -> Iterator[Entry]:
    """Yield the clips of one folder, at the best resolution that has both pictures and masks."""
    masks, resolution = _level(root)
    if masks is None:
        return
    said, named = marker(root), _semantics(root)
    lists = listed([*root.glob("ImageSets/*/*.txt"), *root.glob("*.txt")])
    rate = RATE if resolution else PLAIN_RATE

    def opened(of: Path, clip: str) -> LabelledClip:
        facts = facts_of(root, of.name, said)
        plan = folders.Plan(
            of.name,
            root / "JPEGImages" / resolution / of.name,
            of,
            rate,
            split_of(of.name, lists, facts.split, split),
            facts,
            _named(named, of.name, root / SEMANTICS),
        )
        return folders.read(plan, clip)

    for of in subfolders(masks):
        yield Entry(of.name, partial(opened, of))


def _level(root: Path) -> tuple[Path | None, str]:
    """Return the folder of masks and the resolution, None where there is no such folder.

    A resolution is one where pictures or, failing that, masks lie below its name.
    """
    levels = [(root / kind, name) for kind in ANNOTATIONS for name in RESOLUTIONS]
    there = [(kind / name, name) for kind, name in levels if subfolders(kind / name)]
    both = [(masks, name) for masks, name in there if (root / "JPEGImages" / name).is_dir()]
    return next(iter(both or there), (None, ""))


def _semantics(root: Path) -> Mapping[str, Any]:
    """Return what DAVIS 2017's semantics say of each clip, nothing without them."""
    path = root / SEMANTICS
    return read_json(path) if path.is_file() else {}


def _named(semantics: Mapping[str, Any], name: str, path: Path) -> Mapping[int, str]:
    """Return the class of each number of a clip."""
    named = semantics.get(name, {})
    try:
        return {int(number): str(label) for number, label in named.items()}
    except (AttributeError, ValueError) as error:
        raise InputError(f"{path}: {name}: expected {{number: class}}, got {named!r}") from error
