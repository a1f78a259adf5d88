"""A lens bends straight lines, mildly, one to one, and the way back is exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.synth.lens import STRAIGHT, Lens, distort, random_lens, stretch, undistort

seeds = st.integers(0, 10_000)
reaches = st.floats(0.1, 0.9)
shares = st.floats(-2.5, 2.5)


def drawn(seed: int, reach: float) -> Lens:
    return random_lens(np.random.default_rng(seed), reach)


@given(seeds, reaches, shares, shares)
def test_undistort_is_the_inverse_of_distort_even_far_outside_the_picture(
    seed: int, reach: float, x: float, y: float
) -> None:
    lens, point = drawn(seed, reach), np.array([x, y])
    np.testing.assert_allclose(undistort(lens, distort(lens, point)), point, atol=1e-8)


@given(seeds, reaches, shares, shares)
def test_distort_is_the_inverse_of_undistort(seed: int, reach: float, x: float, y: float) -> None:
    lens, point = drawn(seed, reach), np.array([x, y])
    np.testing.assert_allclose(distort(lens, undistort(lens, point)), point, atol=1e-8)


@given(seeds, reaches)
def test_points_never_fold_over_each_other(seed: int, reach: float) -> None:
    radii = np.linspace(0, 4 * reach, 400)
    seen = distort(drawn(seed, reach), np.stack([radii, np.zeros_like(radii)], axis=-1))[:, 0]
    assert (np.diff(seen) > 0).all()


@given(seeds, reaches)
def test_corners_move_by_at_most_a_seventh(seed: int, reach: float) -> None:
    corner = np.array([reach * 0.8, reach * 0.6])
    moved = distort(drawn(seed, reach), corner) - corner
    assert np.linalg.norm(moved) < reach / 7


def test_barrels_are_commoner_than_cushions_and_both_occur() -> None:
    ends = [distort(drawn(k, 0.5), np.array([0.5, 0.0]))[0] for k in range(200)]
    barrels = sum(end < 0.5 for end in ends)
    assert 110 < barrels < 180


def test_a_barrel_pulls_corners_in_and_a_cushion_pushes_them_out() -> None:
    corner = np.array([0.4, 0.3])
    assert np.linalg.norm(distort(Lens(k1=-0.2), corner)) < 0.5
    assert np.linalg.norm(distort(Lens(k1=0.2), corner)) > 0.5


def test_the_axis_stays_where_it_is() -> None:
    np.testing.assert_array_equal(undistort(Lens(k1=-0.3), np.zeros(2)), np.zeros(2))


def test_a_straight_lens_changes_nothing() -> None:
    points = np.random.default_rng(1).normal(0, 1, (20, 2))
    np.testing.assert_array_equal(distort(STRAIGHT, points), points)
    assert STRAIGHT.straight
    assert not Lens(k1=0.01).straight


@pytest.mark.parametrize("k1", [-0.5, -1.0])
def test_a_lens_that_folds_the_picture_is_refused_with_its_numbers(k1: float) -> None:
    with pytest.raises(InputError, match=rf"k1={k1}.*smaller"):
        Lens(k1=k1, limit=1.0)


@given(seeds, reaches, st.floats(0.0, 1.0))
def test_small_things_are_never_seen_larger_than_stretch_says(
    seed: int, reach: float, share: float
) -> None:
    lens = drawn(seed, reach)
    at = np.array([share * reach, 0.0])
    for side in (np.array([1e-5, 0.0]), np.array([0.0, 1e-5])):
        size = np.linalg.norm(distort(lens, at + side) - distort(lens, at - side)) / 2e-5
        assert size <= stretch(lens, share * reach) + 1e-4
