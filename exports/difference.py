"""What sets two datasets apart, told from their manifests alone. Opens no picture and no mask.

Pictures and masks of a clip differ when the bytes of their files do; where they only lie elsewhere, the clip is moved.
Datasets of two formats share no file, so their clips are compared by revision and statistics.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from exports.difference_value import Changed, Difference, Names, Side
from exports.remote.manifest import Manifest, manifest_at

_FACTS: Final = (
    *("revision", "recording", "start", "frames", "step", "rate", "size"),
    *("split", "camera", "licence", "provenance"),
)
_COUNTS: Final = ("labels", "masklets", "masks", "edited")


def difference(a: str | Path, b: str | Path) -> Difference:
    """Compare two datasets, each a folder or an address that fsspec knows (its latest version where it holds some).

    Raises:
        InputError: one of them has no manifest, or a damaged one.
        ExportError: an address cannot be reached.
    """
    before, after = manifest_at(a), manifest_at(b)
    alike = all(before.said.get(key) == after.said.get(key) for key in ("format", "layout"))
    both = sorted(before.clips.keys() & after.clips.keys())
    reasons = {clip: _reasons(before.clips[clip], after.clips[clip], files=alike) for clip in both}
    changed = tuple(Changed(clip, tuple(why)) for clip, why in reasons.items() if why)
    names = {one.clip for one in changed}
    return Difference(
        _side(str(a), before),
        _side(str(b), after),
        _names(before.clips, after.clips, names),
        changed,
        _names(before.files, after.files, _unlike(before.files, after.files)),
        _settings(before.said.get("settings") or {}, after.said.get("settings") or {}),
    )


def _side(place: str, manifest: Manifest) -> Side:
    """Return what is told of one dataset."""
    said = manifest.said
    name, layout, code = (str(said.get(key, "")) for key in ("format", "layout", "code"))
    return Side(place, manifest.version, name, layout, code, dict(said.get("statistics") or {}))


def _names(before: Iterable[str], after: Iterable[str], changed: set[str]) -> Names:
    """Sort names by where they are."""
    old, new = set(before), set(after)
    same = (old & new) - changed
    parts = (new - old, old - new, changed, same)
    return Names(*(tuple(sorted(part)) for part in parts))


def _unlike(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Return the names under which the two hold different values."""
    return {name for name in before.keys() & after.keys() if before[name] != after[name]}


def _reasons(before: Mapping[str, Any], after: Mapping[str, Any], *, files: bool) -> list[str]:
    """Return in words what is not the same about a clip; ``files``: its files can be compared."""
    found = [*_other_files(before, after)] if files else []
    found += [
        f"{key} {_short(before.get(key))} -> {_short(after.get(key))}"
        for key in _FACTS
        if before.get(key) != after.get(key)
    ]
    counts = before.get("statistics") or {}, after.get("statistics") or {}
    found += [_counted(key, *counts) for key in _COUNTS if counts[0].get(key) != counts[1].get(key)]
    return found


def _other_files(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Say whether pictures and masks are other ones, or lie elsewhere."""
    for part, word in (("annotation", "masks"), ("pictures", "pictures")):
        old, new = before[part]["files"], after[part]["files"]
        here, there = _hashes(old), _hashes(new)
        if here != there:
            yield f"other {word}: {_many(len(there - here) or len(here - there), 'file')}"
        elif old != new:
            yield f"{word} lie under other names"
        elif not old and before[part].get("signature") != after[part].get("signature"):
            yield f"other {word}"


def _hashes(files: Mapping[str, Any]) -> set[str]:
    """Return the content of files, whatever their names."""
    return {digest for digest, _ in files.values()}


def _counted(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Say how a number, or a table of numbers, has changed."""
    old, new = before.get(key), after.get(key)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return f"{key} {old} -> {new}"
    pairs = ((name, old.get(name, 0), new.get(name, 0)) for name in sorted(old.keys() | new.keys()))
    return f"{key} " + ", ".join(f"{name} {one} -> {two}" for name, one, two in pairs if one != two)


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the settings that differ, with both values; one that was not given is None."""
    names = sorted(before.keys() | after.keys())
    return {
        name: (before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    }


def _short(value: Any) -> str:
    """Return a value in a few characters: hashes by their beginning, rates as fractions."""
    match value:
        case None | "":
            return "not stated"
        case str() if len(value) == 64:
            return value[:12]
        case [int(above), int(below)]:
            return f"{above}/{below}"
        case dict():
            return ", ".join(f"{key} {_short(one)}" for key, one in sorted(value.items()))
        case _:
            return str(value)


def _many(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
