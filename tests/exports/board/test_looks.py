"""Colours and groups of facts as the app is told of them."""

import colorsys

from hypothesis import given
from hypothesis import strategies as st

from engine.billiards.classes import BALL, KINDS
from exports.board import fields, looks

COLOURS = st.integers(0, 2**24 - 1).map("#{:06x}".format)


def lightness(colour):
    """Return how light a colour is, 0..1."""
    return colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))[1]


@given(COLOURS)
def test_every_colour_is_light_enough_to_be_seen_on_the_apps_ground(colour):
    assert lightness(looks.seen(colour)) >= 0.41


@given(COLOURS)
def test_a_colour_that_is_seen_stays_what_it_is(colour):
    if lightness(colour) > 0.43:
        assert looks.seen(colour) == colour


def test_every_class_of_balls_is_drawn_in_a_colour_of_its_own_in_both_layers():
    by_path = {one["path"]: one for one in looks._scheme()["fields"]}
    for path in ("frames.masks", "frames.drawn"):
        colours = {one["value"]: one["color"] for one in by_path[path]["valueColors"]}
        assert set(colours) == {*KINDS, BALL}
        assert len(set(colours.values())) >= len(colours) - 1, (
            "black and eight are never in one game"
        )


def test_every_fact_for_people_stands_in_one_group():
    placed = [path for paths in looks.GROUPS.values() for path in paths]
    assert len(placed) == len(set(placed))
    people = {
        *(one.path for one in fields.CLIP_FIELDS if not one.path.startswith("engine_")),
        *(f"frames.{one.path}" for one in fields.FRAME_FIELDS),
    }
    assert set(placed) == {path for path in people if ".detections." not in path}


def test_what_is_shown_first_is_there():
    assert set(looks.FIRST) <= {path for paths in looks.GROUPS.values() for path in paths}
    assert {"stage", "reason", "said"} <= set(looks.FIRST)
