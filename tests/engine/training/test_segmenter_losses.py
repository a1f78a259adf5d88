"""Losses reward what is wanted: right masks, right edges, honest scores."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.models.memory import Drafts
from engine.training import segmenter_losses as losses

SIDE = 96


def square(first: int = 32, last: int = 64) -> Tensor:
    truth = torch.zeros(2, 1, SIDE, SIDE)
    truth[:, :, first:last, first:last] = 1
    return truth


def low(mask: Tensor, strength: float = 20) -> Tensor:
    return nn.functional.avg_pool2d(mask, 4) * 2 * strength - strength


def drafts(lows: Tensor, ious: list[float], score: float = 3.0) -> Drafts:
    rows = len(lows)
    return Drafts(lows, torch.tensor([ious] * rows), torch.zeros(rows, 1, 8), torch.full((rows, 1), score))  # fmt: skip


def test_a_perfect_mask_costs_little_and_an_inverted_one_much() -> None:
    truth = square()
    assert losses.mask_loss(low(truth), truth).max() < 0.2
    assert losses.mask_loss(-low(truth), truth).min() > 10


def test_an_error_at_the_edge_costs_more_than_the_same_area_elsewhere() -> None:
    truth = square()
    wide = square(30, 66)
    rim = float((wide - truth)[0].sum())
    elsewhere = truth.clone()
    elsewhere[:, :, 80:92, : int(rim / 12)] = 1
    assert float(elsewhere.sum()) == pytest.approx(float(wide.sum()), rel=0.02)
    assert losses.edge(truth)[0, 0, 31, 40] == 1
    assert losses.edge(truth)[0, 0, 34, 40] == 0
    assert losses.edge(truth).sum() == losses.edge(1 - truth).sum()
    at_rim, far = (losses.mask_loss(mask * 40 - 20, truth).mean() for mask in (wide, elsewhere))
    assert at_rim > 1.5 * far


def test_a_ball_that_is_absent_wants_an_empty_mask_and_a_low_score() -> None:
    nothing = torch.zeros(2, 1, SIDE, SIDE)
    empty, full = (torch.full((2, 1, 24, 24), value) for value in (-9.0, 9.0))
    assert (losses.mask_loss(empty, nothing) < losses.mask_loss(full, nothing)).all()
    weak, strong = (torch.full((2, 1), value) for value in (-5.0, 5.0))
    assert (losses.score_loss(weak, nothing) < losses.score_loss(strong, nothing)).all()


def test_overlooking_that_a_ball_is_gone_costs_more_than_losing_it() -> None:
    strong = torch.full((2, 1), 2.0)
    gone = losses.score_loss(strong, torch.zeros(2, 1, SIDE, SIDE))
    assert (gone > losses.score_loss(-strong, square())).all()


def test_the_expected_overlap_is_compared_with_the_real_one() -> None:
    truth, half = square(), square()
    half[:, :, 48:64] = 0
    torch.testing.assert_close(losses.real_iou(low(half), truth), torch.tensor([0.5, 0.5]), atol=0.06, rtol=0)  # fmt: skip
    honest = losses.lesson_of(drafts(low(half), [0.5]), truth)
    boasting = losses.lesson_of(drafts(low(half), [1.0]), truth)
    assert honest.iou < 0.06
    assert boasting.iou > 0.4


def test_of_several_masks_the_best_alone_is_judged_and_all_must_know_their_worth() -> None:
    truth = square()
    both = torch.cat([low(truth), -low(truth)], 1)
    lesson = losses.lesson_of(drafts(both, [1.0, 0.0]), truth)
    assert lesson.mask < 0.2
    assert lesson.iou < 0.1
    assert losses.lesson_of(drafts(both, [1.0, 1.0]), truth).iou > 0.4


def test_rows_that_do_not_count_cost_nothing() -> None:
    truth = square()
    lows = torch.cat([low(truth)[:1], -low(truth)[:1]])
    lesson = losses.lesson_of(drafts(lows, [1.0]), truth, rows=torch.tensor([True, False]))
    assert lesson.mask < 0.2
    nobody = losses.lesson_of(drafts(lows, [1.0]), truth, rows=torch.tensor([False, False]))
    assert [float(part) for part in (nobody.mask, nobody.score, nobody.iou)] == [0.0, 0.0, 0.0]


def test_no_lessons_are_no_loss() -> None:
    assert losses.mean_of([]) == {}


def test_seeing_any_ball_is_learned_on_every_level() -> None:
    alarm: Any = nn.ModuleList([nn.Conv2d(4, 1, 1), nn.Conv2d(8, 1, 1)])
    levels = [torch.randn(2, 4, 24, 24), torch.randn(2, 8, 6, 6)]
    torch.autograd.backward([losses.any_ball_loss(alarm, levels, square()[:, 0])])
    assert all(float(head.weight.grad.abs().max()) > 0 for head in alarm)
