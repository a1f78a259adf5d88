"""Pictures of many clips side by side or in folders of their own, told apart by their names. Yields failures in words."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from exports.verify_files import check_facts
from exports.verify_pictures import look, size_of

STILLS: Final = frozenset({".jpg", ".jpeg", ".png"})
_NUMBERED: Final = re.compile(r"(.*?)[-_./]?([0-9]+)")


def clip_and_number(name: str) -> tuple[str, int]:
    """Return the clip and the number of a picture from its path: ``train/game-1_00012.jpg`` is ("game-1", 12).

    What has no number is a clip of its own, picture 0.
    """
    stem = name.rpartition(".")[0] or name
    found = _NUMBERED.fullmatch(stem)
    clip, number = (found[1], int(found[2])) if found else (stem, 0)
    return clip.rpartition("/")[2] or clip, number


def stills(folder: Path) -> list[Path]:
    """Return all pictures below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in STILLS)


def clips_of(folder: Path) -> list[str]:
    """Return the names of the clips whose pictures lie below a folder."""
    return sorted(
        {clip_and_number(path.relative_to(folder).as_posix())[0] for path in stills(folder)}
    )


def check_stills(path: Path, folder: Path, name: str) -> Iterator[str]:
    """Check that the pictures of a clip below ``folder`` open, have one size, and are what engine.json says."""
    mine = [
        one
        for one in stills(folder)
        if clip_and_number(one.relative_to(folder).as_posix())[0] == name
    ]
    sizes: dict[tuple[int, int], Path] = {}
    for picture in mine:
        size = size_of(picture)
        if isinstance(size, str):
            yield size
            continue
        sizes.setdefault(size, picture)
        if picture.suffix != ".png" and isinstance(wrong := look(picture), str):
            yield wrong
    if len(sizes) > 1:
        told = ", ".join(f"{picture.name} is {size}" for size, picture in sizes.items())
        yield f"{folder}: pictures of different sizes in clip {name}: {told}"
    elif sizes:
        yield from check_facts(path, name, frames=len(mine), size=list(next(iter(sizes))))
