"""The game is read off the balls: which kinds there are, and how many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.billiards.classes import KINDS, PROFILES, profile
from engine.billiards.cloth import Hull
from engine.billiards.guess import balls_across, check, guess, table_width
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
    assert guess(KINDS, balls, across=35.0) == "snooker"
    assert guess(KINDS, balls, across=25.0) in POOL
    assert guess(KINDS, balls) in POOL


def test_where_only_a_part_of_the_table_is_seen_the_balls_decide() -> None:
    assert guess(KINDS, seen("cue", *["red"] * 5), across=14.0) == "snooker"


def outline(wide: float, *, turn: float, elevation: float, ball: float = 10.0) -> Hull:
    """Return what a table of ``wide`` balls shows of itself, angles in degrees, to a camera far away."""
    corners = np.array([[-1, -2], [1, -2], [1, 2], [-1, 2]]) * wide / 2 * ball
    t = np.radians(turn)
    turned = corners @ np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    return Hull(turned * [1, np.sin(np.radians(elevation))] + 1000)


@pytest.mark.parametrize("wide", [24.0, 36.0])
@given(turn=st.floats(-89.5, 89.5), elevation=st.floats(15, 90))
def test_a_table_is_never_taken_for_wider_than_it_is(
    wide: float, turn: float, elevation: float
) -> None:
    told = table_width(outline(wide, turn=turn, elevation=elevation), ball=10.0)
    assert wide / 2 - 0.1 <= told <= wide + 0.1


@pytest.mark.parametrize("wide", [24.0, 36.0])
@pytest.mark.parametrize("turn", [0, 10, -10, 80, 90])
@pytest.mark.parametrize("elevation", [35, 50, 90])
def test_seen_from_an_end_or_from_a_side_its_width_is_told(
    wide: float, turn: float, elevation: float
) -> None:
    told = table_width(outline(wide, turn=turn, elevation=elevation), ball=10.0)
    assert told == pytest.approx(wide, rel=0.02)


def test_the_table_is_measured_in_the_balls_that_lie_on_it() -> None:
    rgb = np.full((360, 640, 3), (60, 50, 45), np.uint8)
    rgb[90:270, 140:500] = (30, 140, 60)
    balls = [(200.0, 100.0, 205.0, 104.0), (300.0, 150.0, 305.0, 155.0), (9.0, 9.0, 99.0, 99.0)]
    assert balls_across(balls, rgb) == pytest.approx(36, rel=0.05)


def test_there_is_no_width_without_cloth_or_balls() -> None:
    dark = np.zeros((90, 160, 3), np.uint8)
    assert balls_across([(0, 0, 10, 10)], dark) is None
    assert balls_across([], np.full((90, 160, 3), (30, 140, 60), np.uint8)) is None
    assert balls_across([(5, 5, 5, 5)], np.full((90, 160, 3), (30, 140, 60), np.uint8)) is None


def test_there_is_no_game_without_balls() -> None:
    assert guess(KINDS, np.zeros((0, len(KINDS))), across=36.0) == "any"


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
