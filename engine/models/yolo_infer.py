"""Knows how a picture becomes the input of a YOLO and how its output becomes boxes; knows no weights and no frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import nms

STRIDE = 32
GREY = 114 / 255
MOST = 300


def letterbox(rgb: Tensor, size: int) -> tuple[Tensor, float]:
    """Fit a picture into the network's input.

    Args:
        rgb: uint8 (H, W, 3), origin top left.
        size: longer side of the result in pixels, before it is rounded up to whole strides.

    Returns:
        float (1, 3, h, w) in 0..1 with the picture in the top left corner and grey beyond it, and the
        scale: network pixels per frame pixel.
    """
    height, width = rgb.shape[:2]
    scale = size / max(height, width)
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    picture = rgb.permute(2, 0, 1)[None].float() / 255
    if inner != (height, width):
        picture = functional.interpolate(picture, inner, mode="bilinear", antialias=scale < 1)
    pad = (0, -inner[1] % STRIDE, 0, -inner[0] % STRIDE)
    return functional.pad(picture, pad, value=GREY), scale


@dataclass(frozen=True, slots=True)
class Finds:
    """What was found: ``boxes`` float (N, 4) xyxy in pixels, ``scores`` (N,), ``classes`` (N, C) the scores of each."""

    boxes: Tensor
    scores: Tensor
    classes: Tensor

    def __len__(self) -> int:
        """Return the number of boxes."""
        return len(self.boxes)

    def __getitem__(self, which: Tensor) -> "Finds":
        """Return some of them, in the order of the indices or as a mask says."""
        return Finds(self.boxes[which], self.scores[which], self.classes[which])

    def moved(self, scale: float, left: float, top: float) -> "Finds":
        """Return them in the pixels of a picture of which a part at (left, top) was looked at, enlarged by ``scale``."""
        offset = torch.tensor([left, top, left, top]).to(self.boxes)
        return Finds(self.boxes / scale + offset, self.scores, self.classes)


def together(finds: Sequence[Finds]) -> Finds:
    """Return what several looks at one picture found, doubles included."""
    return Finds(
        torch.cat([one.boxes for one in finds]),
        torch.cat([one.scores for one in finds]),
        torch.cat([one.classes for one in finds]),
    )


def candidates(raw: Tensor, *, confidence: float, scored: Sequence[int]) -> Finds:
    """Return every box that a network saw in one picture, doubles included.

    Args:
        raw: float (4 + classes, anchors): centre x, centre y, width, height in network pixels, then scores 0..1.
        confidence: lowest score that counts.
        scored: classes of which the best is the box's score.
    """
    scores = raw[4:][list(scored)].amax(0)
    keep = scores >= confidence
    centre, half = raw[:2, keep].T, raw[2:4, keep].T / 2
    return Finds(torch.cat([centre - half, centre + half], 1), scores[keep], raw[4:, keep].T)


def winners(finds: Finds, *, overlap: float) -> Finds:
    """Return the best box of each thing, best score first, at most 300.

    Two boxes of a higher intersection over union than ``overlap`` are one thing.
    """
    return finds[nms(finds.boxes, finds.scores, overlap)[:MOST]]


def suppress(
    raw: Tensor,
    *,
    confidence: float,
    overlap: float,
    scored: Sequence[int] | None = None,
    named: Sequence[int] | None = None,
) -> Tensor:
    """Return the winning boxes of one picture, whatever their classes, best score first.

    Args:
        raw: as for ``candidates``.
        confidence: lowest score that counts.
        overlap: two boxes of a higher intersection over union are one ball.
        scored: classes of which the best is the box's score; None means all.
        named: classes of which the best is the box's class; None means all.

    Returns:
        float (N, 6): x0, y0, x1, y1, score, class; N is at most 300.
    """
    every = range(len(raw) - 4)
    found = candidates(raw, confidence=confidence, scored=every if scored is None else scored)
    best = winners(found, overlap=overlap)
    labels = name(best, every if named is None else named)
    return torch.cat([best.boxes, best.scores[:, None], labels[:, None].to(best.boxes)], 1)


def name(finds: Finds, among: Sequence[int]) -> Tensor:
    """Return the best class of each box among some, int64 (N,)."""
    choice = torch.tensor(list(among), device=finds.classes.device)
    return choice[finds.classes[:, choice].argmax(1)]


def beliefs(finds: Finds, among: Sequence[int]) -> Tensor:
    """Return how likely each of some classes is for each box, float (N, classes), rows sum to 1.

    The network learns kinds by a softmax over their logits; what it returns are sigmoids of these.
    """
    return torch.logit(finds.classes[:, list(among)].float(), eps=1e-6).softmax(1)


def ready(model: nn.Module) -> nn.Module:
    """Return the model as it runs fastest: normalisation folded into the convolutions, channels last."""
    fused: Any = model.eval()
    fused = fused.fuse(verbose=False)
    for parameter in fused.parameters():
        parameter.requires_grad_(requires_grad=False)
    return fused.to(memory_format=torch.channels_last)  # type: ignore[no-any-return]  # ultralytics has no types
