"""Bends are judged when those of other balls are known; hits at one place and moment are one collision."""

import pytest

from engine.billiards.meetings import Meetings
from engine.billiards.spots import Survey
from engine.billiards.surface import Surface
from engine.ports.board import Happening
from tests.engine.billiards.table import (
    BOTTOM,
    LEFT,
    RADIUS,
    RIGHT,
    TOP,
    corners,
    rests,
    rolls,
    rows,
)

D = 2 * RADIUS


def met(*ways):
    """Return what meets on some ways, with the state that was left."""
    survey, surface = Survey(), Surface()
    meetings = Meetings(30.0, surface)
    for row in rows(*ways):
        spots = survey.look(row)
        surface.learn(spots.values())
        meetings.look(row.frame, spots)
    return list(meetings.close()), meetings


def shot(x: float, y: float, *, frames: int = 20, speed: float = 6.0):
    """Return a ball that rolls right to ``x`` and the one that it hits there and that takes its speed."""
    meet = x - speed * (frames - 0.5)
    first = rolls((meet, y), (frames, speed, 0), (frames, 0.05 * speed, 0))
    other = [
        (x + D + (0.9 * speed * (k - frames + 0.5) if k >= frames else 0), y)
        for k in range(2 * frames)
    ]
    return first, other


def test_two_collisions_apart_at_once_are_two():
    found, _ = met(*shot(250, 120), *shot(250, 240))
    assert sorted(one.tracks for one in found) == [(1, 2), (3, 4)]


def test_two_collisions_beside_each_other_at_once_are_one():
    found, _ = met(*shot(250, 150), *shot(250, 150 + 1.5 * D))
    assert [one.tracks for one in found] == [(1, 2, 3, 4)]


def begins(x: float, y: float, u: float, v: float, *, at: float = 19.5):
    """Return a ball that lies until a moment and then rolls."""
    return [(x + u * max(0.0, k - at), y + v * max(0.0, k - at)) for k in range(40)]


def test_a_heap_that_is_struck_is_one_collision_whichever_pushed_which():
    cue = rolls((100, 180), (20, 8, 0), (20, 3, 0))  # it rolls on, as no ball of its mass would
    front = 100 + 8 * 19.5 + D
    heap = [rests(front, 180, 40), begins(front + D, 170, 3, -3), begins(front + D, 190, 3, 3)]
    found, _ = met(cue, *heap)
    assert [(one.kind, one.tracks) for one in found] == [(Happening.COLLISION, (1, 3, 4))]
    assert met(cue, heap[0], heap[1])[0] == []


def test_balls_that_begin_far_from_each_other_are_no_heap():
    cue = rolls((100, 180), (20, 8, 0), (20, 3, 0))
    far = [begins(450, 80, 3, -1), begins(450, 280, 3, 1)]
    assert met(cue, *far)[0] == []


def test_one_ball_that_hits_two_one_after_the_other_makes_two_collisions():
    first = rolls((100, 180), (20, 6, 0), (20, 3, 0), (20, 0.2, 0))
    second = [
        (first[19][0] + 3 + D + (3.0 * (k - 19.5) if k > 19 else 0), 180 - 0.0) for k in range(60)
    ]
    third = [
        (first[39][0] + 1.5 + D + (2.8 * (k - 39.5) if k > 39 else 0), 180.0) for k in range(60)
    ]
    second = [(x, y - (1.2 * (k - 19.5) if k > 19 else 0)) for k, (x, y) in enumerate(second)]
    found, _ = met(first, second, third)
    assert [one.tracks for one in found] == [(1, 2), (1, 3)]


def test_a_cushion_beside_a_lying_ball_is_a_cushion():
    way = rolls((RIGHT - 6 * 19.5, 180), (20, 6, 1), (20, -5, 1))
    found, _ = met(way, rests(RIGHT, 180 + 20 + 1.3 * D, 40), *corners(40))
    assert [(one.kind, one.tracks) for one in found] == [(Happening.CUSHION, (1,))]


def test_a_turn_beside_a_ball_that_is_hardly_seen_is_nothing_known():
    way = rolls((RIGHT - 6 * 19.5, 180), (20, 6, 1), (20, -5, 1))
    glimpsed = [(RIGHT + 2, 180 + 20 + D) if k == 18 else None for k in range(40)]
    assert met(way, glimpsed, *corners(40))[0] == []


@pytest.mark.parametrize("end", [22, 24, 30])
def test_what_happens_shortly_before_the_end_is_told(end):
    found, _ = met(*(way[:end] for way in shot(300, 180)))
    assert [one.tracks for one in found] == [(1, 2)]


def test_a_cushion_run_along_two_sides_is_told_twice():
    way = rolls((RIGHT - 6 * 19.5, TOP + 200), (20, 6, -4), (20, -5, -4), (20, -5, 4))
    lower = min(y for _, y in way)
    balls = [rests(x, y, 60) for x in (LEFT, RIGHT) for y in (lower, BOTTOM)]
    found, _ = met(way, *balls)
    assert [(one.kind, one.tracks) for one in found] == [(Happening.CUSHION, (1,))] * 2


def test_memory_of_each_ball_is_bounded():
    way = rolls((100, 180), *[(20, u, 0) for u in (6, -6) * 20])
    _, meetings = met(way)
    assert all(len(one.spots) <= 24 and len(one.bends) <= 6 for one in meetings._ways.values())
