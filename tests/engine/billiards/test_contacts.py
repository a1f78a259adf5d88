"""Balls that push each other change alike and opposed; a cushion sends back and makes nothing faster."""

from math import cos, hypot, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.billiards.bends import Bend, Piece
from engine.billiards.contacts import (
    LIKELY,
    SURE,
    begins,
    burst,
    is_abrupt,
    pushed,
    returns,
    same_way,
    touches,
)

RATE = 30.0
WIDE = 18.0
angles = st.floats(0, 2 * pi)


def turn(before, after, *, place=(200.0, 100.0), frame=10.0, clear=20.0, firm=True, many=5) -> Bend:
    """Return a bend at a place, from one speed to another."""
    one, two = (Piece(frame, *place, *speed, 0.2, many, firm) for speed in (before, after))
    return Bend(frame, place, WIDE, one, two, clear)


@given(angles, st.floats(2, 30), st.floats(-0.45 * pi, 0.45 * pi))
def test_what_one_ball_loses_the_other_gains(angle, speed, cut):
    """A ball hits another off its middle: along the line of middles all speed goes over."""
    line = cos(angle + cut), sin(angle + cut)
    way = speed * cos(angle), speed * sin(angle)
    given_ = way[0] * line[0] + way[1] * line[1]
    one = turn(way, (way[0] - given_ * line[0], way[1] - given_ * line[1]))
    place = 200 + WIDE * line[0], 100 + WIDE * line[1]
    other = turn((0, 0), (given_ * line[0], given_ * line[1]), place=place)
    assert touches(one, other)
    assert pushed(one, other, RATE) == SURE or hypot(*one.change) * RATE < 1.8 * WIDE


def test_a_ball_that_does_not_change_was_not_pushed():
    hit, still = turn((6, 0), (0, 0)), turn((0, 0), (0, 0), place=(218, 100))
    assert touches(hit, still)
    assert pushed(hit, still, RATE) == 0


def test_balls_that_both_turn_the_same_way_did_not_push_each_other():
    one, other = turn((6, 0), (-5, 0)), turn((6, 0), (-5, 0), place=(218, 100))
    assert pushed(one, other, RATE) == 0


def test_a_ball_among_others_is_pushed_more_or_less():
    one = turn((9, 0), (2, 0))
    other = turn((0, 0), (1.5, 2.5), place=(216, 108))
    assert pushed(one, other, RATE) == LIKELY
    towards = turn((0, 0), (1.5, 2.5), place=(184, 92))
    assert pushed(one, towards, RATE) == 0


def test_balls_touch_whose_ways_come_together_between_frames():
    one = turn((12, 0), (0, 0), place=(200, 100), frame=10.5)
    assert touches(one, turn((0, 0), (12, 0), place=(219, 100), frame=10.5))
    assert not touches(one, turn((0, 0), (12, 0), place=(260, 100), frame=10.5))


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ((6, 1), (-5, 1), True),
        ((6, 1), (-9, 1), False),  # nothing makes a ball that much faster
        ((6, 1), (9, 1), False),
        ((6, 0), (5.5, 0), False),  # friction
        ((9, 3), (8, -2.5), True),
        ((0.4, 0), (-0.3, 0), False),  # it hardly rolled
    ],
)
def test_a_cushion_sends_back(before, after, sent):
    assert returns(turn(before, after), RATE) is sent


def test_two_spots_of_a_slow_ball_are_too_little_for_a_cushion_and_enough_of_a_fast_one():
    assert not returns(turn((6, 1), (-5, 1), many=2), RATE)
    assert returns(turn((26, 1), (-20, 1), many=2), RATE)


def test_what_is_unclear_or_slight_or_a_hand_is_not_abrupt():
    assert is_abrupt(turn((6, 0), (-5, 0)), RATE)
    assert not is_abrupt(turn((6, 0), (-5, 0), clear=4), RATE)
    assert not is_abrupt(turn((6, 0), (-5, 0), firm=False), RATE)
    assert not is_abrupt(turn((6, 0), (5.2, 0)), RATE)


@given(angles, angles)
def test_changes_go_the_same_way_within_sixty_degrees(one, other):
    apart = abs((one - other + pi) % (2 * pi) - pi)
    if abs(apart - pi / 3) > 0.01:
        ways = [turn((0, 0), (5 * cos(angle), 5 * sin(angle))) for angle in (one, other)]
        assert same_way(*ways) is (apart < pi / 3)


def test_a_ball_begins_that_lay_and_is_pushed_at_once():
    assert begins(turn((0.1, 0), (4, 0)), RATE)
    assert not begins(turn((2, 0), (6, 0)), RATE)
    assert not begins(turn((0, 0), (4, 0), clear=3), RATE)


def test_a_heap_is_small_and_struck_at_one_moment():
    one = turn((9, 0), (2, 0))
    assert burst(one, turn((0, 0), (3, 3), place=(270, 130), frame=11.0))
    assert not burst(one, turn((0, 0), (3, 3), place=(270, 130), frame=12.0))
    assert not burst(one, turn((0, 0), (3, 3), place=(390, 100), frame=11.0))
