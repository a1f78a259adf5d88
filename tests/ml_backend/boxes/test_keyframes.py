"""Keyframes show a box where it was seen, and what they show is what the editor shows."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.types import Clip
from ml_backend.boxes.keyframes import Keyframe, shown, shown_on, sparse

CLIP = Clip("clip", "0" * 64, "", 0, 40, 320, 180, Fraction(30))
HERE = Keyframe(5, 10, 20, 30, 40)
THERE = Keyframe(9, 50, 20, 30, 80)
BOX = (10, 20, 40, 60)


@st.composite
def seen(draw, clip=CLIP):
    """Return frames in order, and a box on each that drifts and trembles inside the picture."""
    frames = sorted(draw(st.sets(st.integers(0, clip.frames - 1), min_size=1)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pace = rng.uniform(-4, 4, 4)
    sides = rng.uniform(40, 140, 4) + pace * np.array(frames)[:, None]
    sides += rng.integers(-1, 2, sides.shape)
    low = np.clip(np.minimum(sides[:, :2], sides[:, 2:]).round(), 0, [clip.width - 2, clip.height - 2])  # fmt: skip
    high = np.maximum(sides[:, :2], sides[:, 2:]).round()
    return frames, np.concatenate([low, np.clip(high, low + 1, [clip.width, clip.height])], axis=1)


@given(seen(), st.floats(0, 4))
def test_a_box_is_shown_exactly_where_it_was_seen(found, tolerance):
    frames, boxes = found
    keys = sparse(frames, boxes, clip=CLIP, tolerance=tolerance)
    visible, _ = shown_on(keys, np.arange(CLIP.frames))
    assert np.flatnonzero(visible).tolist() == frames


@given(seen(), st.floats(0, 4))
def test_no_side_is_further_off_than_was_allowed(found, tolerance):
    frames, boxes = found
    keys = sparse(frames, boxes, clip=CLIP, tolerance=tolerance)
    _, drawn = shown_on(keys, np.array(frames))
    assert np.abs(drawn - boxes).max() <= tolerance + 1e-6


@given(seen(), st.floats(0, 1000))
def test_boxes_are_never_inside_out_nor_outside_the_picture(found, tolerance):
    keys = sparse(*found, clip=CLIP, tolerance=tolerance)
    assert all(key.width > 0 and key.height > 0 and key.x >= 0 and key.y >= 0 for key in keys)
    assert all(key.x + key.width <= CLIP.width + 1e-9 for key in keys)
    assert all(key.y + key.height <= CLIP.height + 1e-9 for key in keys)


@given(st.integers(3, 12), st.integers(0, 2**32 - 1))
def test_specks_of_a_pixel_or_two_are_never_inside_out_either(many, seed):
    rng = np.random.default_rng(seed)
    low = rng.integers(50, 53, (many, 2))
    boxes = np.concatenate([low, low + rng.integers(1, 3, low.shape)], axis=1).astype(float)
    _, drawn = shown_on(sparse(range(many), boxes, clip=CLIP, tolerance=5), np.arange(many))
    assert (drawn[:, 2:] > drawn[:, :2]).all()


def resting(frames, rng=None):
    tremble = 0 if rng is None else rng.integers(0, 2, (len(frames), 4))
    return np.tile([100.0, 80, 120, 100], (len(frames), 1)) + tremble


def test_a_ball_at_rest_is_one_keyframe_though_its_mask_trembles():
    boxes = resting(range(40), np.random.default_rng(3))
    (key,) = sparse(range(40), boxes, clip=CLIP, tolerance=1)
    assert (key.frame, key.enabled) == (0, True)


def test_a_ball_that_goes_is_shown_on_its_last_frame_and_hidden_after_it():
    keys = sparse(range(3, 20), resting(range(3, 20)), clip=CLIP, tolerance=1)
    assert [(key.frame, key.enabled) for key in keys] == [(3, True), (19, False)]


def test_a_gap_lies_between_a_keyframe_that_hides_and_the_next():
    frames = [*range(3, 10), *range(12, 40)]
    keys = sparse(frames, resting(frames), clip=CLIP, tolerance=1)
    assert [(key.frame, key.enabled) for key in keys] == [(3, True), (9, False), (12, True)]


def test_a_single_frame_is_one_keyframe_that_hides_what_follows():
    keys = sparse([7], resting([7]), clip=CLIP, tolerance=1)
    assert [(key.frame, key.enabled) for key in keys] == [(7, False)]


def test_nothing_follows_the_last_frame_so_nothing_is_hidden():
    keys = sparse([39], resting([39]), clip=CLIP, tolerance=1)
    assert [(key.frame, key.enabled) for key in keys] == [(39, True)]


def test_what_was_never_seen_has_no_keyframes():
    assert sparse([], np.zeros((0, 4)), clip=CLIP, tolerance=1) == []


def test_nothing_is_shown_without_keyframes_nor_before_the_first():
    assert shown([], 3) is None
    assert shown([HERE, THERE], 4) is None


def test_a_box_moves_evenly_between_keyframes_and_stays_after_the_last():
    assert shown([HERE, THERE], 5) == BOX
    assert shown([HERE, THERE], 6) == (20, 20, 50, 70)
    assert shown([HERE, THERE], 9) == shown([HERE, THERE], 30) == (50, 20, 80, 100)


def test_a_keyframe_that_hides_is_shown_on_its_own_frame():
    hidden = [replace(HERE, enabled=False), THERE]
    assert shown(hidden, 5) == BOX
    assert [shown(hidden, frame) for frame in (6, 7, 8)] == [None] * 3
    assert shown(hidden, 9) == (50, 20, 80, 100)


def test_the_order_of_keyframes_is_that_of_their_frames():
    assert shown([THERE, HERE], 6) == shown([HERE, THERE], 6)


def test_of_two_keyframes_on_one_frame_the_first_is_shown_and_the_last_goes_on():
    twice = [HERE, replace(HERE, x=0), THERE]
    assert shown(twice, 5) == BOX
    assert shown(twice, 7) == (25, 20, 55, 80)
    hidden = [HERE, replace(HERE, enabled=False), THERE]
    assert shown(hidden, 6) is None


@pytest.mark.parametrize(
    ("degrees", "box"),
    [
        (0, (10, 20, 40, 60)),
        (90, (-30, 20, 10, 50)),
        (180, (-20, -20, 10, 20)),
        (270, (10, -10, 50, 20)),
        (-90, (10, -10, 50, 20)),
        (45, (10 - 40 * 0.5**0.5, 20, 10 + 30 * 0.5**0.5, 20 + 70 * 0.5**0.5)),
    ],
)
def test_a_turned_box_is_shown_as_the_upright_one_around_it(degrees, box):
    assert shown([replace(HERE, rotation=degrees)], 5) == pytest.approx(box)


def test_a_box_turns_the_shorter_way():
    keys = [replace(HERE, rotation=350), replace(HERE, frame=7, rotation=10)]
    assert shown(keys, 6) == pytest.approx(BOX)


def test_a_box_drawn_from_its_lower_right_corner_is_the_same_box():
    assert shown([Keyframe(5, 40, 60, -30, -40)], 5) == BOX
