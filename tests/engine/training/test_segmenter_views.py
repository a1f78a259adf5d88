"""Windows follow a ball as the engine follows it: predicted, late after a hit, waiting while it is hidden."""

import random
from math import hypot

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import geometry, rle
from engine.models.windows import View
from engine.training.segmenter_films import Ball
from engine.training.segmenter_views import Fate, Mishap, draw_fate, draw_times, follow

CALM = Fate(Mishap.NONE, 1, 1)
MASK = rle.empty((10, 10))


def ball(x: float, y: float, size: float = 20) -> Ball:
    return Ball(MASK, (x - size / 2, y - size / 2, x + size / 2, y + size / 2), int(size**2 * 0.78))


def off(view: View, x: float, y: float) -> float:
    """Return how far a window's middle lies from a place, in sizes of the ball (20 px)."""
    left, top = geometry.center((view[0], view[1], view[2], view[3]))
    return hypot(left - x, top - y) / 20


@given(st.integers(2, 12), st.integers(2, 8), st.integers(0, 10_000))
def test_times_are_distinct_one_way_and_recent_enough_to_be_remembered(
    count: int, frames: int, seed: int
) -> None:
    if frames > count:
        return
    times = draw_times(count, frames, random.Random(seed))
    steps = np.diff(times)
    assert len(times) == frames
    assert min(times) >= 0
    assert max(times) < count
    assert (steps > 0).all() or (steps < 0).all()
    assert abs(times[-1] - times[1]) <= max(6, frames - 2)


def test_most_sequences_run_frame_by_frame_and_some_begin_long_before() -> None:
    dice = random.Random(0)
    drawn = [np.abs(np.diff(draw_times(12, 4, dice))) for _ in range(400)]
    assert 0.5 < np.mean([(steps[1:] == 1).all() for steps in drawn]) < 0.95
    assert 0.2 < np.mean([steps[0] > 2 for steps in drawn]) < 0.6


def test_a_rolling_ball_is_kept_near_the_middle_of_its_windows() -> None:
    rows = [{1: ball(50 + 7 * t, 60)} for t in range(10)]
    views = follow(rows, 1, list(range(10)), context=3.5, fate=CALM, dice=random.Random(1))
    assert len(views) == 9
    assert all(off(view, 57 + 7 * t, 60) < 0.45 for t, view in enumerate(views))
    assert np.mean([view[2] - view[0] for view in views]) == pytest.approx(70, abs=5)


def test_time_may_run_backward() -> None:
    rows = [{1: ball(50 + 7 * t, 60)} for t in range(6)]
    views = follow(rows, 1, [5, 4, 3, 2], context=3.5, fate=CALM, dice=random.Random(1))
    assert [off(view, 50 + 7 * t, 60) < 0.5 for t, view in zip((4, 3, 2), views, strict=True)]


def test_a_struck_ball_has_left_the_window_which_stays_where_it_was() -> None:
    rows = [{1: ball(50, 60)} for _ in range(4)] + [{1: ball(50 + 90 * t, 60)} for t in range(1, 4)]
    views = follow(rows, 1, list(range(7)), context=3.5, fate=CALM, dice=random.Random(2))
    assert all(off(view, 50, 60) < 0.3 for view in views)


def test_a_hidden_ball_is_waited_for_where_it_was_and_found_again() -> None:
    rows = [{1: ball(50 + 5 * t, 60)} for t in range(8)]
    fate = Fate(Mishap.COVERED, 2, 4)
    views = follow(rows, 1, list(range(8)), context=3.5, fate=fate, dice=random.Random(3))
    assert off(views[2], 55, 60) < 0.5  # frame 3: where it was on frame 1
    assert off(views[3], 70, 60) < 0.5  # frame 4: found again


def test_frames_between_are_followed_though_they_are_not_looked_at() -> None:
    rows = [{1: ball(50 + 12 * t, 60)} for t in range(9)]
    (view,) = follow(rows, 1, [0, 8], context=3.5, fate=CALM, dice=random.Random(4))
    assert off(view, 50 + 12 * 8, 60) < 0.5


def test_a_hit_puts_the_window_off_and_an_error_puts_it_on_another_ball() -> None:
    rows = [{1: ball(100, 100), 2: ball(160, 100)} for _ in range(4)]
    far: list[View] = []
    astray: list[View] = []
    for seed in range(100):
        for mishap, found in ((Mishap.HIT, far), (Mishap.ASTRAY, astray)):
            views = follow(rows, 1, [0, 1, 2, 3], context=3.5, fate=Fate(mishap, 2, 4), dice=random.Random(seed))  # fmt: skip
            found.append(views[1])
            assert off(views[0], 100, 100) < 0.3
    away = [off(view, 100, 100) for view in far]
    assert min(away) > 0.2
    assert max(away) > 2.5
    assert all(off(view, 160, 100) < 0.3 for view in astray)


def test_fates_spare_the_first_frame_and_more_than_a_third_have_none() -> None:
    dice = random.Random(5)
    fates = [draw_fate(4, dice) for _ in range(600)]
    assert all(1 <= fate.begin < fate.end <= 4 for fate in fates)
    assert all(fate.at(0) is Mishap.NONE for fate in fates)
    counts = {mishap: sum(fate.mishap is mishap for fate in fates) for mishap in Mishap}
    assert min(counts.values()) > 20
    assert 0.35 < counts[Mishap.NONE] / 600 < 0.55


def test_a_ball_that_is_gone_from_the_footage_leaves_its_window_behind() -> None:
    rows = [{1: ball(50, 60)}, {1: ball(56, 60)}, {}, {}]
    views = follow(rows, 1, [0, 1, 2, 3], context=3.5, fate=CALM, dice=random.Random(6))
    assert off(views[2], 56, 60) < 0.5
