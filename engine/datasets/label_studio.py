"""Label Studio's JSON export: brushes, bitmasks, ellipses and polygons on the pages of a task. Knows no server of it.

A task is a clip; a page (``item_index``, from 0) is the frame whose number its picture is named by, else the page's own
number. Coordinates are percent of the picture. Who is who a region says in its text, as in "track 3".
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from engine import rle
from engine.datasets import label_studio_brush, shapes
from engine.datasets.annotations import Drawing, Shape, pairs
from engine.datasets.files import trailing
from engine.errors import InputError
from engine.types import RLE

MASKS = ("brushlabels", "bitmasklabels", "ellipselabels", "polygonlabels")
BOXES = ("videorectangle", "rectanglelabels", "rectangle")
NAMES = ("clip", "name", "title", "id")
_NUMBER = re.compile(r"\d+")


def drawings(path: Path) -> list[Drawing]:
    """Return a clip for each task of an export that somebody annotated.

    Raises:
        InputError: it is no such export, or a task has boxes alone.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not readable as JSON ({error}); export it again") from error
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise InputError(f"{path}: expected a list of tasks, as Label Studio's 'JSON' export is")
    found = [(task, _result(task)) for task in tasks]
    drawn = [_drawing(path, task, result) for task, result in found if result is not None]
    if not drawn:
        raise InputError(
            f"{path}: none of {len(tasks)} tasks is annotated; submit one, then export"
        )
    return drawn


def _result(task: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the regions of a task's newest annotation that was not cancelled, None where there is none."""
    made = [a for a in task.get("annotations") or () if isinstance(a, dict)]
    kept = [a for a in made if not a.get("was_cancelled") and isinstance(a.get("result"), list)]
    if not kept:
        return None
    newest = max(kept, key=lambda a: (str(a.get("updated_at", "")), a.get("id") or 0))
    return [region for region in newest["result"] if isinstance(region, dict)]


def _drawing(path: Path, task: Mapping[str, Any], result: Sequence[Mapping[str, Any]]) -> Drawing:
    """Return the clip of a task."""
    name, pages = _name(task), _pages(task)
    where = f"{path}: task {name}"
    regions = [region for region in result if str(region.get("type")) in MASKS]
    if not regions and any(str(region.get("type")) in BOXES for region in result):
        raise InputError(
            f"{where}: boxes alone are no masks: Label Studio draws none on video; "
            "`engine preannotate` turns boxes into masks"
        )
    if not regions:
        raise InputError(f"{where}: nothing is drawn, so nothing says the size of its pictures")
    sizes = {_size(region, where) for region in regions}
    if len(sizes) != 1:
        raise InputError(f"{where}: pictures of sizes {sorted(sizes)}, expected one size")
    (size,) = sizes
    found: dict[int, list[Shape]] = {frame: [] for frame in pages}
    for region in regions:
        page = region.get("item_index", 0)
        if not isinstance(page, int) or not 0 <= page < len(pages):
            raise InputError(f"{where}: a region on page {page!r} of {len(pages)}")
        found[pages[page]].append(_shape(region, size, f"{where}: page {page}"))
    return Drawing((path,), name, str(task.get("id", name)), size, None, found)


def _name(task: Mapping[str, Any]) -> str:
    """Return what a task's data calls the clip, else the folder or name of its first file, else its number."""
    data = task.get("data")
    data = data if isinstance(data, dict) else {}
    named = next((str(data[key]) for key in NAMES if data.get(key)), "")
    if named:
        return named
    files = [PurePosixPath(_file(one)) for one in _urls(data)]
    if len(files) > 1 and files[0].parent.name:
        return files[0].parent.name
    return files[0].stem if files else str(task.get("id", "task"))


def _pages(task: Mapping[str, Any]) -> list[int]:
    """Return the frame that each page of a task shows: what its picture is numbered, where all are in order."""
    data = task.get("data")
    urls = list(_urls(data if isinstance(data, dict) else {})) or [""]
    named = [trailing(PurePosixPath(_file(url)).stem) for url in urls]
    numbered = [number for number in named if number is not None]
    rising = len(numbered) == len(urls) and all(a < b for a, b in pairwise(numbered))
    return numbered if rising else list(range(len(urls)))


def _urls(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the pictures of a task: those of its list, else a single one."""
    lists = [value for value in data.values() if isinstance(value, list) and value]
    if lists:
        yield from (str(one) for one in lists[0])
        return
    yield from (v for v in data.values() if isinstance(v, str) and PurePosixPath(_file(v)).suffix)


def _file(url: str) -> str:
    """Return the file that a link of Label Studio's local storage, or any other, leads to."""
    return unquote(url.rpartition("?d=")[2].partition("?")[0])


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
