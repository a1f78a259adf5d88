"""The guarantees of SA-V's validation and test layout, checked on disk. Yields failures in words."""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

from exports.checks.base import Check, facts_of, folders, step_of
from exports.checks.files import check_lists, check_names, check_splits
from exports.checks.objects import GUARANTEES as OBJECTS
from exports.checks.objects import Place, check_objects
from exports.sav_val import mask_folder, picture_folder

GUARANTEES: Final = (
    *OBJECTS,
    "every clip lies in one folder of pictures and one of annotations, whose names say its rates",
    "every object is visible between the first and the last annotated frame, which are not scored",
)
PICTURES, MASKS = "JPEGImages", "Annotations"


def recognises(path: Path) -> bool:
    """Say whether the layout lies there: folders whose names end in a rate."""
    return bool(_rated(path, PICTURES) and _rated(path, MASKS))


def clips(path: Path) -> list[str]:
    """Return the names of the annotated clips."""
    return sorted({name for rate in _rated(path, MASKS) for name in folders(path / rate)})


def check_whole(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what is broken in lists and folders of the dataset at ``path``."""
    yield from check_names(names)
    yield from check_lists(path, names)
    yield from check_splits(path, path)
    for rate in (*_rated(path, PICTURES), *_rated(path, MASKS)):
        for entry in sorted((path / rate).iterdir()):
            if entry.name not in names or not entry.is_dir():
                yield f"{entry}: no clip; loaders without a list take it for one"


def check_clip(path: Path, name: str, every: int) -> Iterator[str]:
    """Yield what is broken in the files of one clip."""
    found = {}
    for kind in (PICTURES, MASKS):
        at = [rate for rate in _rated(path, kind) if (path / rate / name).is_dir()]
        if len(at) != 1:
            yield f"{path}: clip {name} lies in {at or 'no folder'} of {kind}_*fps, expected one"
            return
        found[kind] = at[0]
    yield from _check_rates(path, name, (found[PICTURES], found[MASKS]))
    place = Place(path, name, path / found[PICTURES] / name, path / found[MASKS] / name)
    yield from check_objects(place, scored=True, every=every)


def _check_rates(path: Path, name: str, at: tuple[str, str]) -> Iterator[str]:
    """Compare the names of the folders with the rate and step that engine.json says."""
    match facts_of(path, name).get("rate"):
        case [int(above), int(below)] if above > 0 and below > 0:
            rate = Fraction(above, below)
            expected = picture_folder(rate), mask_folder(rate, step_of(path, name) or 1)
            if at != expected:
                yield f"{path}: clip {name} lies in {at}, engine.json says {expected}"


def _rated(path: Path, kind: str) -> list[str]:
    """Return the folders of a kind, one for each rate."""
    return [name for name in folders(path) if re.fullmatch(rf"{kind}_[1-9]\d*fps", name)]


CHECK = Check("sav-val", GUARANTEES, recognises, clips, check_clip, check_whole)
