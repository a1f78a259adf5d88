"""One file of SA-V masklets: keys, types, the table of masks, and the fields that follow from it. Yields failures in words."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeAlias

from engine import rle
from engine.errors import InputError
from engine.types import RLE
from exports import sav_fields
from exports.checks.base import NO_TEXT, facts_of, is_number, parse
from exports.checks.files import check_said_objects
from exports.checks.order import by_rows
from exports.checks.windows import check_windows

KEYS: Final = {
    "video_id", "video_duration", "video_frame_count", "video_height", "video_width", "video_resolution",
    "video_environment", "video_split", "masklet", "masklet_id", "masklet_size_rel", "masklet_size_abs",
    "masklet_size_bucket", "masklet_visibility_changes", "masklet_first_appeared_frame", "masklet_frame_count",
    "masklet_edited_frame_count", "masklet_type", "masklet_stability_score", "masklet_num",
}  # fmt: skip
TEXTS: Final = ("video_id", "video_environment", "video_split")
NUMBERS: Final = (
    "video_duration",
    "video_frame_count",
    "video_height",
    "video_width",
    "video_resolution",
    "masklet_num",
)
Known: TypeAlias = dict[str, tuple[RLE, int]]
EXACT: Final = 1e-9  # what writing numbers in decimals may cost; Meta's own have ten


@dataclass(frozen=True, slots=True)
class Clip:
    """What video and pictures say of a clip: frames (0: unknown), (height, width), frames/s (0: unknown)."""

    frames: int
    size: tuple[int, int]
    rate: Fraction


@dataclass(frozen=True, slots=True)
class _Table:
    """The masks of a file by masklet, a column for each, and their areas in pixels."""

    rows: int
    masks: tuple[tuple[RLE, ...], ...]
    areas: tuple[tuple[int, ...], ...]


def read_masklets(path: Path) -> Generator[str, None, dict[str, Any] | None]:
    """Read a file and return its content when every key is there and of its kind, None otherwise."""
    try:
        content = parse(path.read_bytes())
    except NO_TEXT as error:
        yield f"{path}: not readable as JSON ({error})"
        return None
    if not isinstance(content, dict) or set(content) != KEYS:
        odd = sorted(set(content) ^ KEYS) if isinstance(content, dict) else type(content)
        yield f"{path}: keys that are missing or too many: {odd}"
        return None
    if mistyped := _mistyped(content):
        yield f"{path}: {mistyped}"
        return None
    return content


def check_masklets(
    path: Path, content: dict[str, Any], *, kind: str, clip: Clip, known: Known
) -> Iterator[str]:
    """Check the content of a file of ``kind`` "manual" or "auto" against its own masks and against the clip.

    ``known`` remembers the masks that were read: both files of a clip hold the same ones, as a rule.
    """
    yield from _check_head(path, content, kind, clip)
    table = _table(content["masklet"], clip.size, known)
    if isinstance(table, str):
        yield f"{path}: {table}"
        return
    yield from _check_derived(path, content, table, clip.size)
    yield from _check_kind(path, content, kind, table)
    yield from _check_masks(path, table)
    name = path.name.removesuffix(f"_{kind}.json")
    facts = facts_of(path.parent, name)
    said = facts.get("masklets") if kind == "manual" else facts.get("auto_masklets")
    yield from check_said_objects(path.parent, name, said, range(len(table.areas)))
    if kind == "manual":  # the only file that a trainer opens
        seen = {f"masklet {n}": [a > 0 for a in column] for n, column in enumerate(table.areas)}
        yield from check_windows(str(path), seen, table.rows)


def _mistyped(content: dict[str, Any]) -> str:
    """Return which value is not of its kind, "" where all are."""
    for key, value in content.items():
        if key in TEXTS:
            expected, fits = "text", isinstance(value, str)
        elif key in NUMBERS:
            expected, fits = "a number", is_number(value)
        else:
            expected, fits = "a list", isinstance(value, list)
        if not fits:
            return f"{key} is {str(value)[:60]!r}, expected {expected}"
    return ""


def _check_head(path: Path, content: dict[str, Any], kind: str, clip: Clip) -> Iterator[str]:
    """Check what is said of the whole video."""
    height, width = clip.size
    said = {
        "video_id": path.name.removesuffix(f"_{kind}.json"),
        "video_frame_count": clip.frames or content["video_frame_count"],
        "video_height": height,
        "video_width": width,
        "video_resolution": height * width,
    }
    for key, expected in said.items():
        if content[key] != expected:
            yield f"{path}: {key} is {content[key]!r}, the files say {expected!r}"
    seconds = content["video_duration"]
    if not seconds > 0:
        yield f"{path}: video_duration is {seconds!r}"
    elif clip.rate and abs(seconds - clip.frames / clip.rate) > 1 / (2 * clip.rate):
        expected = float(clip.frames / clip.rate)
        yield f"{path}: video_duration is {seconds!r}, {clip.frames} frames at {clip.rate}/s last {expected:.4f}"


def _read(entry: Any, known: Known) -> tuple[RLE, int]:
    """Return a mask and its area; one whose text was seen before is not read again.

    Raises:
        InputError: it is none.
    """
    key = str(entry)
    if key not in known:
        mask = rle.from_coco(entry)
        known[key] = mask, rle.area(mask)
    return known[key]


def _table(rows: list[Any], size: tuple[int, int], known: Known) -> _Table | str:
    """Return the masks by masklet, or what is wrong with the table."""
    count = len(rows[0]) if rows and isinstance(rows[0], list) else 0
    masks: list[list[RLE]] = [[] for _ in range(count)]
    areas: list[list[int]] = [[] for _ in range(count)]
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != count:
            return f"masklet row {number} has another number of objects than row 0, or is no list"
        for column, entry in enumerate(row):
            try:
                mask, area = _read(entry, known)
            except InputError as error:
                return f"masklet row {number}, object {column}: {error}"
            if mask.size != size:
                return f"masklet row {number}, object {column}: size {mask.size}, the pictures are {size}"
            masks[column].append(mask)
            areas[column].append(area)
    return _Table(len(rows), tuple(map(tuple, masks)), tuple(map(tuple, areas)))


def _check_derived(
    path: Path, content: dict[str, Any], table: _Table, size: tuple[int, int]
) -> Iterator[str]:
    """Compute the derived fields again."""
    areas, pixels = table.areas, size[0] * size[1]
    sizes = [sav_fields.mean_area(column) for column in areas]
    expected: dict[str, list[Any]] = {
        "masklet_num": [len(areas)],
        "masklet_id": list(range(len(areas))),
        "masklet_frame_count": [table.rows] * len(areas),
        "masklet_size_abs": sizes,
        "masklet_size_rel": [area / pixels for area in sizes],
        "masklet_size_bucket": [sav_fields.bucket(area) for area in sizes],
        "masklet_visibility_changes": [sav_fields.visibility_changes(column) for column in areas],
        "masklet_first_appeared_frame": [sav_fields.first_appearance(column) for column in areas],
    }
    for key, value in expected.items():
        said = content[key] if isinstance(content[key], list) else [content[key]]
        if not _same(said, value):
            yield f"{path}: {key} is {str(content[key])[:60]}, its masks give {str(value)[:60]}"


def _same(said: Sequence[Any], expected: Sequence[Any]) -> bool:
    """Say whether two lists hold the same texts and numbers, as far as decimals can tell."""
    return len(said) == len(expected) and all(map(_alike, said, expected))


def _alike(one: Any, other: Any) -> bool:
    """Say whether two values are the same text or number."""
    if is_number(one) and is_number(other):
        return bool(abs(one - other) <= EXACT * max(1, abs(other)))
    return isinstance(one, str) and one == other


def _check_masks(path: Path, table: _Table) -> Iterator[str]:
    """Check that there are masks, everywhere something to see, in the right order."""
    if not table.areas:
        yield f"{path}: no masklet at all, which the loader cannot sample from"
    for number, (masks, areas) in enumerate(zip(table.masks, table.areas, strict=True)):
        if not any(areas):
            yield f"{path}: masklet {number} is visible nowhere"
        elif by_rows(masks):
            yield f"{path}: masklet {number} is counted along the rows; COCO counts down the columns"


def _check_kind(path: Path, content: dict[str, Any], kind: str, table: _Table) -> Iterator[str]:
    """Check the fields that differ between the two files."""
    rows, count = table.rows, len(table.areas)
    if content["masklet_type"] != [kind] * count:
        yield f"{path}: masklet_type is {str(content['masklet_type'])[:60]}, expected {count} times {kind!r}"
    edited = content["masklet_edited_frame_count"]
    if not _all(edited, count, lambda n: is_number(n) and 0 <= n <= rows and n == int(n)):
        yield f"{path}: masklet_edited_frame_count is {str(edited)[:60]}, expected {count} numbers up to {rows}"
    scores = content["masklet_stability_score"]
    if kind == "manual" and not _all(scores, count, lambda score: score is None):
        yield f"{path}: masklet_stability_score is {str(scores)[:60]}, expected {count} times null"
    if kind == "auto" and not _all(scores, rows, lambda row: _all(row, count, _share)):
        yield f"{path}: masklet_stability_score: expected {rows} rows of {count} numbers 0..1"


def _all(values: Any, count: int, fits: Callable[[Any], bool]) -> bool:
    """Say whether there is a list of ``count`` values that all fit."""
    return isinstance(values, list) and len(values) == count and all(map(fits, values))


def _share(value: Any) -> bool:
    """Say whether a value is a number 0..1."""
    return is_number(value) and 0 <= value <= 1
