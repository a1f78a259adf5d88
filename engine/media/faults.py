"""What can go wrong with files of pictures, said in the product's own errors. Knows no format and no codec."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from engine.errors import NO_ROOM, DiskFull, InputError, VideoError


def check_readable(path: Path) -> None:
    """Look at the file itself before any decoder does, because a decoder's words for it are worse.

    Raises:
        VideoError: the path is absent, a directory, unreadable or empty.
    """
    if not path.exists():
        raise VideoError(
            f"{path}: there is no such file; check the path, or mount the disk it lies on"
        )
    if not path.is_file():
        raise VideoError(f"{path}: expected a video file, got a directory or device; name a file")
    if not os.access(path, os.R_OK):
        raise VideoError(f"{path}: not readable by this user; change its permissions (chmod u+r)")
    if path.stat().st_size == 0:
        raise VideoError(f"{path}: the file is empty (0 bytes); copy it again from where it came")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Translate the errors of demuxers, decoders and disks while ``path`` is read.

    Raises:
        VideoError: whatever the library or the system said, with the next step.
    """
    try:
        yield
    except av.DecoderNotFoundError as error:
        raise VideoError(f"{path}: no decoder for its codec; convert it to H.264 first") from error
    except (av.FFmpegError, OSError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise VideoError(
            f"{path}: cannot be read as video ({said}); it may be no video at all, or an incomplete or "
            "damaged one: copy it again, or let a repair tool re-mux it"
        ) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Translate the errors of encoders, muxers and disks while ``path`` is written.

    Raises:
        DiskFull: no room is left on the disk, in the quota or in what one file may hold.
        InputError: the file cannot be written there for any other reason.
    """
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        if error.errno in NO_ROOM:
            raise DiskFull(
                f"{path}: no room left to write it ({error.strerror}); free some and repeat"
            ) from error
        raise InputError(
            f"{path}: cannot be written ({error}); choose a folder that exists and is yours"
        ) from error
