"""Maps of where balls lie: what moves, comes or goes changes them; a sure ball is a sure ball; light counts little."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.adapters.embed_balls import GRID, LIGHT, REST, SURE, ball_map, shades, united

PLACES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20)
DARK = np.zeros(LIGHT)


def product(one, other) -> float:
    return float(united(one, DARK) @ united(other, DARK))


def drawn(*places: tuple[float, float], score: float = 1.0) -> np.ndarray:
    return ball_map(np.array(places).reshape(-1, 2), np.full(len(places), score))


def test_a_ball_is_a_hill_where_it_lies() -> None:
    hills = drawn((0.25, 0.75))
    row, column = np.unravel_index(hills.argmax(), GRID)
    assert (row, column) in {(12, 7), (12, 8), (13, 7), (13, 8)}
    assert hills.shape == GRID
    assert hills[0, -1] < 1e-6


@given(PLACES, st.floats(SURE, 1))
def test_how_sure_a_sure_ball_is_does_not_matter(places, score: float) -> None:
    assert np.array_equal(drawn(*places), drawn(*places, score=score))


@given(PLACES)
def test_the_order_of_balls_does_not_matter_and_one_counted_twice_is_one(places) -> None:
    assert np.allclose(drawn(*places), drawn(*reversed(places), places[0]))


def test_a_ball_that_moves_costs_its_share_and_one_hardly_seen_costs_less() -> None:
    places = [(0.1 + 0.2 * k, 0.2 + 0.3 * m) for k in range(5) for m in range(3)]
    all_ = drawn(*places)
    moved = drawn(*places[1:], (0.2, 0.95))
    assert product(all_, moved) == pytest.approx(14 / 15, abs=0.01)
    doubtful = ball_map(np.array([*places, (0.2, 0.95)]), np.array([1.0] * 15 + [0.25]))
    assert product(all_, doubtful) > 0.985


def test_a_step_of_a_tenth_of_the_picture_is_seen_and_one_of_a_hundredth_hardly() -> None:
    assert product(drawn((0.5, 0.5)), drawn((0.6, 0.5))) < 0.2
    assert product(drawn((0.5, 0.5)), drawn((0.51, 0.5))) > 0.97


def test_the_light_of_a_picture_counts_little_where_there_are_balls() -> None:
    light = np.random.default_rng(1).normal(size=LIGHT)
    one, other = united(drawn((0.5, 0.5)), light), united(drawn((0.5, 0.5)), -light)
    assert one @ other == pytest.approx(1 - 2 * REST, abs=1e-5)


def test_pictures_without_balls_are_told_by_their_light_alone() -> None:
    light = np.random.default_rng(1).normal(size=LIGHT)
    none = np.zeros(GRID)
    assert united(none, light) @ united(none, light) == pytest.approx(1)
    assert united(none, light) @ united(none, -light) == pytest.approx(-1)
    assert united(none, DARK) @ united(none, DARK) == pytest.approx(1)


@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_light_and_dark_are_told_around_the_mean_of_any_picture(rgb) -> None:
    light = shades(rgb)
    assert light.shape == LIGHT
    assert abs(light.mean()) < 1e-6
    assert np.abs(light).max() <= 255


def test_light_falls_where_it_falls() -> None:
    rgb = np.zeros((90, 160, 3), np.uint8)
    rgb[:10, :10] = 255
    light = shades(rgb)
    assert light.argmax() == 0
    assert light[0, 0] - light[1, 1] == pytest.approx(255)


def test_a_name_is_given_without_loading_a_network() -> None:
    script = "import sys; from engine.adapters.embed_balls import BallEmbedder; print(BallEmbedder().name, 'torch' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    name, loaded = said.stdout.split()
    assert name.startswith("balls-")
    assert loaded == "False"
