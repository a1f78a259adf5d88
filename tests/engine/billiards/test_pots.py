"""A pot is told from the first frame at the pocket to the last of the ball, and only of balls that rolled there."""

import pytest

from engine.billiards.pots import Pots
from engine.billiards.spots import Spot
from engine.billiards.surface import Surface

WIDE = 18.0
POCKET = (500.0, 100.0, 530.0, 130.0)
PLACES = ((50, 60), (510, 60), (510, 300), (50, 300))


def spot(frame: int, x: float, y: float, *, whole: bool = True, rim: bool = False) -> Spot:
    return Spot(frame, x, y, WIDE, whole, rim, (x - 9, y - 9, x + 9, y + 9))


def told(way: list[Spot], *, frames: int = 60, pockets=(POCKET,) * 6, others=()):
    """Return the pots of one ball of track 1; ``others`` are ways of more tracks."""
    surface = Surface(tuple(pockets))
    surface.learn([spot(0, x, y) for x, y in PLACES])
    pots = Pots(30.0, surface)
    ways = {1: way, **{k + 2: list(other) for k, other in enumerate(others)}}
    for frame in range(frames):
        pots.look(frame, {t: one for t, w in ways.items() for one in w if one.frame == frame})
    return [(one.start, one.stop, one.tracks, one.certainty) for one in pots.close(frames)]


def rolling(*, first: int = 0, last: int = 20, end: float = 510.0, step: float = 5.0) -> list[Spot]:
    """Return the spots of a ball that rolls right, and is at ``end`` on frame ``last``."""
    return [spot(k, end - step * (last - k), 115) for k in range(first, last + 1)]


def test_a_pot_begins_at_the_pocket_and_ends_with_the_ball():
    ((start, stop, tracks, certainty),) = told(rolling())
    assert (stop, tracks, certainty) == (21, (1,), 0.9)
    assert 500 - 9 <= 510 - 5 * (20 - start) <= 505


def test_a_fast_ball_is_gone_before_it_is_in_the_pocket():
    assert len(told(rolling(end=460, step=25))) == 1
    assert told(rolling(end=400, step=25)) == []


def test_a_slow_ball_that_goes_before_the_pocket_was_lifted():
    assert told(rolling(end=460, step=1.5)) == []


def test_a_pot_at_the_end_of_a_clip_is_less_sure():
    ((*_, certainty),) = told(rolling(), frames=24)
    assert certainty < 0.9


def test_a_ball_that_is_there_in_the_end_is_not_potted():
    assert told(rolling(), frames=21) == []


def test_without_all_pockets_the_end_of_the_table_is_one_less_surely():
    ((*_, certainty),) = told(rolling(end=508), pockets=())
    assert certainty == pytest.approx(0.63)
    assert told(rolling(end=300), pockets=()) == []
    assert told(rolling(end=508), pockets=[(0.0, 0.0, 20.0, 20.0)] * 6) == []


def test_a_ball_that_rolled_along_a_cushion_falls_in_the_end():
    way = [spot(k, 200 + 10 * k, 62 + 0.1 * k) for k in range(31)]
    ((start, stop, *_),) = told(way, pockets=())
    assert stop == 31
    assert stop - start <= 9


def test_a_ball_that_is_hidden_bit_by_bit_where_the_table_ends_rolled_behind_a_rail():
    way = [spot(k, 300 + 10 * k, 64, whole=k < 8) for k in range(21)]
    assert told(way, pockets=()) == []


def test_a_ball_that_lay_at_the_pocket_falls_when_it_moves():
    lying = [spot(k, 492, 115) for k in range(30)]
    falling = [spot(30 + k, 492 + 5 * (k + 1), 115, whole=k < 2) for k in range(4)]
    ((start, stop, *_),) = told([*lying, *falling])
    assert (start, stop) == (30, 34)


def test_a_ball_that_leaves_the_picture_or_never_moved_is_no_pot():
    assert told([*rolling(last=19), spot(20, 510, 115, rim=True)]) == []
    assert told([spot(k, 510, 115) for k in range(20)]) == []


def test_slivers_are_no_ball():
    assert told([spot(one.frame, one.x, one.y, whole=False) for one in rolling()]) == []


def test_a_ball_that_is_back_soon_was_hidden_and_one_that_is_back_late_was_set():
    assert told([*rolling(), *(spot(k, 200, 200) for k in range(50, 90))], frames=90) == []
    late = told([*rolling(), *(spot(k, 200, 200) for k in range(70, 90))], frames=90)
    assert [(stop, tracks) for _, stop, tracks, _ in late] == [(21, (1,))]


def test_a_track_that_begins_where_another_ends_is_the_same_ball():
    other = [spot(k, 480 - k, 120) for k in range(24, 60)]
    far = [spot(k, 100, 250) for k in range(24, 60)]
    assert told(rolling(), others=[other]) == []
    assert len(told(rolling(), others=[far])) == 1


def test_three_balls_that_go_at_once_are_another_picture():
    gone = [[spot(k, 100 + 50 * n, 250) for k in range(21)] for n in range(2)]
    assert told(rolling(), others=gone) == []
    assert len(told(rolling(), others=gone[:1])) == 1
