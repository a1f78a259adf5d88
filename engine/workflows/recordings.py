"""Recordings as files: found in folders, known by their bytes, copied whole or not at all. Decodes nothing."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

from engine.errors import NO_ROOM, DiskFull, VideoError

ENDINGS: Final = frozenset(
    [
        ".3gp",
        ".asf",
        ".avi",
        ".flv",
        ".m2ts",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".ogv",
        ".ts",
        ".webm",
        ".wmv",
    ]
)


def find_videos(folder: Path, *, without: Path) -> tuple[Path, ...]:
    """Return the files below ``folder`` that are named like videos, in order of name.

    Hidden ones (also what other systems leave beside videos, ``._name.mp4``) and what lies in
    the folder ``without`` are left out.
    """
    own = without.resolve()
    return tuple(
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in ENDINGS
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not path.resolve().is_relative_to(own)
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file's bytes, read in pieces.

    Raises:
        VideoError: there is no such file, it cannot be read, it is empty, or its name cannot be kept as text.
    """
    _refuse_nameless(path)
    try:
        if path.exists() and not path.is_file():
            raise VideoError(
                f"{path}: expected a video file, got a directory or device; name a file"
            )
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size:
                return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise VideoError(
            f"{path}: there is no such file; check the path, or mount the disk it lies on"
        ) from None
    except OSError as error:
        raise VideoError(
            f"{path}: cannot be read ({error.strerror}); check its permissions"
        ) from error
    raise VideoError(f"{path}: the file is empty (0 bytes); copy it again from its source")


def is_folder(path: Path) -> bool:
    """Say whether a path is a folder; one that no file could have is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _refuse_nameless(path: Path) -> None:
    """Refuse a name that databases and datasets could not hold: bytes that are no UTF-8, from older systems."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise VideoError(
            f"{path}: its name is not UTF-8, which no dataset could hold; rename it"
        ) from error


def copy_into(path: Path, out: Path) -> None:
    """Copy the bytes of ``path``; ``out`` appears when it is complete.

    Raises:
        DiskFull: no room; nothing is left of the copy.
    """
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(path, part)
        part.replace(out)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(f"{out}: no room for a copy of {path}; free some and repeat") from error
        raise
    finally:
        part.unlink(missing_ok=True)
