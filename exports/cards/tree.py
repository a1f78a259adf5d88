"""The files of a dataset as a tree in which clips and numbers are placeholders. Knows no format: it only looks at names."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from exports.manifest import all_files


@dataclass(slots=True)
class _Folder:
    """What lies in a folder: folders by name, and count and bytes of files by name."""

    folders: dict[str, "_Folder"] = field(default_factory=dict)
    files: dict[str, tuple[int, int]] = field(default_factory=dict)


def tree(manifest: Mapping[str, Any], *, more: Collection[str] = ()) -> str:
    """Return the tree as text; ``more`` names files that are not listed yet.

    ``CLIP`` stands for a clip, ``NNNNN`` for a number of so many digits.
    """
    clips = manifest["clips"]
    pattern = _placeholders(clips)
    general = cache(
        lambda part: _general(part, pattern)
    )  # pictures of all clips have the same names
    root = _Folder()
    for path, (_, size) in all_files(clips, manifest["files"]).items():
        _add(root, [general(part) for part in path.split("/")], size)
    for path in more:
        _add(root, path.split("/"), 0)
    return "\n".join(_lines(root, ""))


def _placeholders(clips: Collection[str]) -> re.Pattern[str]:
    """Return what finds a clip's name where it stands for itself, the longest first."""
    names = "|".join(re.escape(name) for name in sorted(clips, key=len, reverse=True))
    return re.compile(rf"^(?:{names})(?![A-Za-z0-9-])" if names else r"(?!)")


def _general(part: str, clips: re.Pattern[str]) -> str:
    """Return a name with its clip and its number replaced."""
    named = clips.sub("CLIP", part, count=1)
    if "CLIP" in named or re.fullmatch(r"\d{3,}(\.\w+)?", named):
        return re.sub(r"(?<![A-Za-z0-9])\d{3,}(?![A-Za-z0-9])", lambda at: "N" * len(at[0]), named)
    return named


def _add(folder: _Folder, parts: list[str], size: int) -> None:
    """Count a file in its place."""
    for part in parts[:-1]:
        folder = folder.folders.setdefault(part, _Folder())
    count, total = folder.files.get(parts[-1], (0, 0))
    folder.files[parts[-1]] = count + 1, total + size


def _lines(folder: _Folder, indent: str) -> list[str]:
    """Return the lines of a folder and of all below."""
    lines = []
    for name, below in sorted(folder.folders.items()):
        lines += [f"{indent}{name}/", *_lines(below, f"{indent}  ")]
    for name, (count, size) in sorted(folder.files.items()):
        said = f"{count:>9,} x" if count > 1 else ""
        lines.append(f"{indent + name:<44}{said:>11}{_bytes(size):>12}".rstrip())
    return lines


def _bytes(size: int) -> str:
    """Return a size for people, nothing for nothing."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} B" if size else ""
