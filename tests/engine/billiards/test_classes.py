"""Kinds of balls and the games that use them: a kind is a name for a ball, never a reason to lose one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.billiards.classes import (
    BALL,
    KINDS,
    POCKET,
    PROFILES,
    SNOOKER_VALUES,
    kind_of,
    named,
    profile,
    rows,
)
from engine.errors import SettingsError

OURS = (BALL, POCKET, *KINDS)
OLD = ("cue", "solid", "stripe", "eight", "plain")


def names(classes: tuple[str, ...], game: str) -> set[str]:
    return {classes[index] for index in named(classes, game)}


def test_the_vocabulary_has_twelve_kinds_each_once() -> None:
    assert len(KINDS) == len(set(KINDS)) == 12
    assert set(SNOOKER_VALUES) < set(KINDS)
    assert not {BALL, POCKET} & set(KINDS)


@pytest.mark.parametrize(
    ("game", "balls"), [("eight-ball", 16), ("nine-ball", 10), ("snooker", 22), ("carom", 6)]
)
def test_each_game_has_its_number_of_balls_of_known_kinds(game: str, balls: int) -> None:
    assert profile(game).balls == balls
    assert set(profile(game).kinds) == set(profile(game).most) <= set(KINDS)
    assert profile(game).name == game


def test_every_game_has_a_cue_ball_and_any_game_has_every_kind() -> None:
    assert all("cue" in one.kinds for one in PROFILES.values())
    assert profile("any").kinds == KINDS


def test_kinds_of_a_game_come_in_the_order_of_the_vocabulary() -> None:
    assert profile("snooker").kinds == ("cue", *SNOOKER_VALUES)
    for one in PROFILES.values():
        assert list(one.kinds) == sorted(one.kinds, key=KINDS.index)


def test_an_unknown_game_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"profile='chess': expected one of .*snooker.*any"):
        profile("chess")


@pytest.mark.parametrize(("value", "kind"), list(enumerate(SNOOKER_VALUES, 1)))
def test_a_plain_ball_of_footage_without_a_game_is_named_by_its_snooker_value(
    value: int, kind: str
) -> None:
    assert kind_of("plain", value) == kind
    assert kind_of("plain", value, game="carom") == "plain"


@pytest.mark.parametrize("number", [0, 8, -1])
def test_a_plain_ball_without_a_snooker_value_stays_plain(number: int) -> None:
    assert kind_of("plain", number) == "plain"


@given(label=st.sampled_from(KINDS), number=st.integers(0, 15), game=st.sampled_from([*PROFILES]))
def test_a_kind_that_footage_names_with_its_game_is_that_kind(
    label: str, number: int, game: str
) -> None:
    assert kind_of(label, number, game=game) == label


@given(st.text(max_size=8).filter(lambda label: label not in KINDS), st.integers(0, 15))
def test_a_label_that_nobody_knows_is_still_a_ball(label: str, number: int) -> None:
    assert kind_of(label, number) == BALL


def test_a_network_of_ours_finds_by_one_class_and_names_by_the_kinds() -> None:
    found, kinds, pockets = rows(OURS)
    assert [OURS[index] for index in found] == [BALL]
    assert tuple(OURS[index] for index in kinds) == KINDS
    assert [OURS[index] for index in pockets] == [POCKET]


@pytest.mark.parametrize("classes", [OLD, (BALL,), ("8-ball", "cue ball"), (BALL, "rack")])
def test_in_a_network_of_others_every_class_is_a_ball(classes: tuple[str, ...]) -> None:
    every = tuple(range(len(classes)))
    assert rows(classes) == (every, every, ())


def test_a_pocket_is_no_ball_in_any_network() -> None:
    assert rows(("solid", POCKET, "stripe")) == ((0, 2), (0, 2), (1,))


@given(st.sampled_from([*PROFILES]))
def test_balls_of_a_game_are_called_by_its_kinds_alone(game: str) -> None:
    assert names(OURS, game) == set(profile(game).kinds)


def test_kinds_that_an_old_network_does_not_know_are_plain_to_it() -> None:
    assert names(OLD, "snooker") == {"cue", "plain"}
    assert names(OLD, "eight-ball") == {"cue", "solid", "stripe", "eight"}
    assert names(OLD, "any") == set(OLD)


@given(
    st.lists(st.sampled_from([*KINDS, BALL, POCKET, "rack"]), min_size=1, unique=True),
    st.sampled_from([*PROFILES]),
)
def test_whatever_the_game_a_network_with_balls_has_a_name_for_each(
    classes: list[str], game: str
) -> None:
    chosen = named(classes, game)
    assert chosen or set(classes) <= {POCKET}
    assert all(classes[index] != POCKET for index in chosen)


def test_names_of_a_foreign_network_stay_where_no_kind_is_known() -> None:
    assert names(("8-ball", "cue ball"), "snooker") == {"8-ball", "cue ball"}


def test_naming_by_an_unknown_game_is_refused() -> None:
    with pytest.raises(SettingsError, match="profile='golf'"):
        named(OURS, "golf")
