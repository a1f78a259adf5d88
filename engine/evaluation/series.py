"""Mean, recall and decay of a measure over time, as DAVIS defines them. Knows numbers, not what they measure.

Perazzi et al., CVPR 2016: recall is the share of frames above 0.5; decay is the mean of the first quarter less that of the
last one, quarters sharing the frame where they meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RECALLED = 0.5
QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a series of frames comes to; ``nan`` where there was no frame."""

    mean: float
    recall: float
    decay: float


def statistics(values: Sequence[float]) -> Statistics:
    """Return mean, recall and decay of one object's values in the order of frames; nan marks frames not judged.

    The official code counts the borders of quarters in 8 bits, so its decay is another one beyond 256 frames.
    """
    series = np.asarray(values, np.float64)
    judged = series[~np.isnan(series)]
    if not len(judged):
        return Statistics(float("nan"), float("nan"), float("nan"))
    # a frame not judged is no hit in the official recall, but counts there; kept, so that figures compare
    recall = float((np.nan_to_num(series) > RECALLED).mean())
    return Statistics(float(judged.mean()), recall, _decay(series))


def _decay(series: np.ndarray) -> float:
    """Return the mean of the first quarter less that of the last."""
    borders = np.round(np.linspace(1, len(series), QUARTERS + 1) + 1e-10).astype(int) - 1
    first, last = series[borders[0] : borders[1] + 1], series[borders[3] : borders[4] + 1]
    if np.isnan(first).all() or np.isnan(last).all():
        return float("nan")
    return float(np.nanmean(first) - np.nanmean(last))


def mean(values: Sequence[float]) -> float:
    """Return the mean of what is not nan; nan of nothing."""
    known = [value for value in values if value == value]  # noqa: PLR0124 - nan differs from itself
    return float(np.mean(known)) if known else float("nan")
