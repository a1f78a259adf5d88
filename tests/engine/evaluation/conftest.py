"""Small films of square balls whose every figure can be worked out by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from engine import rle
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
