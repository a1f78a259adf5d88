"""What a correction stands on, read frame by frame in either direction. Knows how to read in short runs; decides nothing."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.ports import FrameSource, Segmenter
from engine.repair import backwards, reading
from engine.types import Clip, FrameMasks, Image

BLOCK = 32

Rows = Callable[[int, int], Iterable[FrameMasks]]
"""The parent by range: every frame from ``start`` to ``stop`` once, in order, empty rows too."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a correction stands on: the clip, its parent's rows, where pictures come from, and what draws."""

    clip: Clip
    parent: Rows
    source: FrameSource
    segmenter: Segmenter


class Old:
    """The parent's rows one by one, in either direction; holds one block of them."""

    def __init__(self, ground: Ground, frames: range) -> None:
        """Read nothing yet, and nothing beyond ``frames`` ever: a click needs one row."""
        self._ground, self._frames = ground, frames
        self._block: dict[int, FrameMasks] = {}

    def at(self, frame: int) -> FrameMasks:
        """Return a frame's row."""
        if frame not in self._block:
            first = frame - frame % BLOCK
            start, stop = max(first, self._frames.start), min(first + BLOCK, self._frames.stop)
            rows = self._ground.parent(min(start, frame), max(stop, frame + 1))
            self._block = {row.frame: row for row in rows}
        return self._block.get(frame, FrameMasks(frame))


class Reel:
    """The pictures one by one in the direction of a pass; a jump opens the source anew."""

    def __init__(self, ground: Ground, limit: int, *, backward: bool) -> None:
        """Open nothing yet; pictures beyond ``limit`` are read only when they are asked for."""
        self._ground, self._limit, self._backward = ground, limit, backward
        self._next: int | None = None
        self._pictures: Generator[tuple[int, Image], None, None] | None = None

    def at(self, frame: int) -> Image:
        """Return a frame's picture, uint8 (H, W, 3)."""
        if self._pictures is None or self._next != frame:
            self.close()
            self._pictures = self._from(frame)
        found, rgb = next(self._pictures)
        self._next = found - 1 if self._backward else found + 1
        return rgb

    def close(self) -> None:
        """Close the decoder."""
        if self._pictures is not None:
            self._pictures.close()

    def _from(self, frame: int) -> Generator[tuple[int, Image], None, None]:
        ground = self._ground
        if self._backward:
            first = min(self._limit, frame)
            yield from backwards(ground.clip, source=ground.source, start=first, stop=frame + 1)
            return
        last = max(self._limit, frame + 1)
        batches = ground.source.batches(ground.clip, size=1, start=frame, stop=last)  # no copies
        with reading(batches) as opened:
            for batch in opened:
                yield from enumerate(batch.rgb, batch.first)


def stretches(frames: Sequence[int]) -> Iterator[range]:
    """Yield the runs of consecutive numbers among ``frames``, which are in order."""
    run = range(0)
    for frame in frames:
        if run and frame != run.stop:
            yield run
            run = range(0)
        run = range(run.start if run else frame, frame + 1)
    if run:
        yield run


def differing(one: Rows, other: Rows, frames: Iterable[int]) -> list[int]:
    """Return those of ``frames`` on which two versions differ, in order; only these frames are read."""
    return [
        row.frame
        for stretch in stretches(sorted(set(frames)))
        for row, old in zip(
            one(stretch.start, stretch.stop), other(stretch.start, stretch.stop), strict=True
        )
        if row != old
    ]


def restored(parent: Rows, frames: Iterable[int]) -> Iterator[FrameMasks]:
    """Yield the parent's rows of some frames, in order: what takes any change of these frames back."""
    for stretch in stretches(sorted(frames)):
        yield from parent(stretch.start, stretch.stop)
