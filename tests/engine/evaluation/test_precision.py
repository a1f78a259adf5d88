"""Average precision: cases that the definition settles by hand."""

import numpy as np
import pytest

from engine import rle
from engine.evaluation.matching import compare
from engine.evaluation.precision import average_precision
from engine.types import FrameMasks, TrackMask

HALF = 51 / 101  # COCO reads precision at recall 0, 0.01 ... 1: half of the balls reach 51 of 101


def test_perfect_masks_are_worth_one_on_boxes_and_on_masks(film) -> None:
    true = film({1: [10, 12], 2: [50, 50]})
    for kind in ("bbox", "segm"):
        got = average_precision(compare(true, true), of=kind)
        assert (got.ap, got.ap50, got.ap75) == pytest.approx((1, 1, 1))


def test_half_of_the_balls_found_and_nothing_false_is_half_of_the_points_of_recall(film) -> None:
    compared = compare(film({1: [10], 2: [50]}), film({1: [10]}))
    assert average_precision(compared).ap == pytest.approx(HALF)


def test_a_false_box_counts_only_if_it_is_more_certain_than_a_true_one(film, square) -> None:
    true = film({1: [10]})

    def ap(certainty: float) -> float:
        found = FrameMasks(0, (TrackMask(1, square(10), 0.5), TrackMask(2, square(100), certainty)))
        return average_precision(compare(true, [found])).ap

    assert ap(0.4) == pytest.approx(1)
    assert ap(0.9) == pytest.approx(0.5)


def test_a_box_of_overlap_two_thirds_counts_at_a_half_and_not_at_three_quarters(film) -> None:
    got = average_precision(compare(film({1: [10]}), film({1: [12]})))
    assert (got.ap50, got.ap75) == pytest.approx((1, 0))
    assert got.ap == pytest.approx(0.4)  # 0.50, 0.55, 0.60 and 0.65 of ten thresholds


def test_boxes_may_be_right_where_masks_are_not() -> None:
    full, hollow = np.ones((10, 10), bool), np.ones((10, 10), bool)
    hollow[1:-1, 1:-1] = False
    true, found = (FrameMasks(0, (TrackMask(1, rle.encode(m)),)) for m in (full, hollow))
    compared = compare([true], [found])
    assert average_precision(compared, of="bbox").ap == pytest.approx(1)
    assert average_precision(compared, of="segm").ap50 == 0


def test_a_ball_found_on_the_wrong_frame_is_not_found(film) -> None:
    compared = compare(film({1: [10, None]}), film({1: [None, 10]}))
    assert average_precision(compared).ap50 == 0


def test_nothing_found_is_worth_nothing_and_no_truth_is_no_number(film) -> None:
    assert average_precision(compare(film({1: [10]}), [])).ap == 0
    assert np.isnan(average_precision(compare([FrameMasks(0)], film({1: [10]}))).ap)


def test_the_output_stream_stays_clean(film, capsys) -> None:
    average_precision(compare(film({1: [10]}), film({1: [10]})))
    assert capsys.readouterr().out == ""
