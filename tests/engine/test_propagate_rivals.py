"""Whose ball it is that a corrected track has come to."""

import numpy as np
import pytest

from engine import rle
from engine.propagate_rivals import rivals, stolen
from engine.types import FrameMasks, TrackMask


def seen(track: int, x: int) -> TrackMask:
    """Return a square of 10 pixels with its left side at x."""
    pixels = np.zeros((40, 120), bool)
    pixels[5:15, x : x + 10] = True
    return TrackMask(track, rle.encode(pixels))


HERE = FrameMasks(8, (seen(1, 40), seen(2, 42), seen(3, 47), seen(4, 90)))


def test_a_rival_covers_more_than_half_of_what_both_cover() -> None:
    assert rivals(seen(1, 40), HERE, ours={1}) == (seen(2, 42),)


def test_tracks_of_ours_are_no_rivals() -> None:
    assert rivals(seen(1, 40), HERE, ours={1, 2}) == ()


@pytest.mark.parametrize(
    ("before", "said"), [((seen(2, 45),), True), ((seen(2, 100),), False), ((), False)]
)
def test_a_ball_is_stolen_from_the_track_that_was_on_it_before(before, said) -> None:
    assert stolen(seen(1, 40), HERE, FrameMasks(7, before), ours={1}) is said


def test_a_ball_of_nobody_is_not_stolen() -> None:
    assert not stolen(seen(1, 70), HERE, HERE, ours={1})
