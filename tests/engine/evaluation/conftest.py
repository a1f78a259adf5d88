"""Small films of square balls whose every figure can be worked out by hand."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from engine import rle
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
