"""The steps of a plan: stored once each, on whatever is newest, under numbers that nobody else took."""

import json
from dataclasses import replace

import pytest

from engine.errors import InputError, StaleParent
from engine.ports import TaskKind
from engine.propagate_edits import Deed, Edit
from engine.types import Kind, Origin, Prompt, Revision, Track
from engine.workflows.correct import Desk
from ml_backend.pages.brush import to_brush
from ml_backend.work.applying import RULE, carry_out
from ml_backend.work.base import DELIVERY, REGIONS, steps_of
from ml_backend.work.planning import Plan
from ml_backend.work.step import step


@pytest.fixture
def desk(world):
    return Desk(world.books.catalog, world.books.revisions, "ann")


@pytest.fixture
def delivery(world):
    return world.save(world.shown())


def _do(world, desk, delivery, plan, go_on=lambda: None):
    carry_out(desk, delivery, plan, model=lambda: world.model, go_on=go_on)


def _relabel(track, label):
    return Edit(Deed.RELABEL, track, range(40), label=label)


def _page_adds(world, number):
    """Let somebody add a ball on the correction page."""
    head = world.head
    tracks = (*head.tracks, Track(number, "black"))
    made = Revision("scene", head.id, Kind.MANUAL, "bob", tracks, {"prompts": "[]"})
    return world.books.revisions.append(made, [])


def test_each_step_is_stored_with_the_delivery_and_its_number(world, desk, delivery):
    plan = Plan((_relabel(1, "solid"), _relabel(2, "cue")), drawn={"abc": 9})
    _do(world, desk, delivery, plan)
    made = world.books.revisions.history("scene")[1:]
    assert [one.provenance[DELIVERY] for one in made] == ["1/0", "1/1"]
    assert [json.loads(one.provenance[REGIONS]) for one in made] == [{"abc": 9}] * 2
    assert list(steps_of(made, delivery)) == [0, 1]


def test_steps_that_were_stored_are_not_stored_again(world, desk, delivery):
    plan = Plan((_relabel(1, "solid"), _relabel(2, "cue")))
    _do(world, desk, delivery, plan)
    head = world.head
    _do(world, desk, delivery, plan)
    assert world.head == head


def test_a_step_that_changes_nothing_is_passed_over_and_the_next_one_stored(world, desk, delivery):
    _do(world, desk, delivery, Plan((_relabel(1, "cue"), _relabel(2, "cue"))))
    assert [one.provenance.get(DELIVERY) for one in world.books.revisions.history("scene")] == [None, "1/1"]  # fmt: skip


def test_steps_of_one_delivery_are_not_those_of_another(world, desk, delivery):
    _do(world, desk, delivery, Plan((_relabel(1, "solid"),)))
    other = world.save(world.shown(), number=2)
    _do(world, desk, other, Plan((_relabel(1, "cue"),)))
    line = world.books.revisions.history("scene")
    assert [one.id for one in steps_of(line, other).values()] == [world.head.id]


def test_a_spread_records_the_rule_and_the_model_like_the_page_does(world, desk, delivery, box_of):
    prompt = Prompt(30, 1, box_of(1, 30), origin=Origin.PERSON)
    _do(world, desk, delivery, Plan(prompts=(prompt,)))
    spread = json.loads(world.head.provenance["spread"])
    assert spread["rule"]["edge"] == RULE.edge == 0.35
    assert world.head.provenance["segmenter_sha256"] == "c0"


def test_a_revision_that_comes_in_between_is_told_and_what_was_stored_stays(
    world, desk, delivery, box_of
):
    plan = Plan((_relabel(3, "solid"),), (Prompt(30, 1, box_of(1, 30)),))

    def go_on():
        if len(world.books.revisions.history("scene")) == 2:
            world.brush_on_page(2, 7)

    with pytest.raises(StaleParent):
        _do(world, desk, delivery, plan, _after(4, go_on))
    assert [one.provenance.get(DELIVERY) for one in world.books.revisions.history("scene")] == [None, "1/0", None]  # fmt: skip
    _do(world, desk, delivery, plan)
    assert world.head.provenance[DELIVERY] == "1/1"
    assert world.mask(7, 2) is None


def _after(calls, do):
    """Return what does something at its ``calls``-th call."""
    left = iter(range(calls))

    def called():
        if next(left, None) is None:
            do()

    return called


def test_a_number_that_somebody_took_before_the_first_step_asks_for_a_new_plan(
    world, desk, delivery, box_of
):
    _page_adds(world, 4)
    plan = Plan(prompts=(Prompt(12, 4, box_of(4, 12)),), labels={4: "stripe"})
    with pytest.raises(StaleParent, match="track 4 was added meanwhile"):
        _do(world, desk, delivery, plan)


def test_a_number_that_somebody_took_after_the_first_step_is_refused_in_words(
    world, desk, delivery, box_of
):
    plan = Plan((_relabel(3, "solid"),), (Prompt(12, 4, box_of(4, 12)),), labels={4: "stripe"})
    _do(world, desk, delivery, replace(plan, prompts=()))
    _page_adds(world, 4)
    with pytest.raises(InputError, match="draw what is missing there"):
        _do(world, desk, delivery, plan)


def test_new_tracks_of_ones_own_earlier_steps_are_no_others(world, desk, delivery, scene, box_of):
    mask = scene.truth(12).by_track()[4].rle
    painted = Edit(Deed.REPLACE, 4, range(12, 13), label="stripe", mask=mask)
    plan = Plan((painted,), (Prompt(12, 4, box_of(4, 12)),), labels={4: "stripe"})
    _do(world, desk, delivery, plan)
    assert world.head.tracks[-1] == Track(4, "stripe")
    assert len(world.books.revisions.history("scene")) == 3


def test_what_the_annotator_drew_gets_another_number_where_the_page_added_a_ball_meanwhile(
    world, hands, box_of
):
    """The ball is numbered before the spread begins and anew after somebody else took the number."""
    world.save(hands.drawn(world.shown(), "abc", "stripe", 12, box_of(4, 12)))
    took = []

    def model():
        if not took:
            took.append(_page_adds(world, 4))
        return world.model

    assert _stepped(world, model).done == 1
    assert [track.id for track in world.head.tracks] == [1, 2, 3, 4, 5]
    assert json.loads(world.head.provenance[REGIONS])["abc"] == 5
    assert world.mask(20, 5) is not None
    assert world.mask(20, 4) is None


def _stepped(world, model):
    return step(world.bench, "scene", model=model)


def test_masks_painted_for_a_new_ball_on_two_pages_are_one_track(world, hands, scene):
    pages = world.shown(TaskKind.FRAMES)
    frames = sorted({int(one["id"].partition("f")[2]) for one in pages})[-2:]
    result = list(pages)
    for number, frame in enumerate(frames):
        region = json.loads(json.dumps(hands.region(pages, 3, frame)))
        result.append(_as_new(region, f"new{number}", scene.truth(frame).by_track()[4], "black"))
    world.save(result, kind=TaskKind.FRAMES)
    assert world.step().done == 1
    assert [track.label for track in world.head.tracks] == ["cue", "solid", "stripe", "black"]
    for frame in frames:
        assert world.mask(frame, 4).rle == scene.truth(frame).by_track()[4].rle


def _as_new(region, id_, mask, label):
    value = {"format": "rle", "rle": to_brush(mask.rle), "brushlabels": [label]}
    return {**region, "id": id_, "meta": {}, "value": value}
