"""What happens on a table is told once, when it happens, of the balls it happens to; what only looks like it is not told."""

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.billiards.events import EventWatch, table_events
from engine.datasets.rendered import entries
from engine.ports.board import Happening, TableEvent
from engine.types import FrameMasks, TrackMask
from tests.engine.billiards.table import (
    BOTTOM,
    LEFT,
    POCKETS,
    RADIUS,
    RIGHT,
    TOP,
    clip,
    corners,
    disc,
    rests,
    rolls,
    rows,
)

ASSETS = Path(__file__).parents[3] / "engine" / "assets"
POT, CUSHION, COLLISION = Happening.POT, Happening.CUSHION, Happening.COLLISION


def told(*ways, pockets=(), rate=Fraction(30)):
    """Return what is told of some ways."""
    frames = rows(*ways)
    return table_events(frames, clip(len(frames), rate), pockets=pockets)


def kinds(events):
    return [(one.kind, one.tracks) for one in events]


def hits(speed: float = 6.0, frames: int = 20):
    """Return the ways of a ball that rolls right and stops at another one, which goes on: both of one mass."""
    first = rolls((200, 180), (frames, speed, 0), (frames, 0.1 * speed, 0))
    meet = 200 + speed * (frames - 0.5) + 2 * RADIUS
    second = [
        (meet, 180.0) if k < frames else (meet + 0.9 * speed * (k - frames + 0.5), 180.0)
        for k in range(2 * frames)
    ]
    return first, second


def returns(*, speed: float = 6.0, frames: int = 20):
    """Return the way of a ball that rolls to the right cushion and back."""
    start = RIGHT - speed * (frames - 0.5)
    return rolls((start, 180), (frames, speed, 1.0), (frames, -0.8 * speed, 0.8))


def falls(*, frames: int = 40):
    """Return the way of a ball that rolls into the upper right pocket and is gone."""
    x0, y0, x1, y1 = POCKETS[4]
    end = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    way = [tuple(end - np.array([5.0, -3.0]) * (15 - k)) for k in range(16)]
    return [*way, *[None] * (frames - 16)]


def test_a_ball_that_stops_at_another_which_goes_on_is_a_collision_of_both():
    (event,) = told(*hits())
    assert (event.kind, event.tracks) == (COLLISION, (1, 2))
    assert event.start <= 19 < event.stop


def test_a_ball_that_the_cushion_sends_back_where_the_table_ends_is_a_cushion():
    (event,) = told(returns(), *corners(40))
    assert (event.kind, event.tracks) == (CUSHION, (1,))
    assert event.start <= 19 < event.stop


def test_a_ball_that_turns_in_the_middle_of_the_table_is_nothing_known():
    way = rolls((100, 180), (20, 6, 1), (20, -5, 1))
    assert told(way, *corners(40)) == ()


def test_a_ball_that_rolls_into_a_pocket_and_is_gone_is_a_pot():
    (event,) = told(falls(), *corners(40), pockets=POCKETS)
    assert (event.kind, event.tracks) == (POT, (1,))
    assert 10 <= event.start <= 15
    assert event.stop == 16


def test_without_pockets_a_pot_is_told_where_the_table_ends_and_less_surely():
    (known,) = told(falls(), *corners(40), pockets=POCKETS)
    (guessed,) = told(falls(), *corners(40))
    assert kinds([known]) == kinds([guessed])
    assert guessed.certainty < known.certainty


def test_a_ball_that_goes_in_the_middle_of_the_table_is_no_pot():
    way = [*rolls((100, 180), (20, 6, 0)), *[None] * 20]
    assert told(way, *corners(40)) == ()
    assert told(way, *corners(40), pockets=POCKETS) == ()


def test_a_ball_that_comes_back_at_once_was_not_potted():
    way = falls(frames=60)
    way[25:] = rests(RIGHT - 10, TOP + 5, 35)
    assert POT not in {one.kind for one in told(way, *corners(60), pockets=POCKETS)}


def test_a_ball_that_is_taken_out_later_was_potted():
    way = [*falls(frames=90), *rests(200, 180, 30)]
    assert (POT, (1,)) in kinds(told(way, *corners(120), pockets=POCKETS))


def test_a_ball_that_lies_at_a_pocket_and_is_lifted_is_no_pot():
    x0, y0, x1, y1 = POCKETS[4]
    way = [*rests((x0 + x1) / 2 - 8, (y0 + y1) / 2 + 5, 20), *[None] * 20]
    assert told(way, *corners(40), pockets=POCKETS) == ()


def test_a_picture_from_elsewhere_pots_nothing():
    gone = [[*way[:16], *[None] * 24] for way in corners(40)]
    assert told(falls(), *gone, pockets=POCKETS) == ()


def test_a_ball_that_goes_on_under_another_number_was_not_potted():
    other = [None] * 18 + [(RIGHT - 10 - 4.0 * k, TOP + 8.0) for k in range(22)]
    assert POT not in {one.kind for one in told(falls(), other, *corners(40), pockets=POCKETS)}


def test_a_ball_that_leaves_the_picture_is_no_pot():
    way = [*rolls((590, 180), (12, 5, 0)), *[None] * 28]
    assert told(way, *corners(40)) == ()


def test_balls_at_rest_and_rolling_balls_that_pass_are_nothing():
    passing = rolls((100, 180 - 4 * RADIUS), (40, 6, 0))
    assert told(passing, rests(200, 180, 40), *corners(40)) == ()


def test_a_ball_that_is_struck_is_nothing():
    way = rolls((200, 180), (20, 0, 0), (20, 7, 0))
    assert told(way, *corners(40)) == ()


def test_a_hand_that_goes_over_a_lying_ball_is_nothing():
    frames = []
    for frame in range(60):
        cut = 292 + 0.8 * min(frame % 30, 20)
        ball = disc(300, 180, right_of=cut)
        lying = [disc(x, y) for x in (LEFT, RIGHT) for y in (TOP, BOTTOM)]
        shown = [ball, *lying]
        masks = [TrackMask(k + 1, mask) for k, mask in enumerate(shown) if mask is not None]
        frames.append(FrameMasks(frame, tuple(masks)))
    assert table_events(frames, clip(60)) == ()


def test_a_ball_that_is_missed_for_some_frames_is_not_lost():
    first, second = hits()
    first[15:17] = second[22:24] = [None, None]
    assert kinds(told(first, second)) == [(COLLISION, (1, 2))]


def test_a_camera_that_moves_changes_nothing():
    ways = [*hits(), *corners(40)]
    swayed = [
        [(x + 8 * np.sin(k / 5), y + 5 * np.cos(k / 7)) for k, (x, y) in enumerate(way)]
        for way in ways
    ]
    assert kinds(told(*swayed)) == [(COLLISION, (1, 2))]


def test_a_row_of_balls_that_all_go_at_once_is_one_collision():
    first = rolls((200, 180), (20, 8, 0), (20, 1, 0))
    meet = 200 + 8 * 19.5 + 2 * RADIUS
    others = [
        [
            (x + (u * (k - 19.5) if k > 19 else 0), y + (v * (k - 19.5) if k > 19 else 0))
            for k in range(40)
        ]
        for x, y, u, v in (
            (meet, 180, 2, 0),
            (meet + 16, 189.5, 4, 2.5),
            (meet + 16, 170.5, 4, -2.5),
        )
    ]
    (event,) = told(first, *others)
    assert event.kind is COLLISION
    assert {1, 2} <= set(event.tracks)


def test_no_masks_are_no_events():
    assert table_events([FrameMasks(k) for k in range(30)], clip(30)) == ()
    assert table_events([], clip(30)) == ()


@pytest.mark.parametrize("rate", [24, 25, 50, 60])
def test_other_rates_tell_the_same(rate):
    speed = 6.0 * 30 / rate
    found = told(*hits(speed, frames=round(20 * rate / 30)), rate=Fraction(rate))
    assert kinds(found) == [(COLLISION, (1, 2))]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 639), st.floats(0, 359)), min_size=30, max_size=30))
def test_whatever_masks_do_events_are_within_the_clip_and_in_order(places):
    found = told(places, [*places[15:], *places[:15]], pockets=POCKETS)
    assert all(0 <= one.start < one.stop <= 31 and 0 < one.certainty <= 1 for one in found)
    assert list(found) == sorted(found, key=lambda one: one.start)


def test_rows_pass_as_they_are():
    frames = rows(*hits())
    watch = EventWatch(clip(40))
    assert list(watch.passing(iter(frames))) == frames
    assert watch.events() == table_events(frames, clip(40))


def is_true(event: TableEvent, facts) -> bool:
    """Tell whether something of this kind happened to each of an event's balls at most 3 frames away."""
    name = {COLLISION: "ball-ball", CUSHION: "cushion", POT: "pot"}[event.kind]
    near = [fact for fact in facts if event.start - 3 <= fact["frame"] < event.stop + 3]
    balls = {track for fact in near if fact["kind"] == name for track in fact["tracks"]}
    return set(event.tracks) <= balls


def test_of_the_bundled_clip_what_is_told_is_true_and_most_is_told():
    (entry,) = entries(ASSETS)
    found = entry.open(entry.name)
    raw = json.loads((ASSETS / f"{entry.name}.json").read_text())
    boxes = [tuple(pocket["box"]) for pocket in raw["pockets"][0]]
    events = table_events(found.frames(), found.clip, pockets=boxes)
    assert [event for event in events if not is_true(event, raw["events"])] == []
    told_kinds = Counter(event.kind for event in events)
    assert told_kinds[POT] == 1
    assert told_kinds[CUSHION] >= 11  # of 17
    assert told_kinds[COLLISION] >= 2  # the shot, and one later
