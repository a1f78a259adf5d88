"""Pictures of many clips side by side or in folders of their own, told apart by their names. Yields failures in words."""

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from exports.checks.files import check_facts
from exports.checks.pictures import check_opened, size_of

STILLS: Final = (".jpg", ".jpeg", ".png")
_NUMBERED: Final = re.compile(r"(.*?)[-_./]?([0-9]+)")


def clip_and_number(name: str) -> tuple[str, int]:
    """Return the clip and the number of a picture from its path: ``train/game-1_00012.jpg`` is ("game-1", 12).

    What has no number is a clip of its own, picture 0.
    """
    stem = name.rpartition(".")[0] or name
    found = _NUMBERED.fullmatch(stem)
    clip, number = (found[1], int(found[2])) if found else (stem, 0)
    return clip.rpartition("/")[2] or clip, number


def names_below(folder: Path, endings: Collection[str] = STILLS) -> list[str]:
    """Return the paths, below a folder, of all files with such endings, sorted.

    Plain text and no more: each clip of a dataset looks through the pictures of all.
    """
    found = []
    for inside, _, names in os.walk(folder):
        start = Path(inside).relative_to(folder).as_posix()
        prefix = "" if start == "." else f"{start}/"
        found += [prefix + name for name in names if Path(name).suffix.lower() in endings]
    return sorted(found)


def names_of(folder: Path, clip: str, endings: Collection[str] = STILLS) -> list[str]:
    """Return those of a clip."""
    return [
        name
        for name in names_below(folder, endings)
        if clip in name and clip_and_number(name)[0] == clip
    ]


def clips_of(folder: Path) -> list[str]:
    """Return the names of the clips whose pictures lie below a folder."""
    return sorted({clip_and_number(name)[0] for name in names_below(folder)})


def check_stills(path: Path, folder: Path, name: str, *, every: int) -> Iterator[str]:
    """Check that the pictures of a clip below ``folder`` open, have one size, and are what engine.json says."""
    mine = [folder / one for one in names_of(folder, name)]
    sizes: dict[tuple[int, int], Path] = {}
    for picture in mine:
        size = size_of(picture)
        if isinstance(size, str):
            yield size
            continue
        sizes.setdefault(size, picture)
    yield from check_opened([one for one in mine if one.suffix != ".png"], every=every)
    if len(sizes) > 1:
        told = ", ".join(f"{picture.name} is {size}" for size, picture in sizes.items())
        yield f"{folder}: pictures of different sizes in clip {name}: {told}"
    elif sizes:
        yield from check_facts(path, name, frames=len(mine), size=list(next(iter(sizes))))
