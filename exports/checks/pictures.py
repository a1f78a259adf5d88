"""Is every picture of a clip one that opens, of the kind that its name says and of one size? Yields failures in words.

A JPEG is decoded at an eighth of its size, which still reads all of its bytes: a truncated one is found. Where the
same bits say something else, nobody can see it but by the hash in the manifest.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.media.still import UNREADABLE

SHRINK: Final = 8


def look(path: Path) -> NDArray[np.uint8] | str:
    """Return a JPEG at an eighth of its size, uint8 (ceil(H/8), ceil(W/8), 3), or what is wrong with it."""
    try:
        with Image.open(path) as opened:
            if opened.format != "JPEG":
                return f"{path}: holds a {opened.format}, its name says JPEG"
            if opened.mode not in ("RGB", "L"):
                return f"{path}: a JPEG of mode {opened.mode}, expected RGB"
            wide, high = opened.size
            opened.draft("RGB", (max(1, wide // SHRINK), max(1, high // SHRINK)))
            small = opened.convert("RGB")  # pictures under eight pixels come larger than an eighth
            eighth = -(-wide // SHRINK), -(-high // SHRINK)
            return np.asarray(small.resize(eighth, Image.Resampling.BOX))
    except UNREADABLE as error:
        return f"{path}: does not open as a picture ({error})"


def check_opened(pictures: Sequence[Path], *, every: int) -> Iterator[str]:
    """Open every ``every``-th of the JPEGs of a clip, and say what is wrong with them."""
    for path in pictures[::every]:
        if isinstance(wrong := look(path), str):
            yield wrong


def size_of(path: Path) -> tuple[int, int] | str:
    """Return (height, width) of a picture from its header, or what is wrong with it."""
    try:
        with Image.open(path) as opened:
            return opened.height, opened.width
    except UNREADABLE as error:
        return f"{path}: does not open as a picture ({error})"


def one_size(folder: Path, numbers: list[int]) -> tuple[int, int] | list[str]:
    """Return the (height, width) that all JPEGs of a clip have, or what is wrong with them."""
    sizes: dict[tuple[int, int], Path] = {}
    wrong: list[str] = []
    for number in numbers:
        path = folder / f"{number:05d}.jpg"
        size = size_of(path)
        if isinstance(size, str):
            wrong.append(size)
        else:
            sizes.setdefault(size, path)
    if len(sizes) > 1:
        told = ", ".join(f"{path.name} is {size}" for size, path in sizes.items())
        wrong.append(f"{folder}: pictures of different sizes in one clip: {told}")
    return wrong or next(iter(sizes))
