"""From picture to network and back: nothing is shifted, nothing is found twice."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.models.yolo_infer import (
    GREY,
    beliefs,
    candidates,
    letterbox,
    name,
    suppress,
    together,
    winners,
)


def raw(*rows: tuple[float, float, float, float, float, float]) -> Tensor:
    """Return network output (6, N) from rows of centre, size and two class scores."""
    return torch.tensor(rows, dtype=torch.float32).T


@given(height=st.integers(1, 300), width=st.integers(1, 300), size=st.sampled_from([64, 160, 320]))
@settings(max_examples=40, deadline=None)
def test_any_picture_fits_with_whole_strides_and_its_own_shape(
    height: int, width: int, size: int
) -> None:
    picture, scale = letterbox(torch.zeros(height, width, 3, dtype=torch.uint8), size)
    assert scale * max(height, width) == size or abs(scale * max(height, width) - size) < 1e-6
    assert all(side % 32 == 0 and side > 0 for side in picture.shape[2:])
    assert max(picture.shape[2:]) == size


def test_the_picture_lies_at_the_top_left_and_grey_fills_the_rest() -> None:
    picture, scale = letterbox(torch.full((50, 100, 3), 255, dtype=torch.uint8), 64)
    assert scale == 0.64
    assert picture[..., :32, :].ge(0.999).all()
    assert picture.shape == (1, 3, 32, 64)
    tall, _ = letterbox(torch.full((40, 64, 3), 255, dtype=torch.uint8), 64)
    assert tall[..., 40:, :].eq(GREY).all()


def test_a_picture_of_the_right_size_is_not_resampled() -> None:
    rgb = torch.randint(0, 256, (32, 64, 3), dtype=torch.uint8)
    picture, scale = letterbox(rgb, 64)
    assert scale == 1
    assert torch.equal((picture[0].permute(1, 2, 0) * 255).round().byte(), rgb)


def test_two_classes_on_one_ball_give_one_box() -> None:
    found = suppress(
        raw((50, 50, 20, 20, 0.9, 0.1), (51, 50, 20, 20, 0.1, 0.8)), confidence=0.3, overlap=0.5
    )
    assert found.tolist() == [[40, 40, 60, 60, torch.tensor(0.9).item(), 0]]


def test_touching_balls_stay_two() -> None:
    found = suppress(
        raw((50, 50, 20, 20, 0.9, 0), (70, 50, 20, 20, 0, 0.8)), confidence=0.3, overlap=0.5
    )
    assert found[:, 5].tolist() == [0, 1]


def test_what_scores_below_the_confidence_is_not_there() -> None:
    found = suppress(
        raw((50, 50, 20, 20, 0.29, 0), (90, 50, 20, 20, 0.3, 0)), confidence=0.3, overlap=0.5
    )
    assert found[:, 0].tolist() == [80]


def test_nothing_found_is_an_empty_table() -> None:
    assert suppress(raw((50, 50, 20, 20, 0, 0)), confidence=0.3, overlap=0.5).shape == (0, 6)


@given(st.lists(st.tuples(*[st.floats(0, 1, width=32)] * 6), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_the_best_come_first_and_none_below_the_confidence(rows: list[tuple[float, ...]]) -> None:
    found = suppress(torch.tensor(rows).T, confidence=0.25, overlap=0.5)
    scores = found[:, 4].tolist()
    assert scores == sorted(scores, reverse=True)
    assert all(score >= 0.25 for score in scores)


def test_a_part_of_a_picture_is_found_in_the_pixels_of_the_whole() -> None:
    found = candidates(raw((50, 50, 20, 20, 0.9, 0)), confidence=0.3, scored=[0])
    assert found.moved(2.0, 100, 30).boxes.tolist() == [[120, 50, 130, 60]]
    assert found.moved(2.0, 100, 30).scores.tolist() == found.scores.tolist()


def test_two_looks_at_one_ball_are_one_ball_the_better_one() -> None:
    first = candidates(raw((50, 50, 20, 20, 0.6, 0)), confidence=0.3, scored=[0])
    second = candidates(raw((52, 50, 20, 20, 0.8, 0)), confidence=0.3, scored=[0])
    both = together([first, second])
    assert len(both) == 2
    assert winners(both, overlap=0.5).boxes.tolist() == [[42, 40, 62, 60]]


def test_only_the_classes_that_were_asked_for_make_a_candidate() -> None:
    rows = raw((50, 50, 20, 20, 0.9, 0.1), (90, 50, 20, 20, 0.1, 0.9))
    assert candidates(rows, confidence=0.3, scored=[1]).boxes[:, 0].tolist() == [80]
    assert len(candidates(rows, confidence=0.3, scored=[0, 1])) == 2


def test_a_name_comes_from_the_classes_that_are_allowed() -> None:
    found = candidates(raw((50, 50, 20, 20, 0.9, 0.4)), confidence=0.3, scored=[0])
    assert name(found, [0, 1]).tolist() == [0]
    assert name(found, [1]).tolist() == [1]


@given(st.lists(st.lists(st.floats(0, 1, width=32), min_size=3, max_size=3), max_size=6))
@settings(max_examples=40, deadline=None)
def test_beliefs_sum_to_one_and_keep_the_order_of_scores(scores: list[list[float]]) -> None:
    table = torch.cat([torch.full((len(scores), 4), 9.0), torch.tensor(scores).reshape(-1, 3)], 1).T
    told = beliefs(candidates(table, confidence=0.0, scored=[0]), [0, 1, 2])
    assert torch.allclose(told.sum(1), torch.ones(len(scores)))
    for row, given_scores in zip(told, scores, strict=True):
        assert row.max() == row[given_scores.index(max(given_scores))]


def test_a_network_that_is_torn_between_two_kinds_says_so() -> None:
    found = candidates(raw((50, 50, 20, 20, 0.5, 0.5)), confidence=0.3, scored=[0])
    assert beliefs(found, [0, 1]).tolist() == [[0.5, 0.5]]
