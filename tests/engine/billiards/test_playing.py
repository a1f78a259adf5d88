"""Balls are in play while one of them rolls; hands, trembling rims and masks that jump are none of it."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.billiards.playing import Watch, fewer
from engine.types import Clip, FrameMasks, TrackMask

HIGH, WIDE = 60, 400


def clip(frames: int = 300, rate: Fraction = Fraction(30)) -> Clip:
    return Clip("game-1", "v", "game.mp4", 0, frames, WIDE, HIGH, rate)


def mask(x: int, *, side: int = 12, cut: int = 0):
    """Return a ball at ``x``, of which ``cut`` columns on the left are hidden."""
    shape = np.ones((side, side - cut), bool)
    return rle.encode(shape, origin=(x + cut, 20), size=(HIGH, WIDE))


def rows(*tracks: list[int | None]):
    """Return frames in which ball k is at ``tracks[k][frame]``, or absent."""
    return [
        FrameMasks(
            frame, tuple(TrackMask(k + 1, mask(x)) for k, x in enumerate(places) if x is not None)
        )
        for frame, places in enumerate(zip(*tracks, strict=True))
    ]


def rolls(frames: int, *spans: tuple[int, int], speed: int = 2) -> list[int]:
    """Return where a ball is that rolls from frame ``a`` to frame ``b`` of each span, and rests between them."""
    steps = [speed if any(a < frame <= b for a, b in spans) else 0 for frame in range(frames)]
    return [int(x) for x in np.cumsum(steps)]


def playing(rows, of):
    """Return when balls are in play, and hold the rows to pass as they are."""
    watch = Watch(of)
    assert list(watch.passing(iter(rows))) == rows
    return watch.plays()


def test_balls_at_rest_are_no_play():
    assert playing(rows([50] * 300), clip()) == ()


def test_a_clip_without_balls_is_no_play():
    assert playing([FrameMasks(frame) for frame in range(300)], clip()) == ()


def test_play_lasts_while_a_ball_rolls_to_a_tenth_of_a_second():
    (span,) = playing(rows(rolls(300, (100, 180)), [300] * 300), clip())
    assert abs(span.start - 100) <= 3
    assert abs(span.stop - 180) <= 3


def test_play_that_is_on_in_the_first_and_the_last_frame_fills_the_clip():
    assert playing(rows(rolls(90, (-1, 90))), clip(90)) == (range(90),)


def test_a_short_rest_is_part_of_the_play_and_a_long_one_is_not():
    near = playing(rows(rolls(300, (50, 80), (90, 120))), clip())
    far = playing(rows(rolls(300, (50, 80), (150, 180))), clip())
    assert [len(found) for found in (near, far)] == [1, 2]


def test_one_ball_after_another_is_one_play():
    assert len(playing(rows(rolls(300, (50, 80)), rolls(300, (80, 130))), clip())) == 1


def test_a_rim_that_trembles_by_a_pixel_is_no_play():
    places = [50 + frame % 2 for frame in range(300)]
    assert playing(rows(places), clip()) == ()


def test_a_hand_that_goes_over_a_ball_is_no_play():
    hidden = [FrameMasks(f, (TrackMask(1, mask(50, cut=min(8, f // 10))),)) for f in range(100)]
    assert playing(hidden, clip(100)) == ()


def test_a_mask_that_jumps_once_is_no_play():
    places = [50] * 150 + [60] * 150
    assert playing(rows(places), clip()) == ()


def test_a_ball_that_comes_or_goes_does_not_move():
    places = [None] * 100 + [50] * 100 + [None] * 100
    assert playing(rows(places), clip()) == ()


def test_the_rate_does_not_change_what_is_play():
    slow = playing(rows(rolls(100, (30, 60), speed=6)), clip(100, Fraction(10)))
    fast = playing(rows(rolls(600, (180, 360), speed=1)), clip(600, Fraction(60)))
    assert [(span.start * 6, span.stop * 6) for span in slow] == [
        (pytest.approx(span.start, abs=12), pytest.approx(span.stop, abs=12)) for span in fast
    ]


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_ranges_are_in_order_and_apart(seconds):
    places = rolls(
        len(seconds) * 10, *((k * 10, k * 10 + 10) for k, on in enumerate(seconds) if on)
    )
    places = [x % 300 for x in places]
    found = playing(rows(places), clip(len(places), Fraction(10)))
    assert all(a.stop < b.start for a, b in pairwise(found))
    assert all(0 <= span.start < span.stop <= len(places) for span in found)


def test_where_there_are_too_many_ranges_the_shortest_rests_go():
    spans = (range(30), range(60, 90), range(130, 160), range(250, 280))
    assert fewer(spans, 2) == (range(160), range(250, 280))
    assert fewer(spans, 1) == (range(280),)
    assert fewer(spans, 4) == spans
    assert fewer((), 4) == ()


@given(st.sets(st.integers(0, 500), min_size=2).map(sorted), st.integers(1, 6))
def test_fewer_ranges_cover_what_more_did_from_the_first_to_the_last(edges, most):
    spans = [range(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    found = fewer(spans, most)
    assert len(found) == min(most, len(spans))
    assert {frame for span in spans for frame in span} <= {
        frame for span in found for frame in span
    }
    assert (found[0].start, found[-1].stop) == (spans[0].start, spans[-1].stop)
