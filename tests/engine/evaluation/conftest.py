"""Small films of square balls whose every figure can be worked out by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from engine import rle
from engine.asking import gather
from engine.datasets import LabelledClip
from engine.evaluation.running import Models
from engine.fakes.detector import ColourDetector
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.pipeline import DetSam2
from engine.types import RLE, FrameMasks, TrackMask

SIZE = (60, 200)
Square = Callable[..., RLE]
Film = Callable[..., list[FrameMasks]]


def make_square(x: int, y: int = 20, side: int = 10) -> RLE:
    return rle.encode(np.ones((side, side), bool), origin=(x, y), size=SIZE)


@pytest.fixture
def square() -> Square:
    return make_square


@pytest.fixture
def film() -> Film:
    """Return a film from the column of each track's square by frame, None where it is not visible."""

    def make(
        places: Mapping[int, Sequence[int | None]], *, side: int = 10, scores: float = 1.0
    ) -> list[FrameMasks]:
        frames = max(map(len, places.values()), default=0)
        return [
            FrameMasks(
                frame,
                tuple(
                    TrackMask(track, make_square(x, 20, side), scores)
                    for track, column in places.items()
                    if (x := column[frame]) is not None
                ),
            )
            for frame in range(frames)
        ]

    return make


RED, BLUE, GREY = (200, 30, 30), (30, 30, 220), (120, 120, 120)


def labelled(scene: Scene, name: str = "scene") -> LabelledClip:
    """Return an exact world as a clip with truth."""
    clip = replace(scene.clip, id=name)
    frames = range(scene.frames)
    return LabelledClip(
        clip,
        {place: disc.label for place, disc in enumerate(scene.discs, 1)},
        tuple(frames),
        lambda: (scene.paint(clip, frame) for frame in frames),
        lambda: (scene.truth(frame) for frame in frames),
    )


@pytest.fixture
def scene() -> Scene:
    """Return two balls: one rolls, one appears late and is potted."""
    return Scene(
        [
            Disc(RED, "cue", rolls(20, 40, dx=3)),
            Disc(BLUE, "solid", rests(120, 60, start=2, stop=9)),
        ],
        frames=12,
    )


@pytest.fixture
def world(scene: Scene) -> LabelledClip:
    return labelled(scene)


@pytest.fixture
def models(scene: Scene) -> Models:
    return Models(ColourDetector(scene.labels), ColourSegmenter(), None, DetSam2(every=2))


@pytest.fixture
def label() -> Callable[..., LabelledClip]:
    return labelled


class Brush:
    """A segmenter for which a click is a square of its own: positive ones add it, negative ones take it off.

    A mask goes on where it is from frame to frame, up to frame ``until``, where it is lost.
    """

    def __init__(self, side: int = 5, until: int = 1 << 30) -> None:
        self.side, self.until, self.opened = side, until, 0

    def open(self, clip, **_) -> "Stroke":
        self.opened += 1
        return Stroke(self, clip)


class Stroke:
    """One pass of a ``Brush``."""

    def __init__(self, brush: Brush, clip) -> None:
        self._brush, self._clip, self._masks = brush, clip, {}

    def step(self, frame, _rgb, prompts=()) -> FrameMasks:
        asks = gather(prompts, frame=frame, width=self._clip.width, height=self._clip.height)
        for track, ask in asks.items():
            self._masks[track] = self._painted(ask)
        shown = self._masks if frame < self._brush.until else {}
        return FrameMasks(
            frame, tuple(TrackMask(t, rle.encode(m)) for t, m in shown.items() if m.any())
        )

    def _painted(self, ask) -> np.ndarray:
        size = (self._clip.height, self._clip.width)
        mask = rle.decode(ask.mask) if ask.mask is not None else np.zeros(size, bool)
        half = self._brush.side // 2
        for point in ask.points:
            row, column = int(point.y), int(point.x)
            area = (
                slice(max(0, row - half), row + half + 1),
                slice(max(0, column - half), column + half + 1),
            )
            mask[area] = point.positive
        return mask

    def expect(self, track, box) -> None:
        pass

    def forget(self, track) -> None:
        self._masks.pop(track, None)

    def snapshot(self) -> bytes:
        return b""

    def close(self) -> None:
        self._masks.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.close()


@pytest.fixture
def brush() -> type[Brush]:
    return Brush
