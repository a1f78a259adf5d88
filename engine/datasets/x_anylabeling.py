"""X-AnyLabeling's and labelme's JSON: one file for each picture, its shapes with class and group. Knows no model of theirs.

A clip is the files of a folder whose pictures are named alike but for the number at the end, which is the frame. The group
of a shape is its object.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from engine.datasets import shapes
from engine.datasets.annotations import Drawing, Shape, pairs, place_of
from engine.datasets.files import read_json, whole
from engine.errors import InputError
from engine.types import RLE

MASKS = ("polygon", "rotation", "circle", "mask")
NO_MASKS = ("rectangle", "point", "line", "linestrip", "points", "cuboid")


def is_one(path: Path) -> bool:
    """Return whether a JSON file is one of theirs."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(said, dict) and "imagePath" in said and isinstance(said.get("shapes"), list)


def drawings(path: Path) -> list[Drawing]:
    """Return the clips of a folder in the order of their names.

    Raises:
        InputError: a file is damaged, of no frame, or holds what is no mask.
    """
    clips: dict[str, dict[int, tuple[Path, Mapping[str, Any]]]] = {}
    for file in sorted(path.glob("*.json")):
        said = read_json(file)
        name, frame = _place(file, said)
        known = clips.setdefault(name, {})
        if frame in known:
            raise InputError(f"{file}: frame {frame} of {name} is also in {known[frame][0].name}")
        known[frame] = file, said
    return [_drawing(path, name, files) for name, files in sorted(clips.items())]


def _place(file: Path, said: Mapping[str, Any]) -> tuple[str, int]:
    """Return the clip and the frame of a file: the name of its picture without the number, and the number."""
    picture = PurePosixPath(PureWindowsPath(str(said.get("imagePath", ""))).as_posix())
    shown = picture if picture.stem else PurePosixPath(file.name)
    name, frame = place_of(shown, file.absolute().parent.name)
    if frame is None:
        raise InputError(
            f"{file}: its picture is called {name!r}, expected a frame's number at the end"
        )
    return name, frame


def _drawing(path: Path, name: str, files: Mapping[int, tuple[Path, Mapping[str, Any]]]) -> Drawing:
    """Return one clip."""
    sizes = {_size(file, said) for file, said in files.values()}
    if len(sizes) != 1:
        raise InputError(f"{path}: pictures of {name} of sizes {sorted(sizes)}; a clip has one")
    (size,) = sizes
    found = {frame: list(_shapes(file, said, size)) for frame, (file, said) in files.items()}
    return Drawing(
        tuple(file for file, _ in files.values()), name, path.absolute().name, size, None, found
    )


def _size(file: Path, said: Mapping[str, Any]) -> tuple[int, int]:
    """Return (height, width) of a picture."""
    return whole(said, "imageHeight", file, least=1), whole(said, "imageWidth", file, least=1)


def _shapes(file: Path, said: Mapping[str, Any], size: tuple[int, int]) -> Iterator[Shape]:
    """Yield the shapes of a file.

    Raises:
        InputError: one is no mask.
    """
    for shape in said.get("shapes") or ():
        if not isinstance(shape, dict):
            raise InputError(f"{file}: a shape is {str(shape)[:60]!r}, expected an object")
        kind = str(shape.get("shape_type", "polygon"))
        if kind not in MASKS:
            raise InputError(
                f"{file}: a {kind} is no mask; draw {', '.join(MASKS)}"
                + (
                    ", or let `engine preannotate` turn boxes into masks"
                    if kind in NO_MASKS
                    else ""
                )
            )
        group = shape.get("group_id")
        identity = "" if group is None else str(group)
        yield Shape(str(shape.get("label", "")), identity, partial(_mask, kind, shape, size, file))


def _mask(kind: str, shape: Mapping[str, Any], size: tuple[int, int], file: Path) -> RLE:
    """Draw one shape."""
    points = pairs(shape.get("points") or (), file)
    if kind == "circle":
        return _circle(points, size)
    if kind == "mask":
        if not points:
            raise InputError("a mask without a place; save it again")
        corner = min(x for x, _ in points), min(y for _, y in points)
        return shapes.picture(
            str(shape.get("mask", "")), size, origin=(int(corner[0]), int(corner[1]))
        )
    return shapes.polygon(points, size)


def _circle(points: Sequence[tuple[float, float]], size: tuple[int, int]) -> RLE:
    """Draw the circle around the first point through the second."""
    if len(points) != 2:
        raise InputError(f"a circle of {len(points)} points, expected its centre and its rim")
    (x, y), (right, down) = points
    radius = ((right - x) ** 2 + (down - y) ** 2) ** 0.5
    return shapes.ellipse((x, y), (radius, radius), size)
