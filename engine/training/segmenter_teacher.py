"""A network that learns, and a larger SAM 2 that shows it how: features, mask logits, object scores; knows no files.

The teacher sees the same pictures, enlarged to its size, and is asked the same. Where it judges a ball absent
its mask teaches nothing.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.models.memory import Drafts, Features
from engine.training.segmenter_batches import Batch
from engine.training.segmenter_losses import PIXELS
from engine.training.segmenter_steps import Course, go_through, losses_of


class Pupil(nn.Module):
    """A ``SAM2Base`` that learns, with the heads that help it do so and are not kept."""

    def __init__(self, model: Any, alarm: nn.ModuleList, bridge: nn.ModuleList) -> None:
        """Join ``model``, an ``alarm`` (see ``losses_of``) and a ``bridge`` to its teacher; both may be empty."""
        super().__init__()
        self.model: Any = model
        self.alarm = alarm
        self.bridge = bridge

    def forward(
        self, *, batch: Batch, dice: torch.Generator, taught: Course | None = None
    ) -> dict[str, Tensor]:
        """Return the parts of the loss, those of the teacher's course among them where there is one."""
        course = go_through(self.model, batch, dice=dice)
        parts = losses_of(course, self.alarm, batch)
        return parts if taught is None else {**parts, **teaching(course, taught, self.bridge)}


def bridges(own: list[int], theirs: list[int]) -> nn.ModuleList:
    """Return what takes features to a teacher's widths, coarsest levels matched: 1x1 convolutions where they differ."""
    count = min(len(own), len(theirs))
    return nn.ModuleList(
        nn.Identity() if a == b else nn.Conv2d(a, b, 1)
        for a, b in zip(own[-count:], theirs[-count:], strict=True)
    )


@torch.no_grad()
def teach(teacher: Any, batch: Batch, dice: torch.Generator) -> Course:
    """Return how a teacher, a ``SAM2Base`` in evaluation mode, goes through a batch."""
    same = torch.Generator()
    same.set_state(dice.get_state())
    return go_through(teacher, enlarged(batch, teacher.image_size), dice=same)


def enlarged(batch: Batch, side: int) -> Batch:
    """Return a batch at another size, prompts with it."""
    was = batch.pictures.shape[-1]
    if side == was:
        return batch
    flat = batch.pictures.flatten(0, 1).float()
    pictures = functional.interpolate(
        flat, (side, side), mode="bilinear", align_corners=False, antialias=side < was
    )
    labels = functional.interpolate(batch.labels, (side, side), mode="nearest-exact")
    return replace(
        batch,
        pictures=pictures.round().to(torch.uint8).view(*batch.pictures.shape[:3], side, side),
        labels=labels,
        boxes=batch.boxes * (side / was),
        clicks=batch.clicks * (side / was),
    )


def teaching(course: Course, taught: Course, bridge: Any) -> dict[str, Tensor]:
    """Return "teach_features", and "teach_mask" and "teach_score" where both drew a mask, each a scalar."""
    parts = {"teach_features": feature_loss(course.seen, taught.seen, bridge)}
    pairs = [
        (own, theirs)
        for own, theirs in zip(course.drafts, taught.drafts, strict=True)
        if own is not None and theirs is not None
    ]
    if pairs:
        parts["teach_mask"] = torch.stack([soft_mask_loss(*pair) for pair in pairs]).mean()
        parts["teach_score"] = torch.stack([soft_score_loss(*pair) for pair in pairs]).mean()
    return parts


def feature_loss(own: Features, theirs: Features, bridge: Any) -> Tensor:
    """Return one minus the cosine between features and the teacher's, mean over places and levels."""
    losses = []
    count = len(bridge)
    for head, mine, yours in zip(bridge, own.levels[-count:], theirs.levels[-count:], strict=True):
        wanted = functional.adaptive_avg_pool2d(yours.float(), (mine.shape[-2], mine.shape[-1]))
        losses.append(1 - functional.cosine_similarity(head(mine).float(), wanted, dim=1).mean())
    return torch.stack(losses).mean()


def soft_mask_loss(own: Drafts, theirs: Drafts) -> Tensor:
    """Return the divergence from the teacher's best mask, of the mask that comes nearest to it."""
    rows = torch.arange(len(theirs.lows), device=theirs.lows.device)
    best = theirs.lows[rows, theirs.ious.argmax(1)][:, None]
    wanted = functional.interpolate(
        best, own.lows.shape[-2:], mode="bilinear", align_corners=False
    ).expand_as(own.lows)
    nearest = divergence(own.lows, wanted).mean((2, 3)).min(1).values
    there = theirs.score.sigmoid()[:, 0]
    return PIXELS * (nearest * there).sum() / there.sum().clamp(min=1e-3)


def soft_score_loss(own: Drafts, theirs: Drafts) -> Tensor:
    """Return the divergence from the teacher's opinion whether the ball is there."""
    return divergence(own.score, theirs.score).mean()


def divergence(own: Tensor, wanted: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence of probabilities given as logits: 0 where they are equal."""
    target = wanted.sigmoid()
    cross, least = (
        functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
        for logits in (own, wanted)
    )
    return cross - least
