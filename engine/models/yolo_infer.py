"""Knows how a picture becomes the input of a YOLO and how its output becomes boxes; knows no weights and no frames."""

from collections.abc import Sequence
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
        raw: float (4 + classes, anchors): centre x, centre y, width, height in network pixels, then scores 0..1.
        confidence: lowest score that counts.
        overlap: two boxes of a higher intersection over union are one ball.
        scored: classes of which the best is the box's score; None means all.
        named: classes of which the best is the box's class; None means all.

    Returns:
        float (N, 6): x0, y0, x1, y1, score, class; N is at most 300.
    """
    every = range(len(raw) - 4)
    choice = torch.tensor(list(every if named is None else named), device=raw.device)
    scores = raw[4:][list(every if scored is None else scored)].amax(0)
    labels = choice[raw[4:][choice].argmax(0)]
    keep = scores >= confidence
    centre, half = raw[:2, keep].T, raw[2:4, keep].T / 2
    boxes = torch.cat([centre - half, centre + half], 1)
    winners = nms(boxes, scores[keep], overlap)[:MOST]
    return torch.cat([boxes, scores[keep, None], labels[keep, None].to(boxes)], 1)[winners]


def ready(model: nn.Module) -> nn.Module:
    """Return the model as it runs fastest: normalisation folded into the convolutions, channels last."""
    fused: Any = model.eval()
    fused = fused.fuse(verbose=False)
    for parameter in fused.parameters():
        parameter.requires_grad_(requires_grad=False)
    return fused.to(memory_format=torch.channels_last)  # type: ignore[no-any-return]  # ultralytics has no types
