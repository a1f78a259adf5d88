"""A spread in turns gives the masks that it gives alone, and says how far it has come."""

from hypothesis import given, settings
from hypothesis import strategies as st

from annotator_ui.model.hand import Hand
from annotator_ui.model.paced import PacedSegmenter, Road
from annotator_ui.model.turns import Rank
from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.masklets import complete
from engine.propagate import Ground, correct
from engine.types import Point, Prompt

SCENE = Scene(
    [
        Disc((200, 20, 20), "cue", rolls(20, 20, dx=1)),
        Disc((20, 20, 200), "solid", rests(120, 60)),
    ],
    30,
)


def ground(segmenter) -> Ground:
    nothing = lambda start, stop: complete((), start=start, stop=stop)  # noqa: E731 - rows by range
    return Ground(SCENE.clip, nothing, FakeFrameSource(SCENE.paint), segmenter)


def click(frame: int, track: int) -> Prompt:
    x, y = SCENE.discs[track - 1].way(frame)
    return Prompt(frame, track, points=(Point(x, y),))


def prompt(frame: int, track: int = 1) -> Prompt:
    return Prompt(frame, track, points=(Point(1, 1),))


def test_a_spread_from_the_middle_may_come_to_every_frame() -> None:
    road = Road([prompt(40)], range(100))
    assert (road.done, road.total) == (0, 60 + 41)


def test_a_spread_from_the_first_frame_has_no_way_back() -> None:
    assert Road([prompt(0)], range(100)).total == 100


def test_a_range_is_all_that_lies_ahead() -> None:
    assert Road([prompt(40)], range(30, 50)).total == 10 + 11


def test_tracks_that_go_together_are_one_step() -> None:
    assert Road([prompt(40, 1), prompt(40, 2)], range(100)).total == 60 + 41


def test_what_ends_early_is_left_out_of_the_total() -> None:
    road = Road([prompt(40)], range(100))
    road.step(40, backward=False)
    assert (road.done, road.total) == (1, 1 + 59 + 41)
    road.step(40, backward=True)  # so the way forward has ended
    assert (road.done, road.total) == (2, 2 + 40)


@given(
    st.lists(st.tuples(st.integers(0, 29), st.integers(1, 2)), min_size=1, max_size=4, unique=True),
    st.integers(0, 60),
)
@settings(max_examples=30)
def test_a_paced_spread_is_the_same_and_its_total_never_grows(places, stopped_after) -> None:
    prompts = [click(frame, track) for frame, track in places]
    road, totals, steps = Road(prompts, range(SCENE.frames)), [], iter(range(stopped_after))
    with Hand() as hand:
        paced = PacedSegmenter(ColourSegmenter(), hand, Rank.SPREAD, who="a", road=road)
        done = correct(
            ground(paced),
            prompts,
            progress=lambda _: totals.append(road.total),
            stop=lambda: next(steps, None) is None,
        )
    steps = iter(range(stopped_after))
    assert done == correct(
        ground(ColourSegmenter()), prompts, stop=lambda: next(steps, None) is None
    )
    assert road.done == done.steps
    assert totals == sorted(totals, reverse=True)
    assert all(total >= road.done for total in totals)


def test_a_paced_pass_can_be_left_and_taken_up_again() -> None:
    with Hand() as hand:
        paced = PacedSegmenter(ColourSegmenter(), hand, Rank.LOOK, who="a")
        with paced.open(SCENE.clip) as session:
            session.step(0, SCENE.paint(SCENE.clip, 0), [click(0, 1), click(0, 2)])
            session.forget(2)
            snapshot = session.snapshot()
            expected = session.step(1, SCENE.paint(SCENE.clip, 1))
        again = paced.open(SCENE.clip, snapshot=snapshot)
        assert again.step(1, SCENE.paint(SCENE.clip, 1)) == expected
        assert [mask.track for mask in expected.masks] == [1]
