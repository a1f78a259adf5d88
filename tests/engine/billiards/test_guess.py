"""The game is read off the balls: which kinds there are, and how many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.billiards.classes import KINDS, PROFILES, profile
from engine.billiards.guess import check, guess, room_for
from engine.errors import SettingsError

OLD = ("cue", "solid", "stripe", "eight", "plain")
POOL = {"eight-ball", "nine-ball"}


def seen(*balls: str, sure: float = 0.7, kinds: tuple[str, ...] = KINDS) -> np.ndarray:
    """Return beliefs of a network that is rather sure of these kinds and has no idea beyond."""
    rest = (1 - sure) / (len(kinds) - 1)
    return np.array([[sure if kind == ball else rest for kind in kinds] for ball in balls])


@pytest.mark.parametrize(
    ("balls", "games"),
    [
        (["cue", *["solid"] * 7, *["stripe"] * 7, "eight"], {"eight-ball"}),
        (["cue", *["solid"] * 7, "stripe", "eight"], {"nine-ball"}),
        (["cue", "eight"], POOL),
        (["cue", *["red"] * 15, "black", "pink", "blue"], {"snooker"}),
        (["cue", "pink", "black"], {"snooker"}),
        (["cue", "plain", "plain"], {"carom"}),
        (["cue", "cue", "plain"], {"carom"}),
    ],
)
def test_a_game_is_known_by_its_balls(balls: list[str], games: set[str]) -> None:
    assert guess(KINDS, seen(*balls)) in games


def test_a_few_wrong_names_among_many_do_not_change_the_game() -> None:
    reds = ["red"] * 9
    assert guess(KINDS, seen("cue", *reds, "solid", "stripe", "eight")) == "snooker"


def test_an_old_network_sees_many_plain_balls_where_snooker_is_played() -> None:
    balls = seen("cue", *["plain"] * 14, kinds=OLD)
    assert guess(OLD, balls) == "snooker"
    assert guess(OLD, seen("cue", "solid", "stripe", "stripe", kinds=OLD)) in POOL


def test_a_table_that_is_large_for_its_balls_is_one_for_snooker() -> None:
    balls = seen("cue", *["solid"] * 5)
    assert guess(KINDS, balls, room=1700.0) == "snooker"
    assert guess(KINDS, balls, room=1100.0) in POOL
    assert guess(KINDS, balls) in POOL


def test_a_snooker_table_seen_from_the_side_is_known_by_its_balls() -> None:
    assert guess(KINDS, seen("cue", *["red"] * 5), room=700.0) == "snooker"


def test_room_counts_the_cloth_in_balls() -> None:
    rgb = np.full((360, 640, 3), (60, 50, 45), np.uint8)
    rgb[90:270, 160:480] = (30, 140, 60)
    balls = [(200.0, 100.0, 210.0, 108.0), (300.0, 150.0, 310.0, 160.0), (9.0, 9.0, 99.0, 99.0)]
    assert room_for(balls, rgb) == pytest.approx(180 * 320 / 100, rel=0.05)


def test_there_is_no_room_to_speak_of_without_cloth_or_balls() -> None:
    dark = np.zeros((90, 160, 3), np.uint8)
    assert room_for([(0, 0, 10, 10)], dark) is None
    assert room_for([], np.full((90, 160, 3), (30, 140, 60), np.uint8)) is None


def test_there_is_no_game_without_balls() -> None:
    assert guess(KINDS, np.zeros((0, len(KINDS))), room=2000.0) == "any"


def test_names_that_are_no_kinds_say_nothing_of_the_game() -> None:
    assert guess(("8-ball", "rack"), np.array([[0.5, 0.5]])) == "any"


@given(st.permutations(range(6)))
def test_the_order_of_the_balls_does_not_matter(order: list[int]) -> None:
    balls = seen("cue", "red", "red", "solid", "stripe", "black")
    assert guess(KINDS, balls[order]) == guess(KINDS, balls)


@given(st.integers(0, 23), st.integers(0, 10_000))
def test_any_beliefs_give_a_game_that_exists(count: int, seed: int) -> None:
    raw = np.random.default_rng(seed).random((count, len(KINDS))) + 1e-9
    assert profile(guess(KINDS, raw / raw.sum(1, keepdims=True)))


@pytest.mark.parametrize("name", ["auto", *PROFILES])
def test_every_profile_can_be_asked_for_and_so_can_a_guess(name: str) -> None:
    assert check(name) == name


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(SettingsError, match="profile='bowls'"):
        check("bowls")
