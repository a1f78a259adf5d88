"""A closer look: only where balls are small, only at the table, and never so that a ball is cut in every part."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.billiards.regions import (
    MOST_TILES,
    MOST_ZOOM,
    Region,
    closer,
    cut_off,
    table,
    tiles,
)

SIZES = st.integers(1, 4000)


def room(*, height: int = 1080, width: int = 1920) -> np.ndarray:
    """Return a grey room with a green table from a quarter to three quarters."""
    rgb = np.full((height, width, 3), (60, 50, 45), np.uint8)
    rgb[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = (30, 140, 60)
    return rgb


@given(SIZES, SIZES, st.integers(40, 1500), st.floats(1, 20))
def test_tiles_cover_the_region_and_none_is_too_large(
    width: int, height: int, largest: int, shared: float
) -> None:
    region = (7, 5, 7 + width, 5 + height)
    parts = tiles(region, largest=largest, shared=shared)
    assert min(p[0] for p in parts) == 7
    assert min(p[1] for p in parts) == 5
    assert max(p[2] for p in parts) == 7 + width
    assert max(p[3] for p in parts) == 5 + height
    assert all(p[2] - p[0] <= largest and p[3] - p[1] <= largest for p in parts)


@given(SIZES, st.integers(40, 1500), st.integers(1, 20), st.floats(0, 1))
def test_whatever_is_no_longer_than_the_overlap_is_whole_in_a_tile(
    width: int, largest: int, shared: int, place: float
) -> None:
    parts = tiles((0, 0, width, 10), largest=largest, shared=shared)
    left = place * max(0, width - shared)
    right = min(width, left + shared)
    assert any(x0 <= left and right <= x1 for x0, _, x1, _ in parts)


def test_a_region_that_fits_stays_whole() -> None:
    assert tiles((3, 4, 103, 84), largest=100, shared=30) == ((3, 4, 103, 84),)


def test_the_table_is_boxed_with_a_margin_inside_the_picture() -> None:
    x0, y0, x1, y1 = table(room(), margin=20)
    assert np.abs(np.array([x0, y0, x1, y1]) - [460, 250, 1460, 830]).max() <= 20
    assert table(room(), margin=5000) == (0, 0, 1920, 1080)


def test_a_picture_without_a_table_is_all_there_is() -> None:
    assert table(np.zeros((90, 160, 3), np.uint8), margin=5) == (0, 0, 160, 90)


def test_balls_that_are_large_enough_need_no_closer_look() -> None:
    assert closer(room(), ball=15.0, scale=0.67, side=1280) == (0.67, ())


def test_small_balls_are_looked_at_where_the_table_is_and_larger() -> None:
    scale, parts = closer(room(), ball=12.0, scale=0.67, side=1280)
    assert scale == pytest.approx(16 / 12)
    assert len(parts) == 2
    assert all(x0 >= 440 and x1 <= 1490 for x0, _, x1, _ in parts)
    assert all(max(x1 - x0, y1 - y0) * scale <= 1280 for x0, y0, x1, y1 in parts)


@given(st.floats(1, 40), st.sampled_from([(270, 480), (540, 960), (1080, 1920)]))
@settings(max_examples=15, deadline=None)
def test_a_closer_look_is_closer_and_has_an_end(ball: float, size: tuple[int, int]) -> None:
    before = 640 / size[1]
    scale, parts = closer(room(height=size[0], width=size[1]), ball=ball, scale=before, side=640)
    assert len(parts) <= MOST_TILES
    assert scale <= max(before, MOST_ZOOM)
    if parts:
        assert scale > before


def test_where_nothing_can_be_won_there_is_no_second_look() -> None:
    """Pixels that the camera did not see are not made by enlarging them."""
    assert closer(room(), ball=4.0, scale=1.9, side=4096)[1] == ()


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        ((120, 60, 140, 80), False),
        ((100.5, 60, 120, 80), True),
        ((280, 60, 299.5, 80), True),
        ((120, 50.2, 140, 80), True),
        ((120, 180, 140, 199.9), False),
    ],
)
def test_a_box_at_an_inner_edge_goes_on_beyond_it(box: tuple[float, ...], cut: object) -> None:
    part: Region = (100, 50, 300, 200)
    assert cut_off(box, part, (400, 200)) is cut  # type: ignore[arg-type]  # four numbers


def test_the_pictures_own_edge_cuts_nothing() -> None:
    assert not cut_off((0, 0, 20, 20), (0, 0, 100, 100), (100, 100))
