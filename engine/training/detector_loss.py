"""Knows what a ball YOLO is asked to learn from a batch: boxes, ball or pocket, and the kind apart from both.

Finding comes first: boxes are assigned and scored by two classes alone, "ball" and "pocket". The kind of a ball is
learnt where balls are, by a softmax over the kinds, so that no doubt about the kind lowers a ball's score.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.models.yolo import ultralytics_tasks

FOUND = 2
KIND_GAIN = 0.5


@cache
def _library() -> tuple[Any, Any]:
    """Return the library's loss and its assigner of boxes."""
    tasks = ultralytics_tasks()
    from ultralytics.utils.tal import TaskAlignedAssigner  # noqa: PLC0415 - noisy: after the quiet import

    return tasks.v8DetectionLoss, TaskAlignedAssigner


class FindThenName:
    """The loss of a network with ``CLASSES``; batches are those of ``engine.training.detector_batches``."""

    def __init__(self, model: Any) -> None:
        """Take what the library's loss needs from the network (gains in ``model.args``, strides, bins)."""
        loss, assigner = _library()
        self._base: Any = loss(model)
        self._base.nc = FOUND
        self._base.assigner = assigner(
            topk=10, num_classes=FOUND, alpha=0.5, beta=6.0, stride=self._base.stride.tolist()
        )

    def __call__(
        self, predictions: Any, batch: Mapping[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the parts (box, found, edge, kind), each times the number of pictures, and nothing else."""
        predictions = self._base.parse_output(predictions)
        scores = predictions["scores"]
        found = {**predictions, "scores": scores[:, :FOUND]}
        labels = batch["cls"].view(-1)
        pocket = (labels == 1).to(labels)
        self._base.class_weights = torch.stack(
            [torch.ones_like(batch["pockets"]), batch["pockets"]], 1
        )[:, None].to(scores.dtype)
        assigned, parts, _ = self._base.get_assigned_targets_and_loss(
            found, {**batch, "cls": pocket[:, None]}
        )
        kind = self._kind(scores[:, FOUND:], assigned[0], assigned[1], batch)
        return torch.cat([parts, kind[None]]) * len(scores), {}

    def _kind(
        self, scores: Tensor, there: Tensor, which: Tensor, batch: Mapping[str, Tensor]
    ) -> Tensor:
        """Return the loss of the kinds where balls of known kind were assigned.

        ``scores`` float (B, kinds, anchors); ``there`` bool (B, anchors); ``which`` int (B, anchors): the box of
        the picture that an anchor was given.
        """
        rows = torch.cat(
            [batch["batch_idx"].view(-1, 1), batch["cls"].view(-1, 1), batch["bboxes"]], 1
        )
        boxes = self._base.preprocess(rows.to(scores.device), len(scores), scores.new_ones(4))
        if not boxes.shape[1]:
            return scores.sum() * 0
        labels = boxes[..., 0].long().gather(1, which)
        known = there & (labels >= FOUND)
        loss: Tensor = functional.cross_entropy(
            scores.permute(0, 2, 1)[known].float(), labels[known] - FOUND, reduction="sum"
        )
        return KIND_GAIN * loss / float(known.sum().clamp(min=1))
