"""The game is read off the balls: which kinds there are, and how many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.billiards.classes import KINDS, PROFILES, profile
from engine.billiards.guess import check, guess
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


def test_there_is_no_game_without_balls() -> None:
    assert guess(KINDS, np.zeros((0, len(KINDS)))) == "any"


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
