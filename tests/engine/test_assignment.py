"""The pairing of rows and columns is exact: nothing that can be tried by hand beats it."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.assignment import Affinity, assign

tables = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=5),
    elements=st.integers(-3, 6),
)


def best_by_hand(affinity: Affinity) -> float:
    side = max(affinity.shape)
    square = np.zeros((side, side))
    square[: affinity.shape[0], : affinity.shape[1]] = np.clip(affinity, 0, None)
    return max(
        sum(float(square[i, j]) for i, j in enumerate(order)) for order in permutations(range(side))
    )


@given(tables)
def test_no_pairing_has_a_greater_total(affinity: Affinity) -> None:
    total = sum(affinity[row, column] for row, column in assign(affinity))
    assert abs(total - best_by_hand(affinity)) < 1e-9


@given(tables)
def test_each_row_and_column_is_used_once_and_only_for_a_gain(affinity: Affinity) -> None:
    pairs = assign(affinity)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(affinity[pair] > 0 for pair in pairs)


def test_a_greedy_choice_is_given_up_for_a_better_total() -> None:
    assert assign(np.array([[1.0, 0.9], [0.9, 0.0]])) == [(0, 1), (1, 0)]


def test_empty_tables_have_no_pairs() -> None:
    assert assign(np.zeros((0, 3))) == assign(np.zeros((3, 0))) == []
