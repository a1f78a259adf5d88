"""Recordings that are scenes of flat discs, and clips of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from engine.errors import VideoError
from engine.fakes.queue import MemoryDatabase
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.types import Clip, FrameBatch, Image, Video

FRAMES = 120


def scene(*rest: tuple[int, int], dx: float = 0.0) -> Scene:
    """Return balls that rest, and one that rolls by ``dx`` a frame."""
    still = [Disc((230, 60, 60), "solid", rests(x, y)) for x, y in rest]
    return Scene([*still, Disc((240, 240, 240), "cue", rolls(20, 45, dx=dx))], FRAMES)


ONE, OTHER = scene((100, 20), (140, 70), dx=0.8), scene((40, 75), (60, 15), dx=0.8)


@dataclass
class Films:
    """A source of pictures: recordings are scenes, by their content; one that is not there cannot be read. Counts what it reads."""

    scenes: dict[str, Scene]
    read: list[str] = field(default_factory=list)

    def batches(
        self, clip: Clip, *, size: int = 4, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameBatch]:
        self.read.append(clip.id)
        if clip.video not in self.scenes:
            raise VideoError(f"{clip.media}: there is no such file")
        for first in range(start, clip.frames if stop is None else stop, size):
            frames = range(first, min(first + size, clip.frames))
            yield FrameBatch(first, np.stack([self._paint(clip, frame) for frame in frames]))

    def _paint(self, clip: Clip, frame: int) -> Image:
        scene = self.scenes[clip.video]
        return scene.paint(scene.clip, clip.start + frame)


def clip_of(video: str, *, start: int = 0, frames: int = FRAMES, name: str = "") -> Clip:
    return replace(ONE.clip, id=name or f"clip-{video}", video=video, start=start, frames=frames)


def add(books: MemoryDatabase, video: str) -> Clip:
    """Add a recording of one clip."""
    clip = clip_of(video)
    size = clip.width, clip.height, clip.rate, clip.frames
    books.catalog.add_video(Video(video, f"{video}.mp4", f"{video}.mp4", *size), [clip])
    return clip
