"""Clicks on one frame: with a brush whose every stroke is known, and in the exact world."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from annotator_ui.simulated import page_tool
from engine import rle
from engine.datasets import LabelledClip
from engine.evaluation.attempts import Attempt, attempt
from engine.evaluation.interactive import Clicked, click_clip, click_figures, spread
from engine.fakes.scene import Disc, Scene, rests
from engine.fakes.segmenter import ColourSegmenter
from engine.types import Clip, FrameMasks, Point, TrackMask

CLIP = Clip("still", "0", "", 0, 1, 200, 60, Fraction(30))
RGB = np.zeros((60, 200, 3), np.uint8)
STILL = LabelledClip(CLIP, {}, (), lambda: iter([RGB]), lambda: iter(()))


def tried(true, segmenter, *, start=None, goal=0.9, most=20, patience=None) -> Attempt:
    shown = [] if start is None else [FrameMasks(0, (TrackMask(4, start),))]
    with page_tool(segmenter)(STILL, shown) as hands:
        return attempt(hands, 0, 4, true, label="cue", goal=goal, most=most, patience=patience)


def test_a_ball_that_one_click_draws_takes_one_click(square, brush) -> None:
    one = tried(square(20, 20, 5), brush(side=5))
    assert one.ious == (1,)
    assert one.points == (Point(22.5, 22.5),)
    assert one.reached(0.9) == 1


def test_clicks_go_on_until_the_goal_and_each_counts(square, brush) -> None:
    long = rle.merge([square(x, 20, 5) for x in (20, 25, 30)])
    one = tried(long, brush(side=5))
    assert one.ious == pytest.approx((1 / 3, 2 / 3, 1))
    assert sorted(point.x for point in one.points) == [22.5, 27.5, 32.5]
    assert one.reached(0.6) == 2
    assert one.mask == one.masks[-1] == long


def test_no_more_clicks_than_allowed(square, brush) -> None:
    one = tried(square(20, 20, 30), brush(side=3), most=4)
    assert len(one.points) == 4
    assert one.reached(0.9) is None
    assert one.best() == 4


def test_who_sees_no_progress_gives_up(square, brush) -> None:
    stubborn = brush(until=0)  # nothing is ever drawn
    assert len(tried(square(20), stubborn, patience=3).points) == 4
    assert len(tried(square(20), stubborn).points) == 20


def test_not_this_takes_something_off_the_mask_that_stands(square, brush) -> None:
    true, start = square(20, 20, 9), rle.merge([square(20, 20, 9), square(40, 20, 5)])
    one = tried(true, brush(side=5), start=start)
    assert one.points == (Point(42.5, 22.5, positive=False),)
    assert one.ious == (1,)


def test_a_click_on_the_ball_begins_anew_whatever_stood(square, brush) -> None:
    one = tried(square(20, 20, 5), brush(side=5), start=square(60, 20, 3))
    assert one.masks[0] == square(20, 20, 5)


def test_a_perfect_start_takes_no_click(square, brush) -> None:
    one = tried(square(20), brush(), start=square(20))
    assert (one.points, one.mask) == ((), square(20))


def test_the_best_of_an_attempt_is_the_earliest_of_equals_and_may_be_what_stood(square) -> None:
    one = Attempt(square(3), None, (Point(1, 1),) * 4, (None,) * 4, (0.2, 0.7, 0.5, 0.7))
    assert one.best() == 2
    assert one.reached(0.5) == 2
    assert replace(one, start=square(3)).best() == 0


def test_every_ball_of_an_exact_world_takes_one_click(world) -> None:
    clicked = click_clip(world, page_tool(ColourSegmenter()), each=3)
    assert sorted({one.frame for one in clicked}) == [0, 6, 11]
    assert {one.ious for one in clicked} == {(1.0,)}
    got = click_figures(clicked)
    assert got.objects == 4  # the cue ball on three frames, the other on one
    assert got.noc == {"85": 1, "90": 1}
    assert got.failed == {"85": 0, "90": 0}
    assert got.curve == (1,) * 20


def test_an_object_that_never_gets_there_counts_as_many_clicks_as_are_allowed() -> None:
    clicked = [
        Clicked("a", 0, 1, "cue", (0.5, 0.87, 0.95)),
        Clicked("a", 0, 2, "eight", (0.6,) * 20),
    ]
    got = click_figures(clicked)
    assert got.noc == {"85": (2 + 20) / 2, "90": (3 + 20) / 2}
    assert got.failed == {"85": 0.5, "90": 0.5}
    assert got.curve[:4] == pytest.approx((0.55, 0.735, 0.775, 0.775))
    assert len(got.curve) == 20


def test_slivers_are_not_clicked_at(label) -> None:
    balls = Scene(
        [
            Disc((200, 0, 0), "cue", rests(30, 30), radius=2),
            Disc((0, 0, 200), "eight", rests(90, 30), radius=6),
        ],
        frames=2,
    )
    assert {one.label for one in click_clip(label(balls), page_tool(ColourSegmenter()))} == {
        "eight"
    }


@pytest.mark.parametrize(
    ("count", "expected"), [(1, [0]), (2, [0, 9]), (3, [0, 4, 9]), (20, list(range(10)))]
)
def test_frames_are_spread_evenly_with_first_and_last(count, expected) -> None:
    rows = [FrameMasks(frame) for frame in range(10)]
    assert [row.frame for row in spread(rows, count)] == expected
