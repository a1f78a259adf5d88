"""Balls lie on the table, apart from each other and from the pockets, whoever placed them."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.synth import balls, layout
from engine.synth.camera import Floats
from engine.synth.table import KINDS, Table, random_table

KIND_OF = {"eight-ball": "pool", "nine-ball": "pool", "snooker": "snooker", "carom": "carom"}
Checked = Callable[[Floats, Table], None]


def lie_well(places: Floats, table: Table) -> None:
    """Fail where two balls overlap, or one is in a cushion or over a hole."""
    limit = np.array([table.length, table.width]) / 2 - table.ball
    assert (np.abs(places) <= limit + 1e-9).all()
    gaps = np.linalg.norm(places[:, None] - places[None], axis=-1)
    assert (gaps[~np.eye(len(places), dtype=bool)] >= 2 * table.ball).all()
    for pocket in table.pockets():
        assert np.linalg.norm(places - pocket, axis=1).min() > table.pocket


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(sorted(KINDS)),
    st.integers(1, 22),
    st.sampled_from(["racked", "scattered"]),
)
def test_scattered_balls_lie_apart_within_the_cushions(
    seed: int, kind: str, count: int, how: str
) -> None:
    rng = np.random.default_rng(seed)
    table = random_table(rng, kind)
    places = layout.scattered(rng, table, count, racked=how == "racked")
    assert places.shape[1] == 2
    assert 1 <= len(places) <= count
    lie_well(places, table)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(balls.PROFILES))
def test_racked_balls_lie_apart_within_the_cushions(seed: int, profile: str) -> None:
    rng = np.random.default_rng(seed)
    table = random_table(rng, KIND_OF[profile])
    looks = balls.random_set(rng, profile, full=True)
    places = layout.racked(rng, table, looks, profile)
    assert len(places) == len(looks)
    lie_well(places, table)


@pytest.mark.parametrize(("profile", "middle"), [("eight-ball", 8), ("nine-ball", 9)])
def test_the_ball_that_decides_is_in_the_middle_of_the_rack(
    profile: str, middle: int, pool: Table
) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        looks = balls.random_set(rng, profile, full=True)
        places = layout.racked(rng, pool, looks, profile)
        index = next(k for k, look in enumerate(looks) if look.number == middle)
        gaps = np.linalg.norm(places[1:] - places[index], axis=1)
        assert (gaps < 2.2 * pool.ball).sum() - 1 == 6


def test_the_cue_ball_waits_behind_the_line_and_the_rack_stands_on_the_foot_spot(
    pool: Table,
) -> None:
    rng = np.random.default_rng(1)
    looks = balls.random_set(rng, "eight-ball", full=True)
    places = layout.racked(rng, pool, looks, "eight-ball")
    assert places[0, 0] <= -pool.length / 4
    assert (places[1:, 0] >= pool.length / 4 - 1e-9).all()


def test_snooker_colours_are_on_their_spots_and_reds_behind_the_pink() -> None:
    rng = np.random.default_rng(1)
    table = random_table(rng, "snooker")
    looks = balls.random_set(rng, "snooker", full=True)
    places = {
        look.label: spot
        for look, spot in zip(looks, layout.racked(rng, table, looks, "snooker"), strict=True)
    }
    assert places["blue"] == pytest.approx((0, 0))
    assert places["yellow"][0] == places["green"][0] == places["brown"][0] < 0
    assert places["yellow"][1] == -places["green"][1]
    assert 0 < places["pink"][0] < places["red"][0] < places["black"][0]


def test_groups_stand_closer_than_scattered_balls(pool: Table) -> None:
    def nearest(*, grouped: bool) -> float:
        gaps = []
        for seed in range(30):
            places = layout.scattered(np.random.default_rng(seed), pool, 12, racked=grouped)
            away = np.linalg.norm(places[:, None] - places[None], axis=-1)
            gaps.append(np.median((away + np.eye(len(places)) * 9).min(axis=0)))
        return float(np.mean(gaps))

    assert nearest(grouped=True) < nearest(grouped=False)


def test_balls_on_cushions_and_in_jaws_occur(pool: Table) -> None:
    limit = np.array([pool.length, pool.width]) / 2 - pool.ball
    frozen, jaws = 0, 0
    for seed in range(60):
        places = layout.scattered(np.random.default_rng(seed), pool, 10)
        frozen += int((np.abs(np.abs(places) - limit) < 0.001).any())
        near = np.linalg.norm(places[:, None] - pool.pockets()[None], axis=-1).min()
        jaws += int(near < 2.2 * pool.pocket)
    assert frozen > 20
    assert jaws > 10
