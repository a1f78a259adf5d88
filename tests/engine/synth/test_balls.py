"""Ball sets hold the balls of their game, each with the label and number that the truth gives it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.synth import balls
from engine.synth.balls import Look, albedo
from engine.synth.situation import random_axes

LABELS = {
    "eight-ball": {"cue", "solid", "stripe", "eight"},
    "nine-ball": {"cue", "solid", "stripe", "eight"},
    "snooker": {"cue", "red", "yellow", "green", "brown", "blue", "pink", "black"},
    "carom": {"cue", "plain"},
}
COUNTS = {"eight-ball": 16, "nine-ball": 10, "snooker": 22, "carom": 3}


@pytest.mark.parametrize("profile", balls.PROFILES)
def test_a_full_set_has_all_balls_of_its_game(profile: str) -> None:
    looks = balls.random_set(np.random.default_rng(1), profile, full=True)
    assert len(looks) == COUNTS[profile]
    assert {look.label for look in looks} == LABELS[profile]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9999), st.sampled_from(balls.PROFILES))
def test_any_set_has_one_cue_ball_in_front_and_only_labels_of_its_game(
    seed: int, profile: str
) -> None:
    looks = balls.random_set(np.random.default_rng(seed), profile)
    assert looks[0].label == "cue"
    assert sum(look.label == "cue" for look in looks) == 1
    assert {look.label for look in looks} <= LABELS[profile]
    assert len(looks) <= COUNTS[profile]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.sampled_from(["eight-ball", "nine-ball"]))
def test_pool_balls_are_labelled_by_their_number_and_none_comes_twice(
    seed: int, profile: str
) -> None:
    looks = balls.random_set(np.random.default_rng(seed), profile)[1:]
    numbers = [look.number for look in looks]
    assert len(set(numbers)) == len(numbers)
    for look in looks:
        expected = "solid" if look.number < 8 else "eight" if look.number == 8 else "stripe"
        assert look.label == expected
        assert bool(look.band) == (look.label == "stripe")


def test_snooker_has_fifteen_reds_and_one_of_each_colour() -> None:
    labels = [k.label for k in balls.random_set(np.random.default_rng(2), "snooker", full=True)]
    assert labels.count("red") == 15
    assert all(labels.count(name) == 1 for name in balls.SNOOKER_LABELS[1:])


def test_cue_balls_with_dots_occur_and_are_called_measles() -> None:
    cues = [balls.random_set(np.random.default_rng(k), "eight-ball")[0] for k in range(60)]
    dotted = [look for look in cues if look.dots < 1]
    assert 15 < len(dotted) < 50
    normals = np.array([[0, 0, 1.0], [0.6, 0.0, 0.8]], np.float32)
    for look in dotted:
        assert look.ink is not None
        np.testing.assert_allclose(albedo(look, normals), [look.ink, look.white], rtol=1e-5)


def test_a_stripe_is_white_at_its_poles_and_coloured_around_its_middle() -> None:
    red, white = np.array([0.5, 0, 0]), np.ones(3)
    look = Look("stripe", 9, red, white, band=0.5)
    seen = albedo(look, np.array([[0, 0, 1], [0, 0, -1], [0, 1, 0]], np.float32))
    np.testing.assert_array_equal(seen, [white, white, red])


def test_a_number_is_written_dark_on_a_light_disc_on_both_sides() -> None:
    look = Look("solid", 3, np.array([0.5, 0, 0]), np.ones(3), disc=0.5)
    angle = np.linspace(-0.3, 0.3, 41)
    y, z = (k.ravel() for k in np.meshgrid(angle, angle))
    x = np.sqrt(1 - y * y - z * z)
    for side in (1, -1):
        seen = albedo(look, np.stack([side * x, y, z], axis=1).astype(np.float32))
        assert (seen.min(axis=1) < 0.2).any()
        assert (seen.min(axis=1) > 0.9).any()


def test_random_turns_are_rotations() -> None:
    axes = random_axes(np.random.default_rng(1), 30)
    np.testing.assert_allclose(
        axes @ axes.transpose(0, 2, 1), np.eye(3)[None].repeat(30, 0), atol=1e-9
    )
    np.testing.assert_allclose(np.linalg.det(axes), 1, atol=1e-9)
