"""The cloth of a table is found by its colour, and only where there is one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.billiards.cloth import Hull, connected, convex_hull, playing_surface

Picture = NDArray[np.uint8]
SQUARE = Hull(np.array([[0.0, 0], [0, 10], [10, 10], [10, 0]])[::-1])


def room(cloth: tuple[int, int, int], *, floor: tuple[int, int, int] = (60, 50, 45)) -> Picture:
    """Return a noisy 180 x 320 floor with a trapezoid of cloth between rows 40 and 150."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:180, :320]
    half = 60 + (y - 40) * 0.6
    on = (y >= 40) & (y < 150) & (abs(x - 160) < half)
    rgb = np.where(on[..., None], cloth, floor) * np.linspace(0.7, 1.1, 320)[:, None]
    return np.clip(rgb + rng.normal(0, 4, rgb.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("cloth", [(30, 140, 60), (40, 130, 210), (150, 30, 40), (90, 95, 105)])
def test_cloth_of_any_colour_is_found_under_uneven_light(cloth: tuple[int, int, int]) -> None:
    hull = playing_surface(room(cloth))
    assert hull is not None
    truth = (2 * 60 + 2 * (60 + 110 * 0.6)) / 2 * 110
    assert hull.area == pytest.approx(truth, rel=0.12)
    assert hull.distance((160, 95)) < -40
    assert hull.distance((20, 20)) > 60


def test_balls_hands_and_lines_on_the_cloth_do_not_tear_it() -> None:
    rgb = room((30, 140, 60))
    plain = playing_surface(rgb)
    rgb[100:104, 80:240] = 240
    rgb[60:75, 150:165] = (200, 20, 20)
    rgb[0:90, 200:215] = (190, 140, 110)
    hull = playing_surface(rgb)
    assert plain is not None
    assert hull is not None
    assert hull.area == pytest.approx(plain.area, rel=0.08)


def test_a_carpet_of_the_cloths_colour_that_hangs_on_by_a_thread_is_cut_off() -> None:
    rgb = room((30, 140, 60))
    rgb[:30] = (30, 140, 60)
    rgb[30:45, 160:162] = (30, 140, 60)
    hull = playing_surface(rgb)
    assert hull is not None
    assert hull.distance((160, 5)) > 20


@pytest.mark.parametrize("colour", [(0, 0, 0), (12, 9, 10)])
def test_a_dark_picture_has_no_cloth(colour: tuple[int, int, int]) -> None:
    assert playing_surface(np.full((90, 160, 3), colour, np.uint8)) is None


def test_confetti_has_no_cloth() -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (180, 320, 3), dtype=np.uint8)
    assert playing_surface(rgb) is None


def test_a_stain_is_too_small_for_a_table() -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (180, 320, 3), dtype=np.uint8)
    rgb[80:100, 150:170] = (30, 140, 60)
    assert playing_surface(rgb) is None


def test_the_surface_is_in_the_pixels_of_the_picture_however_large() -> None:
    small = room((30, 140, 60))
    large = playing_surface(small.repeat(5, 0).repeat(5, 1))
    hull = playing_surface(small)
    assert hull is not None
    assert large is not None
    assert large.area == pytest.approx(25 * hull.area, rel=0.12)


def test_distance_is_negative_inside_and_counts_pixels_outside() -> None:
    assert SQUARE.distance((5, 5)) == -5
    assert SQUARE.distance((5, 12)) == 2
    assert SQUARE.distance((-3, 5)) == 3
    assert SQUARE.area == 100


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=40))
@settings(max_examples=80, deadline=None)
def test_a_hull_holds_all_its_points(points: list[tuple[int, int]]) -> None:
    hull = convex_hull(np.array(points, np.float64))
    if hull is None:
        first, second = (
            np.array(points[0]),
            np.array(max(points, key=lambda p: np.hypot(*np.subtract(p, points[0])))),
        )
        along = second - first
        assert all(along[0] * (p[1] - first[1]) == along[1] * (p[0] - first[0]) for p in points)
    else:
        assert max(hull.distance((float(x), float(y))) for x, y in points) <= 1e-9


def test_connected_keeps_the_thickest_part_alone() -> None:
    mask = np.zeros((20, 40), np.bool_)
    mask[2:18, 2:18] = True
    mask[5:9, 30:34] = True
    kept = connected(mask)
    assert kept[3:17, 3:17].all()
    assert not kept[:, 20:].any()


def test_connected_of_nothing_is_nothing() -> None:
    assert not connected(np.zeros((5, 5), np.bool_)).any()


def test_a_close_up_that_shows_nothing_but_cloth_is_all_cloth() -> None:
    rgb = np.full((90, 160, 3), (30, 140, 60), np.uint8)
    assert connected(np.ones((9, 16), np.bool_)).all()
    hull = playing_surface(rgb)
    assert hull is not None
    assert hull.area == pytest.approx(90 * 160, rel=0.05)
