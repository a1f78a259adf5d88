"""The guarantees of a YOLO segmentation dataset, checked on disk as ultralytics reads it. Yields failures in words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from exports.checks.base import NO_TEXT, Check, said_of
from exports.checks.files import check_names
from exports.checks.stills import check_stills, clip_and_number, clips_of, names_below, names_of

GUARANTEES: Final = (
    "data.yaml names train and val, folders of pictures that are there, and the classes from 0 without gaps",
    "every picture has a text of labels and every text a picture",
    "pictures open and have one size in a clip",
    "a row is a class of data.yaml and at least 3 points, all numbers from 0 to 1",
    "polygons hold area, and no row is there twice",
    "clips of one recording are in one split",
    "engine.json, where it lies there, names the same clips, frames and sizes",
)
LABELS, IMAGES, ABOUT = "labels", "images", "data.yaml"
FEWEST_POINTS: Final = 3
_SPLITS: Final = ("train", "val", "test", "minival")


def recognises(path: Path) -> bool:
    """Say whether YOLO lies there: labels beside pictures."""
    return (path / LABELS).is_dir() and (path / IMAGES).is_dir()


def clips(path: Path) -> list[str]:
    """Return the names of the clips, as their pictures are called."""
    return clips_of(path / IMAGES)


def check_whole(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what is broken in data.yaml and the folders of the dataset at ``path``."""
    said = _about(path)
    if isinstance(said, str):
        yield said
    else:
        yield from _check_about(path, said)
    yield from check_names(names)
    yield from _check_pairs(path)
    yield from _check_division(path)


def check_clip(path: Path, name: str, every: int) -> Iterator[str]:
    """Yield what is broken in the pictures and labels of one clip."""
    yield from check_stills(path, path / IMAGES, name, every=every)
    said = _about(path)
    classes = _classes(said) if isinstance(said, dict) else None
    for label in names_of(path / LABELS, name, (".txt",)):
        yield from _check_label(path / LABELS / label, classes)


def _about(path: Path) -> dict[str, Any] | str:
    """Return what data.yaml says, or what is wrong with it."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - comes with ultralytics, without types

    place = path / ABOUT
    try:
        said = yaml.safe_load(place.read_bytes())
    except (*NO_TEXT, yaml.YAMLError) as error:
        return f"{place}: not readable as YAML ({str(error)[:200]})"
    return said if isinstance(said, dict) else f"{place}: expected keys and values"


def _classes(said: dict[str, Any]) -> list[str] | None:
    """Return the names of the classes, None where they are not from 0 without gaps."""
    names = said.get("names")
    if isinstance(names, dict):
        names = [names.get(number) for number in range(len(names))]
    whole = isinstance(names, list) and names and all(isinstance(name, str) for name in names)
    return names if whole else None


def _check_about(path: Path, said: dict[str, Any]) -> Iterator[str]:
    """Check data.yaml."""
    place, classes = path / ABOUT, _classes(said)
    if classes is None:
        yield f"{place}: names is {str(said.get('names'))[:60]}, expected a name for each class from 0"
    elif len(set(classes)) != len(classes):
        yield f"{place}: two classes have one name: {classes}"
    elif said.get("nc", len(classes)) != len(classes):
        yield f"{place}: nc is {said['nc']!r}, names are {len(classes)}"
    if said.get("path") not in (None, "") and not Path(str(said["path"])).is_absolute():
        yield f"{place}: path is {said['path']!r}, which ultralytics looks for elsewhere; leave it out"
    root = path / str(said.get("path") or "")
    for split in _SPLITS:
        folder = said.get(split)
        if folder is None and split in ("train", "val"):
            yield f"{place}: has no {split}, without which nothing trains"
        for one in folder if isinstance(folder, list) else [folder] if folder else []:
            if not (root / str(one)).exists():
                yield f"{place}: {split} is {one!r}, which is not there"


def _check_pairs(path: Path) -> Iterator[str]:
    """Check that pictures and texts belong to each other; what else lies there is stray."""
    pictures = {name.rpartition(".")[0] for name in names_below(path / IMAGES)}
    texts = {name.rpartition(".")[0] for name in names_below(path / LABELS, (".txt",))}
    for one in sorted((path / LABELS).rglob("*")):
        if (
            one.suffix not in (".txt", ".cache") and not one.is_dir()
        ):  # ultralytics keeps a cache there
            yield f"{one}: a stray file among the labels"
    for name in sorted(pictures - texts):
        yield f"{path / LABELS / name}.txt: missing; a picture without balls has an empty one"
    for name in sorted(texts - pictures):
        yield f"{path / LABELS / name}.txt: has no picture"


def _check_division(path: Path) -> Iterator[str]:
    """Check that clips, and recordings as engine.json names them, are in one split each, and none is missing."""
    said = said_of(path).get("clips")
    said = said if isinstance(said, dict) else {}
    first, found = dict[str, str](), set[tuple[str, str]]()
    for name in names_below(path / IMAGES):
        clip, (split, _, inner) = clip_and_number(name)[0], name.partition("/")
        if (clip, split) in found or not inner:
            continue
        found.add((clip, split))
        facts = said.get(clip)
        of = str(facts.get("recording")) if isinstance(facts, dict) else clip
        if first.setdefault(of, split) != split:
            yield f"{path / IMAGES / name}: {clip} is of a recording that is also in {first[of]}"
    for clip in sorted(said.keys() - {clip for clip, _ in found}):
        yield f"{path / IMAGES}: has no picture of clip {clip}, which engine.json names"


def _check_label(label: Path, classes: list[str] | None) -> Iterator[str]:
    """Check the rows of one picture."""
    try:
        rows = label.read_bytes().decode("ascii").splitlines()
    except NO_TEXT as error:
        yield f"{label}: not readable as text ({error})"
        return
    for number, row in enumerate(rows, 1):
        if wrong := _wrong(row.split(), classes):
            yield f"{label}:{number}: {wrong}"
        elif row in rows[: number - 1]:
            yield f"{label}:{number}: the same row as {rows.index(row) + 1}, which YOLO drops"


def _wrong(row: list[str], classes: list[str] | None) -> str:
    """Return what is wrong with a row, "" when nothing is."""
    if not row:
        return "an empty row"
    if not row[0].isdecimal() or (classes is not None and int(row[0]) >= len(classes)):
        known = f"0 to {len(classes) - 1}" if classes is not None else "a whole number"
        return f"class {row[0]!r}, expected {known}"
    if len(row) % 2 == 0 or len(row) < 1 + 2 * FEWEST_POINTS:
        return f"{len(row) - 1} coordinates, expected x and y of at least {FEWEST_POINTS} points"
    try:
        points = [float(word) for word in row[1:]]
    except ValueError as error:
        return f"no number ({error})"
    if odd := [share for share in points if not 0 <= share <= 1]:
        return f"coordinate {odd[0]}, expected shares of the picture from 0 to 1"
    return "" if _twice_area(points) else "a polygon without area"


def _twice_area(points: list[float]) -> float:
    """Return twice the area of a polygon, with the sign of its direction (shoelace formula)."""
    x, y = points[0::2], points[1::2]
    return sum(a * d - c * b for a, b, c, d in zip(x, y, x[1:] + x[:1], y[1:] + y[:1], strict=True))


CHECK = Check("yolo-seg", GUARANTEES, recognises, clips, check_clip, check_whole)
