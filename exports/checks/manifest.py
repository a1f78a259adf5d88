"""Are the files of a dataset those that its manifest.json lists, byte for byte? Knows no format; yields failures in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from exports.checks.base import NO_TEXT, Remark, parse
from exports.files import Fact, fact_of
from exports.manifest import MANIFEST, version_of

GUARANTEES: Final = (
    "where manifest.json lies, every file is listed there with its size and SHA-256, none is missing, none is stray",
)
Table: TypeAlias = Mapping[str, Fact]
LEFT_BY_TRAINERS: Final = ".cache"  # ultralytics keeps what it read of the labels beside them


@dataclass(frozen=True, slots=True)
class Listed:
    """What a manifest lists: files by clip, files of no clip, and what is wrong with the manifest itself."""

    clips: Mapping[str, Table] = field(default_factory=dict)
    files: Table = field(default_factory=dict)
    version: str = ""
    problems: tuple[str, ...] = ()

    def all(self) -> dict[str, Fact]:
        """Return every file of the dataset but the manifest."""
        return {**self.files, **{n: fact for of in self.clips.values() for n, fact in of.items()}}


def read_listed(path: Path) -> Listed | None:
    """Return what the manifest of the dataset at ``path`` lists, None where there is none."""
    place = path / MANIFEST
    if not place.exists():
        return None
    problems: list[str] = []
    try:
        said = parse(place.read_bytes())
    except NO_TEXT as error:
        return Listed(problems=(f"{place}: not readable as JSON ({error})",))
    if not isinstance(said, dict) or not isinstance(said.get("clips"), dict):
        return Listed(problems=(f"{place}: no manifest: expected an object with clips",))
    clips = {name: _of_clip(place, name, clip, problems) for name, clip in said["clips"].items()}
    files = _table(place, "files", said.get("files"), problems)
    return Listed(clips, files, str(said.get("version")), tuple(problems))


def check_listed(path: Path, listed: Listed, names: list[str]) -> Iterator[str]:
    """Compare the list with what lies there; read only the files that belong to no clip."""
    yield from listed.problems
    if listed.problems:
        return
    place, known = path / MANIFEST, listed.all()
    there = {file.relative_to(path).as_posix() for file in path.rglob("*") if not file.is_dir()} - {
        MANIFEST
    }
    for name in sorted(there - known.keys()):
        told = f"{path / name}: a stray file, not in {MANIFEST}"
        yield Remark(told) if name.endswith(LEFT_BY_TRAINERS) else told
    for name in sorted(known.keys() - there):
        yield f"{path / name}: listed in {MANIFEST} and not there"
    for clip in sorted(set(names) ^ listed.clips.keys()):
        yield f"{place}: clip {clip} is {'not listed' if clip in names else 'listed and not there'}"
    if (version := version_of({}, known)) != listed.version:
        yield f"{place}: version is {listed.version[:12]!r}, its files give {version[:12]!r}"
    yield from check_table(path, listed.files)


def check_table(path: Path, table: Table) -> Iterator[str]:
    """Compare size and SHA-256 of files that are there with what is listed."""
    for name, (digest, size) in table.items():
        place = path / name
        if not place.is_file():
            continue  # named by check_listed
        found = place.stat().st_size
        if found != size:
            yield f"{place}: {found} bytes, {MANIFEST} says {size}"
        elif fact_of(place)[0] != digest:
            yield f"{place}: its SHA-256 is not that of {MANIFEST}"


def _of_clip(place: Path, name: str, clip: Any, problems: list[str]) -> dict[str, Fact]:
    """Return the files of a clip: its pictures and its annotation."""
    table: dict[str, Fact] = {}
    for part in ("pictures", "annotation"):
        of = clip.get(part) if isinstance(clip, dict) else None
        files = of.get("files") if isinstance(of, dict) else None
        table |= _table(place, f"{part} of {name}", files, problems)
    return table


def _table(place: Path, what: str, said: Any, problems: list[str]) -> dict[str, Fact]:
    """Return a table of files, and remember what is wrong with it."""
    table: dict[str, Fact] = {}
    if not isinstance(said, dict):
        problems.append(f"{place}: {what} lists no files")
        return table
    for name, fact in said.items():
        match fact:
            case [str(digest), int(size)] if _below(name):
                table[name] = digest, size
            case _:
                problems.append(f"{place}: {what}: {name!r} is {str(fact)[:60]}")
    return table


def _below(name: str) -> bool:
    """Say whether a path stays below the dataset's folder."""
    return (
        bool(name) and not name.startswith("/") and ".." not in name.split("/") and "\0" not in name
    )
