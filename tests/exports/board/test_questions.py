"""The questions behind the saved views: names that make addresses, and people and cameras of any name."""

import re

from hypothesis import given
from hypothesis import strategies as st

from engine.ports.board import Tag
from engine.stages import Stage
from exports.board import fields
from exports.board.questions import (
    ANNOTATOR,
    CAMERA,
    QUESTIONS,
    STAGE_COLOURS,
    address,
    made_for_a_name,
    questions,
)

NAMES = st.lists(st.text(max_size=20), max_size=8)


def fields_of(match):
    """Return the fields that a condition names."""
    return {name.split(".")[0] for name in match}


def test_every_question_is_about_fields_that_clips_have():
    known = {one.path for one in fields.CLIP_FIELDS} | {"tags"}
    for one in questions(["ada"], ["north"]):
        assert fields_of(one.match) <= known
        assert one.order is None or one.order[0] in known


def test_every_stage_has_a_colour_of_its_own():
    assert set(STAGE_COLOURS) == set(Stage)
    assert len(set(STAGE_COLOURS.values())) == len(Stage)


def test_every_tag_that_leads_can_set_is_asked_for():
    asked = next(one for one in QUESTIONS if one.name == "asked for by tags")
    assert asked.match == {"tags": {"$in": [str(tag) for tag in Tag]}}


def test_all_that_a_question_says_can_be_shown():
    for one in QUESTIONS:
        assert one.name == one.name.strip()
        assert one.description
        assert re.fullmatch("#[0-9a-f]{6}", one.colour)


@given(NAMES, NAMES)
def test_no_two_views_have_the_same_name_or_address(annotators, cameras):
    found = questions(annotators, cameras)
    assert len({one.name for one in found}) == len(found)
    assert len({address(one.name) for one in found}) == len(found)
    assert all(address(one.name) for one in found)


@given(NAMES, NAMES)
def test_everybody_and_every_camera_has_a_view_that_asks_for_just_that_name(annotators, cameras):
    found = questions(annotators, cameras)[len(QUESTIONS) :]
    people = [one.match["annotator"] for one in found if "annotator" in one.match]
    places = [one.match["camera"] for one in found if "camera" in one.match]
    assert people == sorted({name for name in annotators if name})
    assert places == sorted({name for name in cameras if name})


@given(NAMES, NAMES)
def test_views_of_names_are_known_again_and_others_are_not(annotators, cameras):
    for one in questions(annotators, cameras):
        of_a_name = one.name.startswith((ANNOTATOR, CAMERA))
        assert made_for_a_name(one.name, one.description) is of_a_name
        assert not made_for_a_name(one.name, "somebody's own")


@given(NAMES)
def test_names_are_told_apart_the_same_way_whoever_else_there_is(names):
    assert questions(names, ()) == questions([*reversed(names), *names], ())


def test_names_that_look_alike_in_an_address_are_marked():
    titles = [one.name for one in questions(["Ada", "ada", "李"], [])[len(QUESTIONS) :]]
    assert titles[0] == "annotator: Ada"
    assert re.fullmatch(r"annotator: ada \([0-9a-f]{6}\)", titles[1])
    assert re.fullmatch(r"annotator: 李 \([0-9a-f]{6}\)", titles[2])


@given(st.text(max_size=40))
def test_an_address_holds_small_letters_digits_and_single_hyphens(name):
    assert re.fullmatch("([a-z0-9]+(-[a-z0-9]+)*)?", address(name))
