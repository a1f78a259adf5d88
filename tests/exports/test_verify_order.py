"""Masks whose runs were counted along the rows are found, and no other mask is taken for one."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.types import RLE
from exports.checks.order import by_rows

SIZES = [(64, 96), (96, 64), (576, 1024), (1080, 1920), (848, 480), (120, 240)]


def ball(size: tuple[int, int], x: float, y: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[: size[0], : size[1]]
    return (columns - x) ** 2 + (rows - y) ** 2 < radius**2


def along_rows(mask: np.ndarray) -> RLE:
    """Encode a mask as a careless encoder does: its runs along the rows, under the right size."""
    return rle.encode(mask.ravel().reshape(mask.shape[::-1]).T)


@pytest.mark.parametrize("size", SIZES)
def test_a_ball_in_order_of_rows_is_found_and_in_order_of_columns_not(
    size: tuple[int, int],
) -> None:
    balls = [ball(size, 30 + 2 * k, 40, 9) for k in range(12)]
    assert by_rows([along_rows(mask) for mask in balls])
    assert not by_rows([rle.encode(mask) for mask in balls])


def test_in_a_square_picture_nobody_can_tell() -> None:
    assert not by_rows([along_rows(ball((96, 96), 30 + k, 40, 9)) for k in range(12)])


@given(
    st.sampled_from([(64, 96), (96, 64)]),
    st.lists(st.tuples(*[st.floats(0, 96), st.floats(0, 96), st.floats(0.5, 30)]), max_size=8),
)
def test_whatever_balls_there_are_masks_in_order_are_not_accused(
    size: tuple[int, int], balls: list[tuple[float, float, float]]
) -> None:
    assert not by_rows([rle.encode(ball(size, *one)) for one in balls])


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.5))
def test_scattered_pixels_are_not_accused(seed: int, share: float) -> None:
    dice = np.random.default_rng(seed)
    assert not by_rows([rle.encode(dice.random((64, 96)) < share) for _ in range(4)])


@pytest.mark.parametrize("angle", [0.0, 0.4, 0.8, 1.2, 1.57])
def test_a_cue_that_lies_at_any_angle_is_not_accused(angle: float) -> None:
    rows, columns = np.mgrid[:288, :512]
    along = (columns - 256) * np.cos(angle) + (rows - 144) * np.sin(angle)
    across = (rows - 144) * np.cos(angle) - (columns - 256) * np.sin(angle)
    cue = (np.abs(along) < 120) & (np.abs(across) < 3)
    assert not by_rows([rle.encode(cue)] * 5)


def test_stripes_are_not_accused_where_only_some_frames_look_so() -> None:
    """Fragments that happen to follow each other at the width of the picture, on a few frames."""
    odd = along_rows(ball((64, 96), 30, 40, 9))
    fine = [rle.encode(ball((64, 96), 30 + k, 40, 9)) for k in range(11)]
    assert not by_rows([odd, *fine])


def test_masks_that_are_not_there_say_nothing() -> None:
    assert not by_rows([])
    assert not by_rows([rle.empty((64, 96))] * 3)


def test_the_property_that_it_rests_on() -> None:
    """Runs of a ball in order advance by the height from column to column, and by the width when counted along rows."""
    mask = ball((64, 96), 40, 30, 9)
    for encoded, step in ((rle.encode(mask), 64), (along_rows(mask), 96)):
        flat = rle.decode(encoded).ravel(order="F")
        starts = np.flatnonzero(np.diff(flat, prepend=False) & flat)
        assert all(abs(after - before - step) <= 9 for before, after in pairwise(starts))
