"""A mask is measured as what it is: a disc, a crescent, a smear, pieces, a ring; and a ball's size is known from the others."""

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine import rle
from engine.doubts.sight import Sight, sight
from engine.doubts.sizes import Sizes
from engine.types import TrackMask

HIGH, WIDE = 120, 160
ndimage = pytest.importorskip("scipy.ndimage")
Y, X = np.mgrid[:HIGH, :WIDE] + 0.5


def seen(grid: NDArray[np.bool_], *, track: int = 1) -> Sight:
    found = sight(TrackMask(track, rle.encode(grid)))
    assert found is not None
    return found


def disc(x: float, y: float, radius: float) -> NDArray[np.bool_]:
    return np.hypot(X - x, Y - y) <= radius


@pytest.mark.parametrize("radius", [5, 8, 20])
def test_a_disc_is_as_long_as_broad_and_fills_its_ellipse(radius: float) -> None:
    one = seen(disc(70, 60, radius))
    assert one.middle == pytest.approx((70, 60), abs=0.1)
    assert one.length == pytest.approx(2 * radius, rel=0.05)
    assert one.breadth == pytest.approx(2 * radius, rel=0.05)
    assert one.filled == pytest.approx(1, abs=0.02)
    assert (one.loose, one.hollow, one.at_rim) == (0, 0, False)


def test_a_smear_is_hardly_broader_than_its_ball_and_fills_its_ellipse() -> None:
    smear = np.zeros((HIGH, WIDE), bool)
    for step in range(20):
        smear |= disc(50 + step, 60 + step, 8)
    one = seen(smear)
    assert 15.5 < one.breadth < 16 * 1.16  # a rectangle is 1.15 as broad as its ellipse of moments
    assert one.length > 30
    assert one.filled > 0.95


def test_two_discs_are_in_pieces_and_leave_their_ellipse_empty() -> None:
    one = seen(disc(50, 60, 8) | disc(80, 60, 6))
    assert one.loose == pytest.approx(36 / 100, abs=0.03)
    assert one.filled < 0.7


def test_a_ring_is_hollow() -> None:
    one = seen(disc(70, 60, 10) & ~disc(70, 60, 5))
    assert one.hollow == pytest.approx(25 / 75, abs=0.05)
    assert one.loose == 0


def test_a_mask_without_a_pixel_has_no_look() -> None:
    assert sight(TrackMask(1, rle.empty((HIGH, WIDE)))) is None


@pytest.mark.parametrize(("x", "y"), [(2, 60), (158, 60), (70, 1), (70, 119)])
def test_the_rim_is_seen_on_every_side(x: float, y: float) -> None:
    assert seen(disc(x, y, 6)).at_rim


@given(arrays(np.bool_, (9, 11), elements=st.booleans()))
def test_pieces_and_holes_are_those_that_scipy_counts(grid: NDArray[np.bool_]) -> None:
    grid[4, 5] = True
    one = seen(grid)
    labels, count = ndimage.label(grid, np.ones((3, 3)))
    largest = max(int((labels == k).sum()) for k in range(1, count + 1))
    holes = ndimage.binary_fill_holes(grid) & ~grid
    assert one.loose == pytest.approx(1 - largest / grid.sum())
    assert one.hollow == pytest.approx(holes.sum() / grid.sum())


@given(arrays(np.bool_, (9, 11), elements=st.booleans()), st.integers(0, 100), st.integers(0, 90))
def test_a_place_in_the_picture_changes_no_measure(grid: NDArray[np.bool_], x: int, y: int) -> None:
    grid[4, 5] = True
    whole = np.zeros((HIGH, WIDE), bool)
    whole[y : y + 9, x : x + 11] = grid
    here, there = seen(grid), seen(whole)
    assert there.area == here.area
    assert there.middle == pytest.approx((here.middle[0] + x, here.middle[1] + y))
    assert (there.length, there.breadth) == pytest.approx((here.length, here.breadth))


def table(*, wrong: float = 1.0) -> list[Sight]:
    """Return eight balls on a table that recedes, the last of which is larger by ``wrong``."""
    places = [(20 + 17 * i, 15 + 11 * i if i % 2 else 100 - 9 * i) for i in range(8)]
    return [
        seen(disc(x, y, 5 * 1.5 ** (y / HIGH) * (wrong if i == 7 else 1)), track=i + 1)
        for i, (x, y) in enumerate(places)
    ]


def test_the_size_of_a_ball_follows_from_the_others_and_from_where_it_lies() -> None:
    sizes = Sizes(HIGH)
    sizes.learn(table())
    for y in (20, 60, 100):
        one = seen(disc(90, y, 5), track=99)
        assert sizes.right(one) == pytest.approx(10 * 1.5 ** (y / HIGH), rel=0.1)


def test_a_wrong_mask_does_not_teach_the_others() -> None:
    sizes = Sizes(HIGH)
    balls = table(wrong=1.6)
    sizes.learn(balls)
    right = 10 * 1.5 ** (balls[-1].middle[1] / HIGH)
    assert sizes.right(balls[-1]) == pytest.approx(right, rel=0.15)
    assert sizes.usual(balls[-1]) < 1.3 * right  # it is 1.6 times as large


def test_crescents_and_masks_at_the_rim_teach_nothing() -> None:
    sizes = Sizes(HIGH)
    sizes.learn([seen(disc(70, 60, 8) & (X < 66)), seen(disc(0, 60, 8), track=2)])
    whole = seen(disc(90, 60, 8), track=3)
    assert sizes.right(whole) == 0
    assert sizes.usual(whole) == pytest.approx(16, rel=0.05)


def test_a_disc_has_the_area_of_its_diameter() -> None:
    one = seen(disc(70, 60, 9))
    assert pi / 4 * one.diameter**2 == pytest.approx(one.area, rel=0.03)
