"""J and F of objects through time, and how far off their centres are."""

import numpy as np
import pytest

from engine import rle
from engine.evaluation.centres import centre, centre_errors
from engine.evaluation.matching import compare, match
from engine.evaluation.objects import score_objects


def scores(true, found):
    compared = compare(true, found)
    return score_objects(compared, match(compared), labels={1: "cue"})


def test_each_object_has_a_value_for_each_frame_and_a_perfect_one_is_worth_one(film) -> None:
    true = film({1: [10, 12], 2: [50, 50]})
    first, second = scores(true, true)
    assert first.j == first.f == first.sharp == second.j == (1.0, 1.0)
    assert (first.label, second.label) == ("cue", "ball")
    assert first.j_and_f == 1
    assert first.frames == (0, 1)


def test_a_ball_that_no_track_serves_is_worth_nothing_where_it_is_visible(film) -> None:
    (lost,) = scores(film({1: [10, 10, None, None]}), film({5: [None, 100, None, 100]}))
    assert lost.found is None
    assert lost.j == (0, 0, 1, 1)


def test_a_mask_that_outlives_its_ball_costs_the_frames_that_it_is_there(film) -> None:
    (one,) = scores(film({1: [10, 10, None, None]}), film({5: [10, 10, 10, None]}))
    assert one.j == (1, 1, 0, 1)
    assert one.region.mean == 0.75


def test_f_of_davis_forgives_what_f_within_a_pixel_does_not(film) -> None:
    (one,) = scores(film({1: [10]}), film({1: [12]}))  # the diagonal of 209 px allows two pixels
    assert one.f == (1,)
    assert one.sharp[0] < 0.8


def test_the_centre_of_a_mask_is_the_mean_of_its_pixels_middles(square) -> None:
    assert centre(square(10, 20, 10)) == (15, 25)
    corner = rle.encode(np.array([[True, True], [True, False]]))
    assert centre(corner) == (pytest.approx(5 / 6), pytest.approx(5 / 6))


def test_an_empty_mask_has_no_centre() -> None:
    with pytest.raises(ValueError, match="no place"):
        centre(rle.empty((4, 4)))


def test_centre_errors_are_distances_where_ball_and_track_are_both_visible(film) -> None:
    compared = compare(film({1: [10, 10, None, 10]}), film({3: [10, 13, 10, None]}))
    assert centre_errors(compared, {1: 3}) == [0, 3]
    assert centre_errors(compared, {}) == []
