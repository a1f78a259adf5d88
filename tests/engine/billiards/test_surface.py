"""A table ends where no ball was ever seen beyond, and not inside the line through its pockets."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.billiards.spots import Spot
from engine.billiards.surface import Surface, outside
from tests.engine.billiards.table import BOTTOM, LEFT, POCKETS, RIGHT, TOP

WIDE = 18.0
AT_CUSHIONS = [(x, y) for x in (LEFT, RIGHT) for y in (90, 270)] + [
    (x, y) for x in (120, 520) for y in (TOP, BOTTOM)
]


def spot(x: float, y: float, *, whole: bool = True) -> Spot:
    return Spot(0, x, y, WIDE, whole, False, (x - 9, y - 9, x + 9, y + 9))


def surface(*places, pockets=()) -> Surface:
    made = Surface(pockets)
    for x, y in places or AT_CUSHIONS:
        made.learn([spot(x, y)])
    return made


def test_the_table_ends_at_the_outermost_balls_and_outwards_alone():
    table = surface()
    assert table.ends((RIGHT, 180), (1, 0), WIDE)
    assert table.ends((RIGHT - 8, 180), (1, 0.3), WIDE)
    assert not table.ends((RIGHT, 180), (-1, 0), WIDE)
    assert not table.ends((320, 180), (1, 0), WIDE)


def test_inside_the_line_through_the_pockets_the_table_does_not_end():
    few = surface((200, 100), (200, 200), (300, 100), (300, 200))
    known = surface((200, 100), (200, 200), (300, 100), (300, 200), pockets=POCKETS)
    assert few.ends((300, 150), (1, 0), WIDE)
    assert not known.ends((300, 150), (1, 0), WIDE)
    assert surface(pockets=POCKETS).ends((RIGHT, 180), (1, 0), WIDE)


def test_three_pockets_are_no_line():
    table = surface((200, 100), (200, 200), (300, 100), (300, 200), pockets=POCKETS[:3])
    assert table.ends((300, 150), (1, 0), WIDE)


def test_of_too_few_balls_nobody_knows_where_the_table_ends():
    assert not surface((200, 100), (300, 100)).ends((300, 100), (1, 0), WIDE)
    assert not surface((200, 100), (300, 100)).rim((300, 100), WIDE)


def test_a_direction_of_no_length_leads_nowhere():
    assert not surface().ends((RIGHT, 180), (0, 0), WIDE)


def test_the_rim_is_less_than_a_diameter_wide():
    table = surface()
    assert table.rim((RIGHT - 10, 180), WIDE)
    assert table.rim((RIGHT + 10, 180), WIDE)
    assert not table.rim((RIGHT - 30, 180), WIDE)


def test_balls_in_pockets_and_parts_of_balls_do_not_widen_the_table():
    table = surface(pockets=POCKETS)
    table.learn([spot(*((a + b) / 2 for a, b in zip(POCKETS[4][:2], POCKETS[4][2:], strict=True)))])
    table.learn([spot(RIGHT + 100, 180, whole=False)])
    assert table.ends((RIGHT, 180), (1, 0), WIDE)


@example([(0.0, 0.0), (0.0, 1.0), (1e-308, 0.0)])
@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 300)), min_size=3, max_size=40))
def test_every_place_of_a_ball_is_on_the_table(places):
    table = surface(*places)
    if table._hull is not None:
        assert max(table._hull.distance(place) for place in places) < 0.03 * WIDE
        assert len(table._corners) <= len(places)


@given(st.tuples(st.floats(-50, 50), st.floats(-50, 50)))
def test_outside_is_the_distance_from_a_box_and_negative_in_it(place):
    box, (x, y) = (-10.0, -5.0, 10.0, 5.0), place
    far = float(np.hypot(max(0, abs(x) - 10), max(0, abs(y) - 5)))
    if far > 0:
        assert outside(box, x, y) == pytest.approx(far)
    else:
        assert outside(box, x, y) == pytest.approx(max(abs(x) - 10, abs(y) - 5))
