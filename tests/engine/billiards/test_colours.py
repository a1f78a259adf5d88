"""Colours of balls and events, as people tell them apart in lists."""

import re

from engine.billiards.classes import BALL, KINDS
from engine.billiards.colours import EVENT_COLOURS, KIND_COLOURS, OTHER
from engine.ports.board import Happening


def test_every_kind_of_ball_has_a_colour_of_its_own():
    assert set(KIND_COLOURS) == {*KINDS, BALL}
    assert len({*KIND_COLOURS.values(), OTHER}) == len(KIND_COLOURS) + 1


def test_everything_that_can_happen_has_a_colour_of_its_own():
    assert set(EVENT_COLOURS) == set(Happening)
    assert len(set(EVENT_COLOURS.values())) == len(EVENT_COLOURS)


def test_colours_are_written_as_browsers_read_them():
    for colour in (*KIND_COLOURS.values(), *EVENT_COLOURS.values(), OTHER):
        assert re.fullmatch("#[0-9a-f]{6}", colour)
