"""A small clip of discs with everything that makes exports hard: late, gone, returning, overlapping, tiny."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engine import rle
from engine.adapters.video_pyav import PyavFrameSource
from engine.media import VideoWriter
from engine.ports import ExportItem
from engine.types import Clip, FrameBatch, FrameMasks, Kind, Revision, Track, TrackMask
from exports.registry import exporter

SIZE = (64, 96)


def disc(x: float, y: float, radius: float) -> rle.RLE:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return rle.encode((columns - x) ** 2 + (rows - y) ** 2 < radius**2)


def masks_of(frame: int) -> tuple[TrackMask, ...]:
    seen = [TrackMask(1, disc(20 + 2 * frame, 30, 8), 0.9, 0.95)]
    if frame >= 3:  # comes late
        seen.append(TrackMask(2, disc(70, 40, 7), 0.8, 0.9))
    if not 4 <= frame < 7:  # goes and comes back
        seen.append(TrackMask(3, disc(30, 36, 6), 0.7, 0.8))
    if frame == 5:  # a speck, and nothing else ever
        seen.append(TrackMask(4, disc(80, 10, 1.1), 0.6, 0.5))
    return tuple(seen)


def pictures(frames: int) -> Iterator[FrameBatch]:
    ramp = np.linspace(20, 90, SIZE[1], dtype=np.uint8)  # one step brighter with each frame
    plain = np.broadcast_to(ramp[None, :, None], (*SIZE, 3))
    for first in range(0, frames, 4):
        count = min(4, frames - first)
        yield FrameBatch(
            first, np.stack([plain + np.uint8(10 * (first + k)) for k in range(count)])
        )


@pytest.fixture
def make_item() -> Callable[..., ExportItem]:
    def make(
        name: str = "game-1",
        *,
        frames: int = 12,
        video: str = "f00d",
        split: str = "train",
        rate: Fraction = Fraction(30),
        masks: Callable[[int], tuple[TrackMask, ...]] = masks_of,
    ) -> ExportItem:
        clip = Clip(name, video, "none.mp4", 0, frames, SIZE[1], SIZE[0], rate, split)
        tracks = tuple(
            Track(n, label) for n, label in enumerate(["cue", "solid", "stripe", "eight"], 1)
        )
        revision = Revision(name, None, Kind.AUTO, "det-sam2", tracks, {"segmenter": "nano"}, 7)
        return ExportItem(
            clip,
            revision,
            lambda: (FrameMasks(k, masks(k)) for k in range(frames)),
            lambda: pictures(frames),
            lambda: {1: 2},
            auto=lambda: (FrameMasks(k, masks(k)) for k in range(frames)),
        )

    return make


@pytest.fixture
def item(make_item: Callable[..., ExportItem]) -> ExportItem:
    return make_item()


def silent(_clip: str, _done: int, _total: int) -> None:
    """Take progress and show nothing."""


@pytest.fixture(name="silent")
def silent_fixture() -> Callable[[str, int, int], None]:
    return silent


def content_of(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(name="content")
def content_fixture() -> Callable[[Path], dict[str, bytes]]:
    """Return every file below a folder with its bytes."""
    return content_of


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a real recording of 40 frames, a keyframe every ten: a light wanders over a ramp."""
    path = tmp_path_factory.mktemp("recordings") / "game.mp4"
    size = {"width": SIZE[1], "height": SIZE[0], "rate": Fraction(30), "keyframes": 10}
    ramp = np.linspace(20, 200, SIZE[1], dtype=np.uint8)
    with VideoWriter(path, **size) as writer:
        for number in range(40):
            rgb = np.repeat(np.broadcast_to(ramp[None, :, None], (*SIZE, 1)), 3, axis=2)
            rgb[10:20, 2 * number : 2 * number + 9] = (250, 40, 40)
            writer.write(rgb)
    return path


def masks_until(
    frames: int, masks: Callable[[int], tuple[TrackMask, ...]]
) -> Callable[[], Iterator[FrameMasks]]:
    return lambda: (FrameMasks(k, masks(k)) for k in range(frames))


def real_item_of(
    recording: Path,
    name: str = "game-1",
    *,
    start: int = 10,
    frames: int = 12,
    revision: int = 7,
    masks: Callable[[int], tuple[TrackMask, ...]] = masks_of,
    media: Path | None = None,
    step: int = 1,
    created: datetime | None = None,
    camera: str = "",
    split: str = "train",
) -> ExportItem:
    shown = str(media or recording)
    clip = Clip(name, "cafe", shown, start, frames, SIZE[1], SIZE[0], Fraction(30), split)
    tracks = tuple(Track(n, "solid") for n in range(1, 5))
    made = Revision(
        name, None, Kind.AUTO, "det-sam2", tracks, {"segmenter": "nano"}, revision, created
    )
    return ExportItem(
        clip,
        made,
        masks_until(frames, masks),
        partial(PyavFrameSource().batches, clip, size=4),
        step=step,
        camera=camera,
    )


@pytest.fixture
def real_item(recording: Path) -> Callable[..., ExportItem]:
    """Make items of a real recording, as the workflow does: what goes to a worker can be pickled."""
    return partial(real_item_of, recording)


@pytest.fixture(scope="session")
def workspace(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a workspace with twelve accepted clips, made by the real program."""
    folder = tmp_path_factory.mktemp("workplace")
    items = [real_item_of(recording, f"game-{n:02d}", start=n, frames=20) for n in range(12)]
    exporter("sav", trust_auto=True)(items, folder / "labels", progress=silent)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ENGINE_")}
    env = kept | {"ENGINE_WORKSPACE": str(folder / "ws"), "ENGINE_CACHE": str(folder / "cache")}
    for words in (["init"], ["import", str(folder / "labels")], ["accept", "--all"]):
        command = [sys.executable, "-m", "engine.cli", *words]
        subprocess.run(command, env=env, check=True, capture_output=True, cwd=folder)
    return env


@pytest.fixture
def game(real_item: Callable[..., ExportItem]) -> list[ExportItem]:
    """Return three clips of one recording."""
    return [real_item(f"game-{n}", start=10 * n) for n in range(3)]


@pytest.fixture(name="masks_of")
def masks_of_fixture() -> Callable[[int], tuple[TrackMask, ...]]:
    """Return the masks of the small clip on a frame."""
    return masks_of
