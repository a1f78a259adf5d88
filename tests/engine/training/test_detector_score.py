"""Recall, precision and the confidence that serves both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.detector_score import Score, best_confidence, pairs, score
from engine.types import Box, Detection

A: Box = (0, 0, 10, 10)
B: Box = (20, 0, 30, 10)


def seen(box: Box, score: float = 0.9, label: str = "solid") -> Detection:
    return Detection(0, box, label, score)


def test_each_true_box_is_hit_once() -> None:
    result = score(
        [seen(A), seen((1, 0, 11, 10)), seen(B, label="cue")], [A, B], ["solid", "solid"]
    )
    assert result == Score(truth=2, found=3, hits=2, classes=1)
    assert (result.recall, result.precision, result.class_accuracy) == (1, 2 / 3, 0.5)


def test_half_an_overlap_is_enough_and_less_is_not() -> None:
    assert score([seen((0, 0, 10, 5))], [A], ["solid"]).hits == 1
    assert score([seen((0, 0, 10, 4.9))], [A], ["solid"]).hits == 0


def test_the_larger_overlap_is_paired_first() -> None:
    assert pairs([(2, 0, 12, 10), A], [A, (3, 0, 13, 10)]) == [(1, 0), (0, 1)]


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    empty = score([], [], [])
    assert (empty.recall, empty.precision, empty.f1, empty.class_accuracy) == (1, 1, 1, 1)
    assert score([], [A], ["cue"]).recall == 0
    assert score([seen(A)], [], []).precision == 0
    assert score([seen(A)], [B], ["cue"]).f1 == 0


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 4), max_size=4))
def test_scores_add_up_part_by_part(parts: list[tuple[int, int, int, int]]) -> None:
    total = sum((Score(*part) for part in parts), Score())
    assert (
        total == Score(*(sum(column) for column in zip(*parts, strict=True)))
        if parts
        else total == Score()
    )


@pytest.mark.parametrize(("wrong", "expected"), [(0.3, 0.35), (0.72, 0.75)])
def test_the_best_confidence_lies_between_balls_and_the_rest(wrong: float, expected: float) -> None:
    pictures = [([seen(A, 0.8), seen(B, wrong)], [A], ["solid"])] * 3
    level, result = best_confidence(pictures)
    assert level >= expected
    assert level <= 0.8
    assert (result.recall, result.precision) == (1, 1)
