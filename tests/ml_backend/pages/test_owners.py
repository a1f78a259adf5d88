"""Whose a stroke is: the track that is named, the ball below, the only one of its class, or a new ball."""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.types import Track
from ml_backend.pages.owners import Owners
from ml_backend.pages.strokes import Stroke

TRACKS = (Track(1, "cue"), Track(2, "red"), Track(5, "red"))
NUMBERS = count()


def stroke(x: int, y: int = 10, *, label="red", frame=0, named=None, id_="", side=6) -> Stroke:
    mask = rle.encode(np.ones((side, side), bool), origin=(x, y), size=(60, 200))
    return Stroke(id_ or f"s{next(NUMBERS)}", frame, label, mask, named)


@pytest.fixture
def owners():
    """Return owners who were shown balls 1, 2 and 5 on frame 0, and 2 and 5 on frame 9."""
    found = Owners(TRACKS)
    found.show(
        [
            stroke(10, label="cue", id_="r7t1f0"),
            stroke(50, id_="r7t2f0"),
            stroke(100, id_="r7t5f0"),
            stroke(52, frame=9, id_="r7t2f9"),
            stroke(100, frame=9, id_="r7t5f9"),
        ]
    )
    return found


def test_an_id_counts_more_than_a_note_and_a_note_more_than_what_lies_below(owners):
    assert owners.of(stroke(100, id_="r7t2f0", named=1)) == 2
    assert owners.of(stroke(100, named=2)) == 2
    assert owners.of(stroke(100)) == 5


def test_a_ball_on_another_frame_does_not_lie_below(owners):
    assert owners.old(stroke(50, label="cue", frame=9)) is None
    assert owners.old(stroke(10, label="cue", frame=9)) is None


def test_the_only_ball_of_a_class_is_meant_where_it_is_not_shown(owners):
    assert owners.of(stroke(150, label="cue", frame=9)) == 1
    assert owners.of(stroke(180, label="cue", frame=9)) == 6


@pytest.mark.parametrize(
    ("x", "found"), [(44, 2), (58, 2), (62, 2), (89, 5), (100, 5), (112, 5), (30, 6), (130, 6)]
)
def test_of_several_missing_balls_of_a_class_the_one_whose_way_leads_past_is_meant(
    owners, x, found
):
    assert owners.of(stroke(x, frame=4)) == found, "two diameters are 12 pixels"


def test_a_ball_that_rolled_is_looked_for_between_where_it_was_and_where_it_is():
    owners = Owners(TRACKS)
    owners.show(
        [stroke(20, id_="r7t2f0"), stroke(140, frame=9, id_="r7t2f9"), stroke(80, 40, id_="r7t5f0")]
    )
    assert owners.of(stroke(80, 16, frame=4)) == 2
    assert owners.of(stroke(80, 40, frame=5)) == 5


def test_a_ball_that_is_on_this_frame_is_not_missing_however_near(owners):
    assert owners.of(stroke(59, frame=9)) == 6


def test_a_new_ball_that_is_nearer_than_a_missing_one_goes_on(owners):
    assert owners.of(stroke(75, frame=0)) == 6
    owners.show([stroke(63, frame=5, id_="r7t2f5")])
    assert owners.of(stroke(74, frame=4)) == 6


def test_a_mask_that_was_deleted_and_is_painted_again_later_is_of_the_same_ball():
    owners = Owners((Track(1, "stripe"), Track(8, "stripe"), Track(11, "stripe")))
    rest = [stroke(10, id_="r9t1f0"), stroke(60, id_="r9t8f0"), stroke(110, id_="r9t11f0")]
    owners.show([replace(one, label="stripe") for one in rest])
    assert owners.of(stroke(113, 14, frame=26, label="stripe")) == 11
    assert owners.labels == {}


def test_new_balls_are_numbered_from_the_highest_on(owners):
    assert [owners.of(stroke(x, label="blue")) for x in (150, 170, 190)] == [6, 7, 8]
    assert owners.labels == {6: "blue", 7: "blue", 8: "blue"}


def test_numbers_that_strokes_of_before_took_are_taken():
    assert Owners(TRACKS, {"gone": 9}).of(stroke(150, label="blue")) == 10


def test_a_second_stroke_on_a_new_ball_is_a_part_of_it(owners):
    assert owners.of(stroke(150, label="blue")) == owners.of(stroke(153, label="blue"))


def test_strokes_that_were_drawn_before_keep_their_ball():
    owners = Owners(TRACKS, {"mine": 5})
    assert owners.of(stroke(180, label="blue", id_="mine")) == 5


def test_a_lost_ball_is_made_anew_once():
    owners = Owners(TRACKS)
    lost = [stroke(150, frame=frame, id_=f"r7t3f{frame}") for frame in (0, 9)]
    assert {owners.of(one) for one in lost} == {6}


@given(st.lists(st.builds(stroke, st.integers(0, 194), st.integers(0, 54), label=st.sampled_from(["red", "blue"]), frame=st.integers(0, 2)), max_size=12))  # fmt: skip
def test_every_stroke_has_an_owner_of_its_class(strokes):
    owners = Owners(TRACKS)
    owners.show([stroke(50, id_="r7t2f0"), stroke(100, id_="r7t5f0")])
    labels = {track.id: track.label for track in TRACKS}
    found = [(owners.of(one), one.label) for one in sorted(strokes, key=lambda one: one.frame)]
    assert all({**labels, **owners.labels}[track] == label for track, label in found)
    assert sorted(owners.labels) == list(range(6, 6 + len(owners.labels)))
