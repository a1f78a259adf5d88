"""Where the next click goes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from engine import rle
from engine.errors import InputError
from engine.evaluation.clicking import click_into, next_click
from engine.types import Point


def test_the_first_click_goes_into_the_middle_of_the_ball(square) -> None:
    click = click_into(square(10, 20, 11))
    assert click == Point(15.5, 25.5, positive=True)


def test_a_missing_part_gets_a_positive_click_in_its_middle(square) -> None:
    true = square(10, 20, 11)
    found = rle.subtract(true, square(10, 20, 5))
    assert next_click(true, found) == Point(12.5, 22.5, positive=True)


def test_a_surplus_gets_a_negative_click_where_it_is_deepest(square) -> None:
    true = square(10, 20, 5)
    found = rle.merge([true, square(40, 20, 9)])
    assert next_click(true, found) == Point(44.5, 24.5, positive=False)


def test_the_larger_error_is_clicked_first(square) -> None:
    true = rle.merge([square(10, 20, 5), square(100, 20, 9)])
    found = rle.merge([square(10, 20, 5), square(60, 20, 7)])
    assert next_click(true, found) == Point(104.5, 24.5, positive=True)


def test_a_long_thin_error_weighs_less_than_a_compact_one() -> None:
    true, found = np.zeros((40, 40), bool), np.zeros((40, 40), bool)
    true[5, :] = True  # 40 pixels missing, one deep
    found[20:25, 20:25] = True  # 25 pixels too much, three deep
    click = next_click(rle.encode(true), rle.encode(found))
    assert click == Point(22.5, 22.5, positive=False)


def test_where_nothing_is_wrong_nothing_is_clicked(square) -> None:
    assert next_click(square(3), square(3)) is None
    assert next_click(rle.empty((5, 5)), None) is None


def test_an_empty_mask_has_no_middle() -> None:
    with pytest.raises(InputError, match="nothing to click on"):
        click_into(rle.empty((5, 5)))


@given(true=arrays(bool, (9, 12)), found=arrays(bool, (9, 12)))
def test_a_click_lies_in_an_error_of_its_own_sign(true: np.ndarray, found: np.ndarray) -> None:
    click = next_click(rle.encode(true), rle.encode(found))
    if click is None:
        assert (true == found).all()
    else:
        row, column = int(click.y), int(click.x)
        assert true[row, column] == click.positive
        assert found[row, column] != click.positive
