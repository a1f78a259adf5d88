"""One recording with three clips, for tests of what the contracts do not ask."""

from fractions import Fraction

import pytest

from engine.types import Clip, Video


@pytest.fixture
def video() -> Video:
    return Video("a" * 64, "/films/a.mp4", "/films/a.mp4", 64, 48, Fraction(30), 288)


@pytest.fixture
def clips(video: Video) -> list[Clip]:
    return [
        Clip(
            f"table-{n}",
            video.sha256,
            video.media,
            96 * n,
            96,
            video.width,
            video.height,
            video.rate,
        )
        for n in range(3)
    ]
