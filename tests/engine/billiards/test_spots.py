"""A ball is where the middle of its mask is, less what the camera did; a mask that lacks a part of it says so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.billiards.spots import Survey
from engine.types import FrameMasks, TrackMask
from tests.engine.billiards.table import HIGH, RADIUS, WIDE, disc, rests, rows


def surveyed(frames):
    survey = Survey()
    return [survey.look(row) for row in frames]


@given(st.floats(20, WIDE - 20), st.floats(20, HIGH - 20))
def test_a_place_is_right_to_a_fifth_of_a_pixel(x, y):
    (spots,) = surveyed(rows([(x, y)]))
    assert (spots[1].x, spots[1].y) == (pytest.approx(x, abs=0.2), pytest.approx(y, abs=0.2))
    assert spots[1].wide == pytest.approx(2 * RADIUS, abs=1)
    assert spots[1].whole
    assert not spots[1].rim


def test_a_ball_that_is_cut_by_the_picture_touches_the_rim_and_is_not_whole():
    (spots,) = surveyed(rows([(2.0, 100.0)]))
    assert (spots[1].rim, spots[1].whole) == (True, False)


def test_a_ball_of_which_a_part_is_hidden_is_not_whole_until_that_has_lasted():
    masks = [disc(300, 180, right_of=0 if frame < 10 else 298) for frame in range(40)]
    found = surveyed(FrameMasks(k, (TrackMask(1, mask),)) for k, mask in enumerate(masks))
    whole = [spots[1].whole for spots in found]
    assert whole[:20] == [True] * 10 + [False] * 10
    assert whole[-1]


def test_a_sliver_beside_balls_is_no_ball():
    strip = rle.encode(np.ones((14, 3), bool), origin=(100, 100), size=(HIGH, WIDE))
    row = FrameMasks(
        0, (TrackMask(1, strip), *(TrackMask(k, disc(100.0 * k, 200)) for k in (2, 3)))
    )
    (spots,) = surveyed([row])
    assert {track: spot.whole for track, spot in spots.items()} == {1: False, 2: True, 3: True}


def test_a_head_beside_balls_is_no_ball():
    head = disc(320, 180, radius=60)
    balls = [disc(100.0 * k, 40) for k in (1, 2, 4, 5)]
    masks = (TrackMask(k + 1, mask) for k, mask in enumerate([head, *balls]))
    (spots,) = surveyed([FrameMasks(0, tuple(masks))])
    assert [spots[track].whole for track in sorted(spots)] == [False, True, True, True, True]


def test_a_mask_without_a_pixel_is_nowhere():
    assert surveyed([FrameMasks(0, (TrackMask(1, rle.empty((HIGH, WIDE))),))]) == [{}]


def test_what_most_balls_do_together_the_camera_does():
    sways = [(6 * np.sin(k / 4), 3 * np.cos(k / 4)) for k in range(30)]
    still = [[(x + u, y + v) for u, v in sways] for x in (100, 300, 500) for y in (100, 250)]
    rolling = [(100 + 5 * k + u, 180 + v) for k, (u, v) in enumerate(sways)]
    found = surveyed(rows(rolling, *still))
    steps = np.diff([(spots[1].x, spots[1].y) for spots in found], axis=0)
    assert np.abs(steps - (5, 0)).max() < 0.7
    assert np.ptp([spots[2].x for spots in found]) < 2


def test_one_ball_that_rolls_among_others_is_no_camera():
    lying = [rests(x, 60, 20) for x in (100, 200, 300, 400)]
    found = surveyed(rows([(100 + 5.0 * k, 180) for k in range(20)], *lying))
    assert found[-1][1].x == pytest.approx(195, abs=0.3)
    assert found[-1][2].x == found[0][2].x


def test_memory_holds_the_latest_frames_alone():
    survey = Survey()
    frames = rows([(100 + 0.4 * k, 180) for k in range(1000)], rests(300, 60, 1000))
    for row in frames:
        survey.look(row)
    assert all(len(held) < 20 for held in (*survey._areas.values(), *survey._thins.values()))
