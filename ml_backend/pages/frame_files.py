"""The pictures of a clip's key frames as files that Label Studio can serve. Knows folders and pictures; refuses to know tasks."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engine.media.faults import writing
from engine.media.still import write_jpeg
from engine.ports import FrameSource
from engine.types import Clip, Image

FOLDER: Final = "labelstudio"
"""The folder of a workspace that holds them."""

_QUALITY = 92


def frame_path(workspace: Path, clip: Clip, frame: int) -> Path:
    """Return where the picture of a frame lies, or would; the name says the frame, counted from 0."""
    return workspace / FOLDER / clip.id / f"{frame:06d}.jpg"


def write_frames(
    workspace: Path, clip: Clip, frames: Sequence[int], source: FrameSource
) -> tuple[Path, ...]:
    """Write the pictures of ``frames`` that are not there yet; return where all of them lie, in their order.

    A picture is there whole or not at all, also for whoever reads at the same time.

    Raises:
        InputError: a frame is outside the clip, or the folder cannot be written.
        VideoError: the clip's media cannot be read.
        DiskFull: no room.
    """
    paths = {frame: frame_path(workspace, clip, frame) for frame in frames}
    lost = [frame for frame in sorted(paths) if not paths[frame].is_file()]
    for frame in lost:
        (batch,) = source.batches(clip, size=1, start=frame, stop=frame + 1)
        _write(paths[frame], batch.rgb[0])
    return tuple(paths[frame] for frame in frames)


def _write(path: Path, picture: Image) -> None:
    """Write one picture beside its place, then put it there."""
    beside = path.with_name(f"{path.stem}.{os.getpid()}.part")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_jpeg(beside, picture, quality=_QUALITY)
        with writing(path):
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
