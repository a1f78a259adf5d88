"""J, F and their statistics: hand-made cases, the official code's figures, and what must hold for any masks."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine import rle
from engine.errors import InputError
from engine.evaluation.boundary import boundary, boundary_map, contour_accuracy, tolerance
from engine.evaluation.overlap import jaccard, overlaps
from engine.evaluation.series import mean, statistics
from engine.types import RLE, FrameMasks, TrackMask

GOLDEN = json.loads(Path(__file__).with_name("davis_golden.json").read_text())
MASKS = arrays(bool, (14, 19))


def from_runs(size: list[int], runs: list[int]) -> RLE:
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return rle.encode(flat.reshape(size[1], size[0]).T)


def square(x: int, y: int, side: int, size: tuple[int, int] = (60, 80)) -> RLE:
    return rle.encode(np.ones((side, side), bool), origin=(x, y), size=size)


@pytest.mark.parametrize("case", GOLDEN["pairs"])
def test_j_and_f_are_those_of_the_official_code(case: dict[str, Any]) -> None:
    true, found = (from_runs(case["size"], case[key]) for key in ("true", "found"))
    assert jaccard(true, found) == case["J"]
    assert contour_accuracy(true, found) == case["F"]


@pytest.mark.parametrize("case", GOLDEN["series"])
def test_mean_recall_and_decay_are_those_of_the_official_code(case: dict[str, Any]) -> None:
    ours = statistics(case["values"])
    assert (ours.mean, ours.recall, ours.decay) == pytest.approx(case["statistics"], nan_ok=True)


def test_two_squares_shifted_by_half_overlap_by_a_third() -> None:
    assert jaccard(square(10, 10, 10), square(15, 10, 10)) == pytest.approx(1 / 3)


def test_a_mask_that_should_not_be_there_is_worth_nothing_and_two_absent_ones_agree() -> None:
    ball = square(5, 5, 4)
    assert jaccard(None, ball) == jaccard(ball, None) == 0
    assert contour_accuracy(None, ball) == contour_accuracy(ball, None) == 0
    assert jaccard(None, None) == contour_accuracy(None, None) == 1
    assert jaccard(None, rle.empty((60, 80))) == 1


def test_the_tolerance_is_the_diagonal_s_share_rounded_up() -> None:
    assert tolerance((480, 854)) == 8
    assert tolerance((1080, 1920)) == 18


def test_the_boundary_lies_half_a_pixel_up_and_left_of_the_edge() -> None:
    places = {(int(row), int(column)) for row, column in boundary(square(5, 3, 1))}
    assert places == {(2, 4), (2, 5), (3, 4), (3, 5)}


def test_a_contour_one_pixel_off_is_met_within_one_pixel_and_not_within_none() -> None:
    true, found = square(20, 20, 10), square(21, 20, 10)
    assert contour_accuracy(true, found, within=1) == 1
    assert 0 < contour_accuracy(true, found, within=0) < 1


def test_contours_far_apart_are_worth_nothing() -> None:
    assert contour_accuracy(square(0, 0, 5), square(60, 40, 5)) == 0


def test_masks_of_different_pictures_are_refused() -> None:
    with pytest.raises(InputError, match="different pictures"):
        contour_accuracy(square(1, 1, 3), square(1, 1, 3, (30, 40)))


def test_overlaps_are_laid_out_with_true_masks_as_rows() -> None:
    true = FrameMasks(0, (TrackMask(1, square(10, 10, 10)), TrackMask(2, square(40, 40, 10))))
    found = FrameMasks(0, (TrackMask(7, square(15, 10, 10)),))
    assert overlaps(true, found).tolist() == [[pytest.approx(1 / 3)], [0]]
    assert overlaps(FrameMasks(0), found).shape == (0, 1)


def test_decay_is_the_first_quarter_s_mean_less_the_last_s() -> None:
    falling = statistics([1.0] * 11 + [0.6] * 19 + [0.2] * 11)
    assert falling.decay == pytest.approx(0.8)
    assert falling.recall == pytest.approx(30 / 41)


def test_beyond_256_frames_decay_still_compares_first_and_last_quarter() -> None:
    assert statistics(np.linspace(1, 0, 2001).tolist()).decay == pytest.approx(0.75, abs=1e-3)


def test_nothing_judged_is_no_number() -> None:
    assert np.isnan(statistics([]).mean)
    assert np.isnan(mean([float("nan")]))
    assert mean([float("nan"), 0.5, 1.0]) == 0.75


@given(true=MASKS, found=MASKS)
def test_measures_are_symmetric_bounded_and_one_for_a_perfect_mask(
    true: np.ndarray, found: np.ndarray
) -> None:
    a, b = rle.encode(true), rle.encode(found)
    for measure in (jaccard, contour_accuracy):
        assert 0 <= measure(a, b) <= 1
        assert measure(a, b) == pytest.approx(measure(b, a))
        assert measure(a, a) == 1


@given(mask=MASKS)
def test_the_boundary_of_a_crop_is_the_boundary_of_the_picture(mask: np.ndarray) -> None:
    whole = np.argwhere(boundary_map(mask)).tolist()
    assert sorted(boundary(rle.encode(mask)).tolist()) == sorted(whole)


@given(mask=MASKS, right=st.integers(0, 30), down=st.integers(0, 30))
def test_where_a_ball_lies_in_the_picture_changes_nothing(
    mask: np.ndarray, right: int, down: int
) -> None:
    a, b = (rle.encode(np.pad(m, ((5, 5), (5, 5)))) for m in (mask, np.roll(mask, 1, axis=1)))
    apart = ((5 + down, 40 - down), (5 + right, 40 - right))
    c, d = (rle.encode(np.pad(m, apart)) for m in (mask, np.roll(mask, 1, axis=1)))
    assert contour_accuracy(a, b, within=2) == contour_accuracy(c, d, within=2)
