"""Looking for balls that are not in their windows."""

from dataclasses import replace

import numpy as np
import pytest

from engine import geometry, rle
from engine.adapters.sam2.colours import colours_of
from engine.adapters.sam2.seeking import Sought, choose, due, grid
from engine.models import place
from engine.models.windows import window
from engine.types import TrackMask

SIZE = (200, 300)
HOME = (90.0, 90.0, 110.0, 110.0)
RED, WHITE = (200, 30, 40), (240, 235, 215)


def _ball(rgb, x, y, colour, *, radius=10):
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    inside = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    rgb[inside] = colour
    return rle.encode(inside)


@pytest.fixture
def rgb():
    return np.full((*SIZE, 3), (40, 120, 180), np.uint8)


def _sought(rgb, colour):
    mask = _ball(rgb.copy(), 100, 100, colour)
    shown = rgb.copy()
    _ball(shown, 100, 100, colour)
    return Sought(place.begin(HOME), colours_of(shown, mask))


def _view(x, y):
    return window((x - 10, y - 10, x + 10, y + 10), context=3.0)


def test_a_ball_is_sought_when_it_has_just_gone_and_now_and_then_after():
    missing = [n for n in range(20) if due(replace(place.begin(HOME), absent=n))]
    assert missing == [0, 1, 3, 7]


def test_the_grid_reaches_four_diameters_without_gaps_and_leaves_the_middle_out():
    looks = grid(place.begin(HOME), context=3.0)
    assert len(looks) == 24
    assert window(HOME, context=3.0) not in looks
    for x in range(30, 171, 5):
        for y in range(30, 171, 5):
            inside = [v for v in (*looks, window(HOME, context=3.0)) if v[0] + 10 <= x <= v[2] - 10]
            assert any(v[1] + 10 <= y <= v[3] - 10 for v in inside), (x, y)


def test_the_grid_follows_a_rolling_ball():
    spot = place.seen(place.begin(HOME), geometry.shift(HOME, 20, 0))
    xs = [geometry.center(view)[0] for view in grid(spot, context=3.0)]
    assert np.mean(xs) == pytest.approx(130, abs=2)


def test_a_ball_of_its_size_and_colours_is_taken(rgb):
    sought = _sought(rgb, RED)
    mask = TrackMask(1, _ball(rgb, 160, 100, RED))
    assert choose([(mask, _view(160, 100))], sought, rgb=rgb, taken=[]) == 0


def test_a_ball_of_other_colours_is_not_taken(rgb):
    sought = _sought(rgb, RED)
    mask = TrackMask(1, _ball(rgb, 160, 100, WHITE))
    assert choose([(mask, _view(160, 100))], sought, rgb=rgb, taken=[]) is None


def test_the_ball_of_another_track_is_not_taken(rgb):
    sought = _sought(rgb, RED)
    other = _ball(rgb, 160, 100, RED)
    assert choose([(TrackMask(1, other), _view(160, 100))], sought, rgb=rgb, taken=[other]) is None


@pytest.mark.parametrize("radius", [5, 16])
def test_what_is_far_smaller_or_larger_than_the_ball_is_not_taken(rgb, radius):
    sought = _sought(rgb, RED)
    mask = TrackMask(1, _ball(rgb, 160, 100, RED, radius=radius))
    assert choose([(mask, _view(160, 100))], sought, rgb=rgb, taken=[]) is None


def test_a_mask_that_its_window_cuts_is_not_taken_but_one_at_the_edge_of_the_picture_is(rgb):
    sought = _sought(rgb, RED)
    cut = TrackMask(1, _ball(rgb, 160, 100, RED))
    assert choose([(cut, _view(182, 100))], sought, rgb=rgb, taken=[]) is None
    leaving = TrackMask(1, _ball(rgb, 296, 100, RED))
    assert choose([(leaving, _view(296, 100))], sought, rgb=rgb, taken=[]) == 0


def test_of_several_the_surest_and_likest_is_taken(rgb):
    sought = _sought(rgb, RED)
    unsure = TrackMask(1, _ball(rgb, 40, 100, RED), score=0.6)
    sure = TrackMask(1, _ball(rgb, 160, 100, RED), score=0.95)
    found = [(unsure, _view(40, 100)), (sure, _view(160, 100))]
    assert choose(found, sought, rgb=rgb, taken=[]) == 1


def test_nothing_found_nothing_taken(rgb):
    assert choose([], _sought(rgb, RED), rgb=rgb, taken=[]) is None
