"""Pairs rows with columns so that the sum of affinities is greatest. Knows numbers only, not what they stand for."""

import numpy as np
from numpy.typing import NDArray

Affinity = NDArray[np.float64]


def assign(affinity: Affinity) -> list[tuple[int, int]]:
    """Return the pairs (row, column) of the greatest total, each row and column at most once, in order.

    ``affinity`` is float (rows, columns). What does not exceed 0 is never paired. The method is
    exact: shortest augmenting paths with potentials (Jonker and Volgenant, Computing 38, 1987).
    """
    gain = np.clip(np.asarray(affinity, np.float64), 0, None)
    if not gain.size:
        return []
    if gain.shape[0] > gain.shape[1]:
        return sorted((row, column) for column, row in assign(gain.T))
    owners = _cheapest(-gain)
    pairs = ((int(row), column) for column, row in enumerate(owners) if row >= 0)
    return sorted((row, column) for row, column in pairs if gain[row, column] > 0)


def _cheapest(cost: Affinity) -> NDArray[np.int64]:
    """Return the row that owns each column, -1 for none; ``cost`` has no more rows than columns."""
    rows, columns = cost.shape
    padded = np.hstack([np.zeros((rows, 1)), cost])  # column 0 is where a row waits to be placed
    owner = np.full(columns + 1, -1)
    row_price, column_price = np.zeros(rows), np.zeros(columns + 1)
    for row in range(rows):
        owner[0] = row
        end, came_from = _search(padded, owner, row_price, column_price)
        while end:
            owner[end] = owner[came_from[end]]
            end = int(came_from[end])
    return owner[1:]


def _search(
    cost: Affinity, owner: NDArray[np.int64], row_price: Affinity, column_price: Affinity
) -> tuple[int, NDArray[np.int64]]:
    """Return the free column at the end of the shortest path and, for each column, the one before it.

    The prices are brought up to date in place.
    """
    columns = cost.shape[1]
    best, came_from = np.full(columns, np.inf), np.zeros(columns, np.int64)
    done = np.zeros(columns, bool)
    here = 0
    while owner[here] >= 0:
        done[here] = True
        row = owner[here]
        reduced = cost[row] - row_price[row] - column_price
        better = ~done & (reduced < best)
        best[better], came_from[better] = reduced[better], here
        following = int(np.argmin(np.where(done, np.inf, best)))
        step = best[following]
        row_price[owner[done]] += step
        column_price[done] -= step
        best[~done] -= step
        here = following
    return here, came_from
