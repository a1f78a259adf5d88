"""The time line says when balls are in play and where somebody should look, in few ranges that Label Studio shows."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.doubts import Doubt, Sign
from engine.ports import TaskKind
from engine.types import Clip, FrameMasks, TrackMask
from ml_backend.labelling import check, clip_config
from ml_backend.timeline import EVENTS, MOST, events_to_result, looking, playing

HIGH, WIDE = 60, 400


def clip(frames: int = 300, rate: Fraction = Fraction(30)) -> Clip:
    return Clip("game-1", "v", "game.mp4", 0, frames, WIDE, HIGH, rate)


def mask(x: int, *, side: int = 12, cut: int = 0):
    """Return a ball at ``x``, of which ``cut`` columns on the left are hidden."""
    shape = np.ones((side, side - cut), bool)
    return rle.encode(shape, origin=(x + cut, 20), size=(HIGH, WIDE))


def rows(*tracks: list[int | None]):
    """Return frames in which ball k is at ``tracks[k][frame]``, or absent."""
    return [
        FrameMasks(
            frame, tuple(TrackMask(k + 1, mask(x)) for k, x in enumerate(places) if x is not None)
        )
        for frame, places in enumerate(zip(*tracks, strict=True))
    ]


def rolls(frames: int, *spans: tuple[int, int], speed: int = 2) -> list[int]:
    """Return where a ball is that rolls from frame ``a`` to frame ``b`` of each span, and rests between them."""
    steps = [speed if any(a < frame <= b for a, b in spans) else 0 for frame in range(frames)]
    return [int(x) for x in np.cumsum(steps)]


def doubt(start: int, stop: int, severity: float, *, why: str = "torn") -> Doubt:
    return Doubt(start, stop, (start + stop) // 2, 1, Sign.SHAPE, severity, why)


def test_balls_at_rest_are_no_play():
    assert playing(rows([50] * 300), clip()) == ()


def test_a_clip_without_balls_is_no_play():
    assert playing([FrameMasks(frame) for frame in range(300)], clip()) == ()


def test_play_lasts_while_a_ball_rolls_to_a_tenth_of_a_second():
    (span,) = playing(rows(rolls(300, (100, 180)), [300] * 300), clip())
    assert abs(span.start - 100) <= 3
    assert abs(span.stop - 180) <= 3


def test_play_that_is_on_in_the_first_and_the_last_frame_fills_the_clip():
    assert playing(rows(rolls(90, (-1, 90))), clip(90)) == (range(90),)


def test_a_short_rest_is_part_of_the_play_and_a_long_one_is_not():
    near = playing(rows(rolls(300, (50, 80), (90, 120))), clip())
    far = playing(rows(rolls(300, (50, 80), (150, 180))), clip())
    assert [len(found) for found in (near, far)] == [1, 2]


def test_one_ball_after_another_is_one_play():
    assert len(playing(rows(rolls(300, (50, 80)), rolls(300, (80, 130))), clip())) == 1


def test_a_rim_that_trembles_by_a_pixel_is_no_play():
    places = [50 + frame % 2 for frame in range(300)]
    assert playing(rows(places), clip()) == ()


def test_a_hand_that_goes_over_a_ball_is_no_play():
    hidden = [FrameMasks(f, (TrackMask(1, mask(50, cut=min(8, f // 10))),)) for f in range(100)]
    assert playing(hidden, clip(100)) == ()


def test_a_mask_that_jumps_once_is_no_play():
    places = [50] * 150 + [60] * 150
    assert playing(rows(places), clip()) == ()


def test_a_ball_that_comes_or_goes_does_not_move():
    places = [None] * 100 + [50] * 100 + [None] * 100
    assert playing(rows(places), clip()) == ()


def test_the_rate_does_not_change_what_is_play():
    slow = playing(rows(rolls(100, (30, 60), speed=6)), clip(100, Fraction(10)))
    fast = playing(rows(rolls(600, (180, 360), speed=1)), clip(600, Fraction(60)))
    assert [(span.start * 6, span.stop * 6) for span in slow] == [
        (pytest.approx(span.start, abs=12), pytest.approx(span.stop, abs=12)) for span in fast
    ]


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(1, 6))
def test_ranges_are_few_in_order_and_apart(seconds, most):
    places = rolls(
        len(seconds) * 10, *((k * 10, k * 10 + 10) for k, on in enumerate(seconds) if on)
    )
    places = [x % 300 for x in places]
    found = playing(rows(places), clip(len(places), Fraction(10)), most=most)
    assert len(found) <= most
    assert all(a.stop < b.start for a, b in pairwise(found))
    assert all(0 <= span.start < span.stop <= len(places) for span in found)


def test_where_there_are_too_many_ranges_the_shortest_rests_go():
    spans = ((0, 30), (60, 90), (130, 160), (250, 280))
    found = playing(rows(rolls(300, *spans)), clip(), most=2)
    assert [(span.start, len(span) > 100) for span in found] == [(0, True), (found[1].start, False)]
    assert found[1].start > 200


def test_the_gravest_doubts_are_looks_in_order():
    found = [doubt(10 + 40 * k, 14 + 40 * k, 0.1 * k) for k in range(7)]
    assert looking(found, clip(), most=3) == (range(170, 174), range(210, 214), range(250, 254))


def test_a_look_ends_where_the_clip_does():
    assert looking([doubt(290, 320, 0.5), doubt(400, 420, 0.9)], clip()) == (range(290, 300),)


def test_ranges_there_count_from_one_and_hold_their_last_frame():
    told = events_to_result(clip(90), 7, rows=rows(rolls(90, (-1, 90))), doubts=[doubt(10, 20, 1)])
    assert told == [
        {
            "id": f"r7e{number}",
            "type": "timelinelabels",
            "from_name": "event",
            "to_name": "video",
            "origin": "prediction",
            "value": {"ranges": [ranges], "timelinelabels": [label]},
            **more,
        }
        for number, (ranges, label, more) in enumerate(
            [
                ({"start": 1, "end": 90}, "in play", {}),
                ({"start": 11, "end": 20}, "look", {"meta": {"text": ["track 1: torn"]}}),
            ]
        )
    ]


def test_a_time_line_stays_readable_and_fits_our_configuration():
    doubts = [doubt(20 * k, 20 * k + 5, 0.5) for k in range(15)]
    places = rolls(3000, *((100 * k, 100 * k + 20) for k in range(30)))
    told = events_to_result(clip(3000), 7, rows=rows([x % 300 for x in places]), doubts=doubts)
    assert 10 < len(told) <= MOST
    assert {one["value"]["timelinelabels"][0] for one in told} == {"in play", "look"}
    assert check(clip_config(), told, kind=TaskKind.CLIP) == []


def test_people_can_say_more_than_we_do():
    assert {"pot", "collision", "cushion"} < set(EVENTS)
