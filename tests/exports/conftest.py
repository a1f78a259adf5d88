"""A small clip of discs with everything that makes exports hard: late, gone, returning, overlapping, tiny."""

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest

from engine import rle
from engine.ports import ExportItem
from engine.types import Clip, FrameBatch, FrameMasks, Kind, Revision, Track, TrackMask

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
