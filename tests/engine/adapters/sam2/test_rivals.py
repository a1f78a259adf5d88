"""Two masks on one ball."""

import numpy as np

from engine import rle
from engine.adapters.sam2.rivals import thieves
from engine.types import TrackMask

SIZE = (60, 80)


def _disc(track, x, y, *, radius=9, score=1.0, stability=1.0):
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    mask = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    return TrackMask(track, rle.encode(mask), score, stability)


def test_two_balls_side_by_side_both_keep_their_masks():
    assert thieves([_disc(1, 20, 30), _disc(2, 39, 30)], prompted=()) == set()


def test_balls_that_overlap_in_part_both_keep_their_masks():
    assert thieves([_disc(1, 20, 30), _disc(2, 28, 30)], prompted=()) == set()


def test_of_two_masks_on_one_ball_the_surer_stays():
    masks = [_disc(1, 20, 30, score=0.8), _disc(2, 21, 30, score=0.9)]
    assert thieves(masks, prompted=()) == {1}


def test_stability_counts_as_much_as_the_score():
    masks = [
        _disc(1, 20, 30, score=0.9, stability=0.7),
        _disc(2, 20, 30, score=0.8, stability=0.95),
    ]
    assert thieves(masks, prompted=()) == {1}


def test_what_was_asked_for_on_this_frame_stays():
    masks = [_disc(1, 20, 30, score=0.6), _disc(2, 20, 30, score=0.99)]
    assert thieves(masks, prompted={1}) == {2}


def test_equals_are_decided_by_the_lower_number_so_that_runs_repeat():
    assert thieves([_disc(7, 20, 30), _disc(3, 20, 30)], prompted=()) == {7}


def test_of_three_on_one_ball_one_stays():
    masks = [_disc(t, 20, 30, score=s) for t, s in ((1, 0.7), (2, 0.9), (3, 0.8))]
    assert thieves(masks, prompted=()) == {1, 3}


def test_no_masks_no_thieves():
    assert thieves([], prompted=()) == set()
