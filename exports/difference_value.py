"""A difference between datasets as a value, and in words. Finds nothing out by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_ROWS: Final = ("clips", "seconds", "frames", "annotated", "masklets", "masks", "edited")
_MOST: Final = 40  # clips that are named one by one; the JSON has all


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two datasets: what it is, and the sums of its statistics."""

    place: str
    version: str
    format: str
    layout: str
    code: str
    statistics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """A clip that both hold and that is not the same: ``why`` in words, one for each thing that differs."""

    clip: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Things of two sides by name: those that only the second has, only the first, and both alike or not alike."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that sets ``after`` apart from ``before``. ``settings`` holds both values of those that differ."""

    before: Side
    after: Side
    clips: Names
    changed: tuple[Changed, ...]
    files: Names
    settings: Mapping[str, tuple[Any, Any]]

    @property
    def same(self) -> bool:
        """Whether the two are the same bytes."""
        return self.before.version == self.after.version

    def text(self) -> str:
        """Return the difference for people, a few lines and a table."""
        return _told(self)


def _told(found: Difference) -> str:
    """Return the difference for people, a few lines and a table."""
    lines = [f"the same files, byte for byte: version {found.before.version[:16]}"] * found.same
    if not found.same or found.changed or found.settings:
        lines += [*_sides(found), "", *_clips(found), *_settings(found.settings), ""]
        lines += _table(found)
    return "\n".join(lines)


def _sides(found: Difference) -> Iterator[str]:
    """Yield a line for each dataset."""
    for word, side in (("before", found.before), ("after ", found.after)):
        kind = f"{side.format} {side.layout}".strip()
        yield f"{word}  {side.place}   {kind}, version {side.version[:16]}, engine {side.code}"


def _clips(found: Difference) -> Iterator[str]:
    """Yield what happened to clips, and to files."""
    yield f"clips   {_counts(found.clips)}"
    told_of = [f"  + {clip}" for clip in found.clips.added]
    told_of += [f"  - {clip}" for clip in found.clips.removed]
    told_of += [f"  ~ {one.clip}: {'; '.join(one.why)}" for one in found.changed]
    yield from told_of[:_MOST]
    if len(told_of) > _MOST:
        yield f"  ... and {len(told_of) - _MOST:,} more"
    yield f"files   {_counts(found.files)}"


def _counts(names: Names) -> str:
    """Return how many there are of each kind."""
    parts = ("added", "removed", "changed", "unchanged")
    return ", ".join(f"{len(getattr(names, part)):,} {part}" for part in parts)


def _settings(settings: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    """Yield a line for each setting that differs."""
    if settings:
        yield "settings"
    for name, (before, after) in settings.items():
        yield f"  {name}: {before!r} -> {after!r}"


def _table(found: Difference) -> Iterator[str]:
    """Yield the statistics of both, side by side."""
    before, after = found.before.statistics, found.after.statistics
    yield f"{'':20}{'before':>14}{'after':>14}"
    for name in _ROWS:
        yield _row(name, before.get(name, 0), after.get(name, 0))
    old, new = before.get("labels") or {}, after.get("labels") or {}
    for label in sorted(old.keys() | new.keys()):
        yield _row(f"  masks of {label}", old.get(label, 0), new.get(label, 0))


def _row(name: str, before: float, after: float) -> str:
    """Return one line of the table."""
    step = round(after - before, 3)
    return f"{name:20}{before:>14,}{after:>14,}{f'{step:+,}' if step else '':>12}".rstrip()
