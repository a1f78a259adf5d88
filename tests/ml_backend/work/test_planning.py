"""From changes to steps: what comes first, what is held, what is shown; the same plan before and after a part was stored."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.fakes.scene import Disc, Scene, rests
from engine.propagate_edits import Deed
from engine.types import Origin, Prompt
from ml_backend.boxes.changes import Changes
from ml_backend.pages.frame_changes import FrameChanges
from ml_backend.work.base import Base
from ml_backend.work.planning import Plan, plan, plan_of_boxes, plan_of_masks, tracks_before

CLIP = Scene([Disc((1, 2, 3), "cue", rests(5, 5))], 40).clip
SPANS = st.integers(0, 30).flatmap(
    lambda start: st.integers(start + 1, 40).map(lambda stop: range(start, stop))
)
TRACKS = st.integers(1, 9)
CHANGES = st.builds(
    Changes,
    deleted=st.lists(TRACKS, unique=True, max_size=3).map(tuple),
    relabelled=st.dictionaries(TRACKS, st.sampled_from(("cue", "solid")), max_size=3),
    absent=st.dictionaries(TRACKS, st.lists(SPANS, min_size=1, max_size=2).map(tuple), max_size=3),
    prompts=st.lists(st.builds(lambda f, t: Prompt(f, t, (0, 0, 2, 2)), st.integers(0, 39), TRACKS), max_size=3).map(tuple),
    labels=st.dictionaries(st.integers(10, 12), st.just("black"), max_size=2),
)  # fmt: skip


@given(CHANGES)
def test_classes_come_first_then_tracks_that_go_then_spans(changes):
    made = plan_of_boxes(changes, CLIP)
    deeds = [edit.deed for edit in made.edits]
    assert deeds == sorted(deeds, key=[Deed.RELABEL, Deed.DELETE].index)
    assert [edit.track for edit in made.edits if edit.frames == range(40)][: len(changes.relabelled)] == list(changes.relabelled)  # fmt: skip
    assert made.prompts == changes.prompts
    assert made.held == {(f, t) for t, spans in changes.absent.items() for s in spans for f in s}
    assert not {edit.track for edit in made.edits} & changes.labels.keys()


def test_nothing_changed_is_no_plan(scene):
    assert not plan_of_boxes(Changes(), scene.clip)
    assert not plan_of_masks(FrameChanges(), scene.clip)
    assert not Plan(drawn={"abc": 4})


def _square(scene, side):
    pixels = np.zeros((scene.clip.height, scene.clip.width), bool)
    pixels[10 : 10 + side, 10 : 10 + side] = True
    return rle.encode(pixels)


def test_masks_are_stored_before_they_are_spread_and_held_in_it(scene):
    mask, nothing = _square(scene, 4), rle.empty((90, 160))
    changes = FrameChanges(
        painted={(7, 4): mask, (3, 1): mask}, hidden=frozenset({(5, 2)}), labels={4: "black"}
    )
    made = plan_of_masks(changes, scene.clip)
    assert [(edit.track, edit.frames.start) for edit in made.edits] == [(2, 5), (1, 3), (4, 7)]
    assert {edit.deed for edit in made.edits} == {Deed.REPLACE}
    assert [edit.label for edit in made.edits] == ["", "", "black"]
    assert made.edits[0].mask == nothing
    assert [(p.frame, p.track, p.origin) for p in made.prompts] == [(3, 1, Origin.PERSON), (7, 4, Origin.PERSON)]  # fmt: skip
    assert made.held == {(3, 1), (5, 2), (7, 4)}


def test_a_mask_of_which_everything_was_rubbed_out_is_no_prompt(scene):
    made = plan_of_masks(FrameChanges(painted={(3, 1): _square(scene, 0)}), scene.clip)
    assert len(made.edits) == 1
    assert not made.prompts


@pytest.fixture
def told(world, hands, box_of):
    """Return a delivery with a new ball, a moved one and one that ends, and what it is compared with."""
    shown = world.shown()
    result = hands.moved(hands.ended(shown, 2, 24), 1, 30, box_of(1, 30))
    result = hands.drawn(result, "abc", "stripe", 12, box_of(4, 12))
    return world.save(result), Base(shown, {}, world.head.id)


def test_where_prompted_balls_are_shown_that_were_not_is_known_of_old_and_new_ones(
    world, told, scene
):
    delivery, base = told
    line = world.books.revisions.history("scene")
    made = plan(delivery, base, scene.clip, line, pages=None)
    assert {place for place in made.shown if place[1] == 4} == {(f, 4) for f in range(12, 40)}
    assert {place[1] for place in made.shown} == {4}
    assert made.drawn == {"abc": 4}


def test_a_box_that_goes_on_longer_than_before_is_shown_there(world, hands, box_of, scene):
    whole = world.shown()
    delivery = world.save(hands.moved(whole, 2, 30, box_of(2, 30)))
    line, base = world.books.revisions.history("scene"), Base(hands.ended(whole, 2, 24), {}, 1)
    made = plan(delivery, base, scene.clip, line, pages=None)
    assert made.shown == {(frame, 2) for frame in range(25, 40)}


def test_the_plan_is_the_same_after_its_first_steps_were_stored(world, told, scene):
    delivery, base = told
    before = plan(delivery, base, scene.clip, world.books.revisions.history("scene"), pages=None)
    met = world.head.tracks
    world.step()
    line = world.books.revisions.history("scene")
    assert len(line) > 2
    assert plan(delivery, base, scene.clip, line, pages=None) == before
    assert tracks_before(line, delivery) == met


def test_a_clip_without_revisions_has_no_tracks_before(told):
    assert tracks_before([], told[0]) == ()
