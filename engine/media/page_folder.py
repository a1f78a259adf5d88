"""Where the browser's copies lie: one file for each clip and state of its media, the longest unused removed first. Knows no server."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.media.faults import writing
from engine.media.page_copy import write_page_copy
from engine.media.scanning import Progress, silent
from engine.types import Clip

RECIPE: Final = 1
"""Raised when copies are made otherwise than before: older ones are made anew."""

MOST_BYTES: Final = 20 * 10**9
"""What copies may take up: some 4,000 clips of ten seconds at 1080p."""


def page_copy_path(workspace: Path, clip: Clip) -> Path:
    """Return where the copy of a clip lies, or would: another place when the clip's media has changed."""
    facts = repr((RECIPE, clip.media, clip.start, clip.frames, str(clip.rate), clip.width, clip.height, *_state(Path(clip.media))))  # fmt: skip
    digest = hashlib.sha256(facts.encode(errors="surrogateescape")).hexdigest()[:16]
    return workspace / "page" / f"{clip.id}-{digest}.mp4"


def find_page_copy(workspace: Path, clip: Clip) -> Path | None:
    """Return the copy of a clip, which counts as used now, or None where there is none."""
    path = page_copy_path(workspace, clip)
    try:
        os.utime(path)
    except OSError:
        return path if path.is_file() else None
    return path


def make_page_copy(
    workspace: Path,
    clip: Clip,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = silent,
) -> bool:
    """Make the copy of a clip, and room for it; return False where there is one already, or ``stop`` said so.

    Raises:
        VideoError, DiskFull: as in ``write_page_copy``.
        InputError: the folder cannot be made.
    """
    if find_page_copy(workspace, clip) is not None:
        return False
    out = page_copy_path(workspace, clip)
    with writing(out):
        out.parent.mkdir(exist_ok=True)
    made = write_page_copy(clip, out, progress=progress, stop=stop)
    trim(out.parent, keep=frozenset([out]))
    return made


def trim(folder: Path, *, most: int = MOST_BYTES, keep: frozenset[Path] = frozenset()) -> int:
    """Remove the copies that were unused the longest until the others take up ``most`` bytes; return how many.

    Those in ``keep`` stay. A file that somebody else removes meanwhile is no error.
    """
    found: list[tuple[float, int, Path]] = []
    for path in folder.glob("*.mp4"):
        with suppress(OSError):
            stat = path.stat()
            found.append((stat.st_mtime, stat.st_size, path))
    total, removed = sum(size for _, size, _ in found), 0
    for _, size, path in sorted(found):
        if total <= most:
            break
        if path not in keep:
            path.unlink(missing_ok=True)
            total, removed = total - size, removed + 1
    return removed


def _state(media: Path) -> tuple[int, ...]:
    """Return what tells one state of a file, or of a folder of pictures, from another; nothing where it is gone."""
    try:
        stat = media.stat()
    except OSError:
        return ()
    return stat.st_size, stat.st_mtime_ns
