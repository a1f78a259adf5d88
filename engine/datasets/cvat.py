"""CVAT's XML 1.1, for videos and for images: polygons, masks and ellipses with their tracks. Knows no server of CVAT.

By CVAT's documentation a shape stands on every frame that it is written for; ``outside="1"`` ends its visibility. What a tool
computes between keyframes is no annotation, so frames that are not written are gaps.
"""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

from engine.datasets import shapes
from engine.datasets.annotations import Drawing, Shape, numbers, pairs
from engine.datasets.xml import Element, read_xml
from engine.errors import InputError
from engine.types import RLE

FILE = "annotations.xml"
ROOT = "annotations"
MASKS = ("polygon", "mask", "ellipse")
NO_MASKS = ("box", "polyline", "points", "cuboid", "skeleton")
IDENTITIES = ("track_id", "track", "instance_id")


def drawings(path: Path, *, hold: bool = False) -> list[Drawing]:
    """Return the clip of a file.

    With ``hold`` the shape of a keyframe stands until the next one.

    Raises:
        InputError: it is no file of CVAT, or holds boxes, gaps, or several tasks.
    """
    root = read_xml(path)
    if root.tag != ROOT:
        raise InputError(f"{path}: begins with <{root.tag}>, expected <{ROOT}> of CVAT")
    meta = root.find("meta/task") or root.find("meta/job")
    if root.find("meta/project") or meta is None:
        raise InputError(f"{path}: expected the export of one task; export each task for itself")
    if root.all("image"):
        return [_images(path, root, meta)]
    return [_video(path, root, meta, hold=hold)]


def _video(path: Path, root: Element, meta: Element, *, hold: bool) -> Drawing:
    """Read tracks; where each is on one frame, they are single shapes to CVAT, whose tracks tell nothing."""
    size, grid = _size(meta.find("original_size"), path), _grid(meta, root, path)
    found: dict[int, list[Shape]] = {frame: [] for frame in grid}
    tracks = root.all("track")
    written = [list(_written(path, track, grid, hold=hold)) for track in tracks]
    nameless = len(grid) > 1 and all(len(rows) <= 1 for rows in written)
    for track, rows in zip(tracks, written, strict=True):
        identity = _grouped(track) if nameless else _number_of(track)
        for frame, element in rows:
            draw = partial(_mask, element, size, path)
            found[frame].append(Shape(track.attributes.get("label", ""), identity, draw))
    name = meta.said("name") or path.stem
    other = Path(meta.said("source")).stem or name
    whole = meta.said("size") and grid == range(len(grid))
    return Drawing((path,), name, other, size, len(grid) if whole else None, found)


def _grid(meta: Element, root: Element, path: Path) -> range:
    """Return the frames of the video that the task shows: all of them, or those that it was told to take."""
    first = int(_number(meta.said("start_frame") or "0", path))
    step = max(1, int(_number(meta.said("frame_filter").rpartition("=")[2] or "1", path)))
    if count := int(_number(meta.said("size") or "0", path)):
        return range(first, first + count * step, step)
    frames = [_frame(shape, path) for track in root.all("track") for shape in track.inside]
    return range(first, max(frames, default=first) + 1, step)


def _number_of(track: Element) -> str:
    """Return what CVAT numbers a track."""
    return track.attributes.get("id", "")


def _grouped(element: Element) -> str:
    """Return the group of a shape or track, "" without one."""
    group = element.attributes.get("group_id", "0")
    return "" if group == "0" else group


def _written(
    path: Path, track: Element, grid: range, *, hold: bool
) -> Iterator[tuple[int, Element]]:
    """Yield the visible shapes of a track by frame.

    Raises:
        InputError: a shape is no mask or on no frame of the task, or frames are missing between shapes.
    """
    rows = sorted(((_frame(e, path), e) for e in _shapes(track, path)), key=lambda row: row[0])
    for frame, element in rows:
        if frame not in grid and element.attributes.get("outside") != "1":
            told = f"the task has frames {grid.start} to {grid[-1]}"
            raise InputError(f"{path}: track {_number_of(track)}: frame {frame}: {told}")
    for (frame, element), (after, _) in pairwise([*rows, (grid.stop, track)]):
        where = f"track {_number_of(track)}: frame {frame}"
        if element.attributes.get("outside") == "1":
            continue
        _refuse_boxes(element, path, where)
        if after > frame + grid.step and not hold:
            raise InputError(_gap(path, where, after if after < grid.stop else None))
        yield from (
            (shown, element) for shown in range(frame, after if hold else frame + 1, grid.step)
        )


def _gap(path: Path, where: str, after: int | None) -> str:
    """Say which frames are missing and what can be done."""
    then = "no later one" if after is None else f"then on {after}"
    return (
        f"{path}: {where} is drawn and {then}: what lies between is not annotated; export every frame, "
        "or say --hold-keyframes to let each shape stand until the next"
    )


def _images(path: Path, root: Element, meta: Element) -> Drawing:
    """Read shapes of single images, whose tracks are told by an attribute."""
    images = root.all("image")
    sizes = {_size_of(image, path) for image in images}
    if len(sizes) != 1:
        raise InputError(f"{path}: images of sizes {sorted(sizes)}; a clip has one")
    (size,) = sizes
    found: dict[int, list[Shape]] = {}
    for image in images:
        frame = int(_number(image.attributes.get("id", ""), path))
        found[frame] = []
        for element in _shapes(image, path):
            where = f"image {image.attributes.get('name', frame)}"
            _refuse_boxes(element, path, where)
            label = element.attributes.get("label", "")
            found[frame].append(
                Shape(label, _identity(element), partial(_mask, element, size, path))
            )
    name = meta.said("name") or path.stem
    return Drawing((path,), name, Path(meta.said("source")).stem or name, size, None, found)


def _shapes(parent: Element, path: Path) -> Iterator[Element]:
    """Yield the shapes in a track or an image."""
    for element in parent.inside:
        if element.tag in MASKS or element.tag in NO_MASKS:
            yield element
        elif element.tag not in ("tag", "attribute"):
            raise InputError(f"{path}: <{element.tag}>, expected one of {', '.join(MASKS)}")


def _refuse_boxes(element: Element, path: Path, where: str) -> None:
    """Refuse shapes that bound no area that a ball fills."""
    if element.tag in NO_MASKS:
        raise InputError(
            f"{path}: {where}: a <{element.tag}> is no mask; draw {', '.join(MASKS)} in CVAT, "
            "or let `engine preannotate` turn boxes into masks"
        )


def _identity(element: Element) -> str:
    """Return who a shape of an image is: its attribute, else its group, "" where nothing says it."""
    said = {one.attributes.get("name", ""): one.text.strip() for one in element.all("attribute")}
    named = next((said[name] for name in IDENTITIES if said.get(name)), "")
    return named or _grouped(element)


def _mask(element: Element, size: tuple[int, int], path: Path) -> RLE:
    """Draw one shape."""
    said = element.attributes
    if element.tag == "polygon":
        points = [numbers(point, path) for point in said.get("points", "").split(";")]
        return shapes.polygon(pairs(points, path), size)
    if element.tag == "ellipse":
        x, y, along, down = (_number(said.get(key, ""), path) for key in ("cx", "cy", "rx", "ry"))
        degrees = _number(said.get("rotation", "0"), path)
        return shapes.ellipse((x, y), (along, down), size, degrees=degrees)
    runs = [int(number) for number in numbers(said.get("rle", ""), path)]
    keys = ("left", "top", "width", "height")
    left, top, wide, high = (int(_number(said.get(key, ""), path)) for key in keys)
    return shapes.row_runs(runs, (left, top, wide, high), size)


def _frame(element: Element, path: Path) -> int:
    """Return the frame of a shape."""
    return int(_number(element.attributes.get("frame", ""), path))


def _size(element: Element | None, path: Path) -> tuple[int, int]:
    """Return (height, width) of a video."""
    if element is None:
        raise InputError(f"{path}: has no original_size; export it as 'CVAT for video 1.1'")
    return int(_number(element.said("height"), path)), int(_number(element.said("width"), path))


def _size_of(image: Element, path: Path) -> tuple[int, int]:
    """Return (height, width) of an image."""
    high, wide = (_number(image.attributes.get(key, ""), path) for key in ("height", "width"))
    return int(high), int(wide)


def _number(said: str, path: Path) -> float:
    """Return a number from 0 up.

    Raises:
        InputError: it is none.
    """
    found = numbers(said, path)
    if len(found) != 1 or not 0 <= found[0] < 1 << 31:
        raise InputError(f"{path}: expected a number from 0 up, got {said!r}")
    return found[0]
