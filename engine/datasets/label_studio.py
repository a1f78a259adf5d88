"""Label Studio's JSON export: brushes, bitmasks, ellipses and polygons on the pages of a task. Knows no server of it.

A task is a clip, or one of its frames; a page (``item_index``, from 0) is the frame whose number its picture is named by, else the page's own
number. Coordinates are percent of the picture. Who is who a region says in its text, as in "track 3".
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from engine import rle
from engine.datasets import label_studio_brush, shapes
from engine.datasets.annotations import Drawing, Shape, pairs, place_of
from engine.errors import InputError
from engine.types import RLE

MASKS = ("brushlabels", "bitmasklabels", "ellipselabels", "polygonlabels")
BOXES = ("videorectangle", "rectanglelabels", "rectangle")
NAMES = ("clip", "name", "title")
_UPLOAD = re.compile(r"(upload/\d+/)[0-9a-f]{8}-")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Task:
    """What somebody drew on a task: the clip and the frames that it shows, and the sizes of their pictures."""

    clip: str
    number: str
    shapes: Mapping[int, Sequence[Shape]]
    sizes: frozenset[tuple[int, int]]


def drawings(path: Path) -> list[Drawing]:
    """Return the clips of an export that somebody annotated; tasks of one clip, a frame each, are one.

    Raises:
        InputError: it is no such export, or a task has boxes alone.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not readable as JSON ({error}); export it again") from error
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise InputError(f"{path}: expected a list of tasks, as Label Studio's 'JSON' export is")
    clips: dict[str, list[_Task]] = {}
    for task in tasks:
        if (result := _result(task)) is not None:
            read = _read(path, task, result)
            clips.setdefault(read.clip, []).append(read)
    if not clips:
        raise InputError(
            f"{path}: none of {len(tasks)} tasks is annotated; submit one, then export"
        )
    return [_drawing(path, made) for made in clips.values()]


def _result(task: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the regions of a task's newest annotation that was not cancelled, None where there is none."""
    made = [a for a in task.get("annotations") or () if isinstance(a, dict)]
    kept = [a for a in made if not a.get("was_cancelled") and isinstance(a.get("result"), list)]
    if not kept:
        return None
    newest = max(kept, key=lambda a: (str(a.get("updated_at", "")), a.get("id") or 0))
    return [region for region in newest["result"] if isinstance(region, dict)]


def _drawing(path: Path, tasks: Sequence[_Task]) -> Drawing:
    """Return the clip of its tasks."""
    name, sizes = tasks[0].clip, {size for task in tasks for size in task.sizes}
    if len(sizes) != 1:
        told = f"pictures of sizes {sorted(sizes)}" if sizes else "nothing is drawn, nothing says"
        raise InputError(f"{path}: task {name}: {told}, expected one size of pictures")
    found: dict[int, Sequence[Shape]] = {}
    for task in tasks:
        if again := found.keys() & task.shapes.keys():
            raise InputError(
                f"{path}: task {task.number}: frame {min(again)} of {name} is in two tasks"
            )
        found |= task.shapes
    (size,) = sizes
    other = tasks[0].number if len(tasks) == 1 else name
    return Drawing((path,), name, other, size, None, found)


def _read(path: Path, task: Mapping[str, Any], result: Sequence[Mapping[str, Any]]) -> _Task:
    """Read what somebody drew on one task."""
    clip, pages = _place(task)
    where = f"{path}: task {clip}"
    regions = [region for region in result if str(region.get("type")) in MASKS]
    if not regions and any(str(region.get("type")) in BOXES for region in result):
        raise InputError(
            f"{where}: boxes alone are no masks: Label Studio draws none on video; "
            "`engine preannotate` turns boxes into masks"
        )
    found: dict[int, list[Shape]] = {frame: [] for frame in pages}
    sizes = set()
    for region in regions:
        page = region.get("item_index", 0)
        if not isinstance(page, int) or not 0 <= page < len(pages):
            raise InputError(f"{where}: a region on page {page!r} of {len(pages)}")
        sizes.add(size := _size(region, where))
        found[pages[page]].append(_shape(region, size, f"{where}: page {page}"))
    return _Task(clip, str(task.get("id", clip)), found, frozenset(sizes))


def _place(task: Mapping[str, Any]) -> tuple[str, list[int]]:
    """Return the clip and the frame of each page of a task, by its data, else by the names of its pictures."""
    data = task.get("data")
    data = data if isinstance(data, dict) else {}
    named = next((str(data[key]) for key in NAMES if data.get(key)), "")
    pictures = [PurePosixPath(_file(url)) for url in _urls(data)]
    places = [place_of(picture, picture.parent.name) for picture in pictures]
    frames = [frame for _, frame in places if frame is not None]
    rising = len(frames) == len(pictures) > 0 and all(a < b for a, b in pairwise(frames))
    clip = named or (places[0][0] if places else "") or f"task-{task.get('id', '')}"
    return clip, frames if rising else list(range(max(1, len(pictures))))


def _urls(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the pictures of a task: those of its list, else a single one."""
    lists = [value for value in data.values() if isinstance(value, list) and value]
    if lists:
        yield from (str(one) for one in lists[0])
        return
    yield from (v for v in data.values() if isinstance(v, str) and PurePosixPath(_file(v)).suffix)


def _file(url: str) -> str:
    """Return the file that a link of Label Studio's storage, or any other, leads to; uploads have a prefix of 8 digits."""
    return _UPLOAD.sub(r"\1", unquote(url.rpartition("?d=")[2].partition("?")[0]))


def _size(region: Mapping[str, Any], where: str) -> tuple[int, int]:
    """Return (height, width) of the picture that a region was drawn on.

    Raises:
        InputError: it does not say, or the picture was turned.
    """
    high, wide = region.get("original_height"), region.get("original_width")
    if not isinstance(high, int) or not isinstance(wide, int) or min(high, wide) < 1:
        raise InputError(f"{where}: a region of a picture of {wide!r} x {high!r} pixels")
    if region.get("image_rotation"):
        raise InputError(
            f"{where}: a page is turned by {region['image_rotation']} degrees; turn it back"
        )
    return high, wide


def _shape(region: Mapping[str, Any], size: tuple[int, int], where: str) -> Shape:
    """Return one region as a shape."""
    value, kind = region.get("value"), str(region["type"])
    if not isinstance(value, dict):
        raise InputError(f"{where}: a region without a value; export it again")
    labels = value.get(kind)
    if not isinstance(labels, list) or len(labels) != 1:
        raise InputError(f"{where}: a region of classes {labels!r}, expected one")
    return Shape(str(labels[0]), _identity(region), partial(_mask, kind, value, size, where))


def _identity(region: Mapping[str, Any]) -> str:
    """Return the number in a region's text, the text where it has none, "" without one."""
    meta = region.get("meta")
    text = meta.get("text") if isinstance(meta, dict) else None
    words = " ".join(map(str, text)) if isinstance(text, list) else str(text or "")
    number = _NUMBER.search(words)
    return number[0] if number else words.strip()


def _mask(kind: str, value: Mapping[str, Any], size: tuple[int, int], where: str) -> RLE:
    """Draw one region."""
    high, wide = size
    if kind == "brushlabels":
        painted = label_studio_brush.alpha(value.get("rle") or (), size)
        return rle.encode(painted > shapes.HALF)
    if kind == "bitmasklabels":
        return shapes.picture(str(value.get("imageDataURL", "")), size)
    if kind == "polygonlabels":
        points = pairs(value.get("points") or (), where)
        return shapes.polygon([(x * wide / 100, y * high / 100) for x, y in points], size)
    said: list[Any] = [value.get(key) for key in ("x", "y", "radiusX", "radiusY")]
    (x, y), (along, down), (degrees, _) = pairs(
        [said[:2], said[2:], (value.get("rotation", 0), 0)], where
    )
    centre, radii = (x * wide / 100, y * high / 100), (along * wide / 100, down * high / 100)
    return shapes.ellipse(centre, radii, size, degrees=degrees)
