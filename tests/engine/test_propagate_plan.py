"""Who draws which frame, what the model is told, and when a way ends."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.errors import InputError, SettingsError
from engine.propagate_plan import Lane, Leg, gathered, lanes, legs, spoken
from engine.propagate_way import Rule, Way, begin, follow
from engine.types import RLE, FrameMasks, Point, Prompt, TrackMask

FRAMES = 40


@st.composite
def jobs(draw: st.DrawFn) -> tuple[set[int], range]:
    """Draw frames with new prompts, and the range that may change."""
    start = draw(st.integers(0, FRAMES - 1))
    frames = range(start, draw(st.integers(start + 1, FRAMES)))
    return draw(st.sets(st.sampled_from(list(frames)), min_size=1, max_size=5)), frames


def passed(leg: Leg, *, backward: bool) -> list[int]:
    """Return the frames of a leg."""
    step = -1 if backward else 1
    return list(range(leg.begin, leg.last + step, step))


def used(leg: Leg, *, backward: bool) -> list[int]:
    """Return the frames of a leg whose masks are used."""
    return [frame for frame in passed(leg, backward=backward) if not leg.hides(frame)]


@given(job=jobs())
def test_both_passes_together_give_every_frame_one_mask(job) -> None:
    new, frames = job
    found = [
        frame
        for backward in (False, True)
        for leg in legs(new, frames, backward=backward)
        for frame in used(leg, backward=backward)
    ]
    assert sorted(found) == list(frames)


@given(job=jobs(), backward=st.booleans())
def test_each_frame_is_drawn_from_the_nearest_prompt(job, backward) -> None:
    new, frames = job
    for leg in legs(new, frames, backward=backward):
        for frame in used(leg, backward=backward):
            assert abs(frame - leg.begin) == min(abs(frame - at) for at in new)
        assert leg.draws == bool(used(leg, backward=backward))


@given(job=jobs(), backward=st.booleans())
def test_a_pass_neither_turns_round_nor_jumps(job, backward) -> None:
    new, frames = job
    found = [
        f for leg in legs(new, frames, backward=backward) for f in passed(leg, backward=backward)
    ]
    first, last = (max(new), frames.start) if backward else (min(new), frames[-1])
    step = -1 if backward else 1
    assert found == list(range(first, last + step, step))


@given(job=jobs(), backward=st.booleans())
def test_a_lane_asks_for_the_frames_of_its_legs_in_order(job, backward) -> None:
    new, frames = job
    step = -1 if backward else 1
    plan = legs(new, frames, backward=backward)
    lane, asked, last = Lane(list(plan)), [], None
    while (last := lane.due(last, step=step)) is not None:
        asked.append(last)
    assert asked == [f for leg in plan for f in passed(leg, backward=backward)]


def test_a_lane_leaves_a_leg_that_has_ended_and_keeps_its_masks() -> None:
    lane = Lane([Leg(3, 9, 19), Leg(20, 22, 22)])
    lane.way.masks[3] = None
    assert lane.due(3, step=1) == 4
    lane.way.ended = True
    assert lane.due(4, step=1) == 20
    assert (lane.way.ended, lane.way.masks) == (False, {3: None})


def test_a_pass_in_which_nothing_is_drawn_is_empty() -> None:
    said = [Prompt(0, 1, box=(0, 0, 5, 5)), Prompt(0, 2, box=(9, 0, 14, 5))]
    assert lanes(said, frames=range(9), backward=True) == {}
    assert set(lanes(said, frames=range(9), backward=False)) == {1, 2}


def square(x: int, side: int = 10) -> RLE:
    pixels = np.zeros((40, 80), bool)
    pixels[5 : 5 + side, x : x + side] = True
    return rle.encode(pixels)


def seen(x: int, side: int = 10) -> TrackMask:
    return TrackMask(1, square(x, side))


def test_what_was_said_of_a_track_on_a_frame_adds_up_in_its_order() -> None:
    first, second = (Prompt(3, 1, points=(Point(x, 1.0),)) for x in (1.0, 2.0))
    other = Prompt(3, 2, points=(Point(9.0, 9.0),))
    assert gathered([first, other], [second]) == {3: {1: (first, second)}}


NOT_THIS = Prompt(3, 1, points=(Point(1.0, 1.0, positive=False),))


@pytest.mark.parametrize(
    "positive",
    [
        Prompt(3, 1, points=(Point(5.0, 5.0),)),
        Prompt(3, 1, box=(0, 0, 9, 9)),
        Prompt(3, 1, mask=square(30)),
    ],
)
def test_what_shows_the_ball_is_told_alone(positive) -> None:
    row = FrameMasks(3, (seen(60),))
    assert spoken((NOT_THIS, positive), row, firm=True) == (NOT_THIS, positive)


def test_not_this_alone_is_told_after_the_mask_that_it_is_about() -> None:
    row = FrameMasks(3, (seen(60),))
    assert spoken((NOT_THIS,), row, firm=True) == (Prompt(3, 1, mask=square(60)), NOT_THIS)


def test_not_this_about_nothing_is_refused_when_new_and_forgotten_when_old() -> None:
    with pytest.raises(InputError, match="no mask on frame 3"):
        spoken((NOT_THIS,), FrameMasks(3), firm=True)
    assert spoken((NOT_THIS,), FrameMasks(3), firm=False) == ()


def walked(*pairs: tuple[TrackMask | None, TrackMask | None], rule: Rule | None = None) -> Way:
    """Follow pairs of new and old masks, frame by frame, after a prompt on frame 0 that met a stray parent."""
    way = Way()
    begin(way, 0, seen(10), seen(50))
    for frame, (new, old) in enumerate(pairs, start=1):
        assert not way.ended
        follow(way, frame, new, old, rule=rule or Rule(stable=3, lost=2))
    return way


def test_frames_that_agree_are_given_back_to_the_parent_once_they_are_enough() -> None:
    calm = (seen(12), seen(12))
    way = walked((seen(11), None), calm, calm)
    assert (sorted(way.masks), way.ended) == ([0, 1, 2, 3], False)
    way = walked((seen(11), None), calm, calm, calm)
    assert (sorted(way.masks), way.ended) == ([0, 1], True)


def test_a_frame_that_disagrees_begins_the_count_anew() -> None:
    calm = (seen(12), seen(12))
    way = walked(calm, calm, (seen(12), seen(50)), calm, calm)
    assert (len(way.masks), way.ended) == (6, False)


def test_where_both_show_nothing_they_agree() -> None:
    way = walked((None, None), (None, None), (None, None))
    assert (sorted(way.masks), way.ended) == ([0], True)


def test_a_stray_parent_is_taken_off_as_long_as_its_run_goes_on() -> None:
    way = walked((None, seen(51)), (None, seen(53)), (None, seen(55)))
    assert way.masks == {0: seen(10), 1: None, 2: None, 3: None}


@pytest.mark.parametrize("between", [[(None, None)], []], ids=["a gap", "a jump"])
def test_a_new_run_of_the_parent_stays_and_ends_the_way(between) -> None:
    far = (None, seen(2, side=4))
    way = walked((None, seen(51)), *between, far, far)
    assert (sorted(way.masks), way.ended) == ([0, 1], True)


def test_a_parent_on_the_same_ball_stays_where_the_model_loses_it() -> None:
    way = walked((seen(11), seen(12)), (None, seen(13)), (None, seen(14)))
    assert (sorted(way.masks), way.ended) == ([0, 1], True)


def test_a_way_ends_where_the_two_part_that_were_on_one_ball() -> None:
    """The new mask is smaller than the parent's, so they never agree; then it is elsewhere."""
    loose = (seen(12, side=8), seen(12))
    way = walked(loose, loose, loose, (seen(60), seen(13)))
    assert (sorted(way.masks), way.ended) == ([0, 1, 2, 3], True)


@pytest.mark.parametrize(
    ("new", "old"), [(60, 13), (60, 30), (60, 70)], ids=["the new one", "both", "both, together"]
)
def test_a_way_ends_where_it_is_not_the_parent_alone_that_jumps(new, old) -> None:
    way = walked((seen(12, side=8), seen(12)), (seen(new, side=4), seen(old, side=4)))
    assert (sorted(way.masks), way.ended) == ([0, 1], True)


def test_where_the_parent_jumps_off_the_ball_the_new_mask_goes_on() -> None:
    loose = (seen(12, side=8), seen(12))
    way = walked(loose, loose, (seen(13), seen(60)))
    assert (sorted(way.masks), way.ended) == ([0, 1, 2, 3], False)


def test_a_prompt_that_draws_nothing_leaves_the_parents_mask() -> None:
    way = Way()
    begin(way, 0, None, seen(50))
    assert way.masks == {}


def test_masks_agree_where_their_edges_are_less_than_a_pixel_apart() -> None:
    rule = Rule(agree=0.95, edge=0.5)
    assert rule.least(math.pi * 8**2) == pytest.approx((8 / 8.5) ** 2)
    assert rule.least(math.pi * 100**2) == 0.95
    assert Rule(agree=0.95, edge=0).least(10) == 0.95


@pytest.mark.parametrize(
    "wrong", [{"agree": 0}, {"agree": 1.1}, {"stable": 0}, {"lost": 0}, {"edge": -1}]
)
def test_rules_that_end_every_way_or_none_are_refused(wrong) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        Rule(**wrong)


def test_what_was_clicked_and_drawn_before_it_is_spread_tells_nothing_of_the_next_frame() -> None:
    way = Way()
    begin(way, 0, seen(10), seen(10))  # the click has put the parent's mask right on this frame
    follow(way, 1, seen(10), seen(30), rule=Rule())  # on the next one it is on the neighbour still
    assert not way.ended
    assert way.masks[1] == seen(10)
