"""A line between two walls has few corners, and never leaves them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ml_backend.boxes.corridor import corners

VALUES = st.floats(-50, 50).map(lambda value: round(value, 2))
SEEN = st.tuples(st.integers(1, 60), st.integers(1, 4)).flatmap(
    lambda shape: arrays(float, shape, elements=VALUES)
)


def line(places, values, length):
    """Return the values (length, d) of the line with these corners, level after the last one."""
    return np.stack([np.interp(np.arange(length), places, column) for column in values.T], axis=1)


@given(seen=SEEN, room=st.floats(0, 8), level=st.booleans())
def test_the_line_stays_between_the_walls(seen, room, level):
    places, values = corners(seen - room, seen + room, level=level)
    drawn = line(places, values, len(seen))
    assert np.abs(drawn - seen).max() <= room + 1e-6


@given(seen=SEEN, room=st.floats(0, 8))
def test_corners_go_from_the_first_place_to_the_last(seen, room):
    places, values = corners(seen - room, seen + room, level=False)
    assert places == sorted(set(places))
    assert (places[0], places[-1]) == (0, len(seen) - 1)
    assert values.shape == (len(places), seen.shape[1])


@given(seen=SEEN, room=st.floats(0, 8))
def test_a_level_end_never_costs_a_corner(seen, room):
    low, high = seen - room, seen + room
    assert len(corners(low, high, level=True)[0]) <= len(corners(low, high, level=False)[0])


def test_what_rests_within_the_walls_needs_one_corner_however_it_trembles():
    seen = np.random.default_rng(1).integers(7, 9, (300, 4))
    assert corners(seen - 0.9, seen + 0.9, level=True)[0] == [0]
    assert corners(seen - 0.9, seen + 0.9, level=False)[0] == [0, 299]


@given(
    start=st.floats(-100, 100),
    pace=st.floats(-10, 10),
    noise=arrays(float, 40, elements=st.floats(-1, 1)),
)
def test_what_moves_evenly_needs_two_corners_however_it_trembles(start, pace, noise):
    seen = (start + pace * np.arange(40) + noise)[:, None]
    low, high = seen - 1.3, seen + 1.3  # lines are tried 0.43 apart: 0.6 hold one of them
    assert len(corners(low, high, level=False)[0]) == 2


def test_a_bounce_needs_one_corner_more():
    seen = np.abs(np.arange(-30.0, 31.0))[:, None] * 3
    places, _ = corners(seen - 1, seen + 1, level=False)
    assert len(places) == 3
    assert places[1] == pytest.approx(30, abs=1)


def test_corners_are_those_of_all_dimensions_together():
    ways = np.abs(np.arange(60.0)[:, None] - [20, 40]) * 3
    assert len(corners(ways - 0.5, ways + 0.5, level=False)[0]) == 4


def fewest(seen, room):
    """Return the number of pieces that a greedy search takes in one dimension, where it is known to be the least.

    In one dimension the piece that gets furthest is found with values on a fine grid.
    """
    grid = np.linspace(-room, room, 41)
    able = {0: seen[0] + grid}
    pieces = 0
    while len(seen) - 1 not in able:
        pieces += 1
        able = _one_more(able, seen, room, grid)
    return pieces


def _one_more(able, seen, room, grid):
    found = {}
    for place, values in able.items():
        for end in range(place + 1, len(seen)):
            wanted = seen[end] + grid
            steps = np.arange(place + 1, end + 1)
            way = (wanted[None] - values[:, None]) / (end - place)
            drawn = values[:, None, None] + way[..., None] * (steps - place)
            good = (np.abs(drawn - seen[steps]) <= room + 1e-9).all(-1).any(0)
            if not good.any():
                break
            found[end] = np.unique(np.concatenate([found.get(end, wanted[:0]), wanted[good]]))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_pieces_are_as_few_as_an_exhaustive_search_finds(seed):
    rng = np.random.default_rng(seed)
    seen = np.cumsum(rng.normal(0, 1.5, 18))
    places, _ = corners(seen[:, None] - 1, seen[:, None] + 1, level=False)
    assert len(places) - 1 <= fewest(seen, 1.0)


def drifting(seed):
    """Return a way in four dimensions whose pace drifts, in whole pixels."""
    paces = np.cumsum(np.random.default_rng(seed).normal(0, 0.6, (200, 4)), axis=0)
    return np.round(np.cumsum(paces * 0.2, axis=0))


def test_ways_of_many_kinds_need_hardly_more_corners_than_a_far_longer_search_finds():
    ways = [drifting(seed) for seed in range(8)]
    many = sum(len(corners(way - 0.98, way + 0.98, level=False)[0]) for way in ways)
    assert many <= 137  # 134 where 25 values are tried instead of 7


def test_a_single_place_is_one_corner():
    places, values = corners(np.zeros((1, 2)), np.full((1, 2), 4.0), level=False)
    assert places == [0]
    assert values.tolist() == [[2.0, 2.0]]
