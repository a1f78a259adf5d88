"""What a drawn mask costs: its edge, its place, whether the ball is there, how good it claims to be.

The parts are those of SAM 2 (Ravi et al. 2024, appendix D: focal and dice for masks, L1 for the expected
intersection over union, cross-entropy for presence; with several masks, the best one alone is drawn better),
with plain cross-entropy for focal and more weight at the edge. Knows tensors only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.models.memory import Drafts

PIXELS, EDGE, GONE = 12.0, 3.0, 1.5
FEWEST_SEEN = 12  # pixels of the window, below which a ball is not there


@dataclass(frozen=True, slots=True)
class Lesson:
    """Parts of the loss of one frame, each a scalar."""

    mask: Tensor
    score: Tensor
    iou: Tensor


def lesson_of(drafts: Drafts, truth: Tensor, *, rows: Tensor | None = None) -> Lesson:
    """Compare what was drawn with the truth.

    Args:
        drafts: of B balls.
        truth: float 0 or 1 (B, 1, S, S).
        rows: which balls count, bool (B,); all by default.
    """
    count = torch.ones_like(truth[:, 0, 0, 0]) if rows is None else rows.float()
    there = (truth.sum((1, 2, 3)) > 0).float()
    costs = torch.stack([mask_loss(low[:, None], truth) for low in drafts.lows.unbind(1)], 1)
    real = torch.stack([real_iou(low[:, None], truth) for low in drafts.lows.unbind(1)], 1)
    off = (drafts.ious - real).abs().mean(1)
    return Lesson(
        (costs.min(1).values * count).sum() / count.sum().clamp(min=1),
        (score_loss(drafts.score, truth) * count).sum() / count.sum().clamp(min=1),
        (off * there * count).sum() / (there * count).sum().clamp(min=1),
    )


def mean_of(lessons: Sequence[Lesson]) -> dict[str, Tensor]:
    """Return the mean of each part over the frames."""
    if not lessons:
        return {}
    return {
        name: torch.stack([getattr(lesson, name) for lesson in lessons]).mean()
        for name in ("mask", "score", "iou")
    }


def mask_loss(low: Tensor, truth: Tensor) -> Tensor:
    """Return dice and cross-entropy for each ball, (B,); for one that is not there, cross-entropy alone.

    Args:
        low: mask logits float (B, 1, h, w).
        truth: float 0 or 1 (B, 1, S, S).
    """
    high = functional.interpolate(low, truth.shape[-2:], mode="bilinear", align_corners=False)
    there = (truth.sum((1, 2, 3)) > 0).float()
    probability = high.sigmoid()
    both = (probability * truth).sum((1, 2, 3))
    total = probability.sum((1, 2, 3)) + truth.sum((1, 2, 3))
    dice = 1 - (2 * both + 1) / (total + 1)
    pixels = functional.binary_cross_entropy_with_logits(high, truth, reduction="none")
    weighed = (pixels * (1 + EDGE * edge(truth))).mean((1, 2, 3))
    return (dice + PIXELS * weighed) * there + 2 * pixels.mean((1, 2, 3)) * (1 - there)


def edge(truth: Tensor) -> Tensor:
    """Return 1 within two pixels of the rim of a mask, else 0; float (B, 1, S, S)."""
    return functional.max_pool2d(truth, 5, 1, 2) + functional.max_pool2d(-truth, 5, 1, 2)


def score_loss(score: Tensor, truth: Tensor) -> Tensor:
    """Return the cross-entropy of "the ball is there" for each ball, (B,); balls that are gone weigh more."""
    there = (truth.sum((1, 2, 3)) >= FEWEST_SEEN).float()
    loss = functional.binary_cross_entropy_with_logits(score[:, 0], there, reduction="none")
    return loss * (there + GONE * (1 - there))


@torch.no_grad()
def real_iou(low: Tensor, truth: Tensor) -> Tensor:
    """Return intersection over union of the drawn masks with the truth, (B,)."""
    high = functional.interpolate(low, truth.shape[-2:], mode="bilinear", align_corners=False) > 0
    both = (high & (truth > 0)).sum((1, 2, 3)).float()
    either = (high | (truth > 0)).sum((1, 2, 3)).float()
    return both / either.clamp(min=1)


def any_ball_loss(alarm: Any, levels: Sequence[Tensor], any_ball: Tensor) -> Tensor:
    """Return the loss of seeing any ball, float (N, S, S), on each feature level."""
    losses = []
    for head, level in zip(alarm, levels, strict=True):
        truth = functional.adaptive_avg_pool2d(
            any_ball[:, None], (level.shape[-2], level.shape[-1])
        )
        losses.append(functional.binary_cross_entropy_with_logits(head(level), truth))
    return torch.stack(losses).mean()
