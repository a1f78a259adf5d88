"""Knows one training of the ball YOLO from step to step and from disk to disk; knows no data and no clock.

The weights that ship are a running average: its steps are calmer than those of the network that learns.
"""

import math
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from engine.errors import WeightsError
from engine.models.yolo import CLASSES, build_nano, load_weights, transfer
from engine.training.detector_batches import Batch
from engine.training.detector_loss import FindThenName

GAINS = {"box": 7.5, "cls": 0.5, "dfl": 1.5}
BETAS = (0.9, 0.99)
DECAY = 0.02
LARGEST_GRADIENT = 10.0


@dataclass(slots=True)
class State:
    """What changes as a run goes on, and what a checkpoint holds. ``seconds`` is time spent training."""

    model: nn.Module
    average: nn.Module
    optimizer: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0


def begin(*, device: str, rate: float, start: Path | None = None) -> State:
    """Return a fresh state with random weights, or those of the file ``start``, of whatever classes.

    Raises:
        WeightsError: ``start`` is no weights file of ours.
    """
    model: Any = build_nano(CLASSES)
    if start is not None:
        given, card = load_weights(start)
        transfer(model, given, card.classes)
    model.args = SimpleNamespace(**GAINS)
    model.to(device, memory_format=torch.channels_last)
    average = deepcopy(model).eval()
    for parameter in average.parameters():
        parameter.requires_grad_(requires_grad=False)
    kernels = [value for value in model.parameters() if value.ndim > 1 and value.requires_grad]
    others = [value for value in model.parameters() if value.ndim <= 1 and value.requires_grad]
    groups = [{"params": kernels, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
    model.criterion = FindThenName(model)
    return State(model.train(), average, torch.optim.AdamW(groups, lr=rate, betas=BETAS))


def schedule(step: int, progress: float) -> float:
    """Return the factor of the learning rate: 100 steps up, then a cosine down to 2 % at ``progress`` 1."""
    return min(1.0, (step + 1) / 100) * (
        0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    )


def learn(state: State, batch: Batch, *, rate: float) -> Tensor:
    """Learn from one batch at a rate; return the loss's parts, float (4,): box, found, edge, kind."""
    device = next(state.model.parameters()).device
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    moved = {name: value.to(device, non_blocking=True) for name, value in batch.items()}
    moved["img"] = (moved["img"].float() / 255).to(memory_format=torch.channels_last)
    with torch.autocast("cuda", torch.bfloat16, enabled=device.type == "cuda"):
        parts, _ = state.model(moved)
    state.optimizer.zero_grad(set_to_none=True)
    (parts.sum() / len(moved["img"])).backward()
    nn.utils.clip_grad_norm_(state.model.parameters(), LARGEST_GRADIENT)
    state.optimizer.step()
    state.step += 1
    _average(state)
    return torch.as_tensor(parts).detach().flatten()[:4] / len(moved["img"])


@torch.no_grad()
def _average(state: State) -> None:
    """Move the averaged weights a little towards the present ones; at first they follow closely."""
    keep = 0.998 * (1 - math.exp(-state.step / 300))
    present = state.model.state_dict()
    for name, value in state.average.state_dict().items():
        if value.is_floating_point():
            value.lerp_(present[name], 1 - keep)
        else:
            value.copy_(present[name])


def save(path: Path, state: State) -> None:
    """Write a checkpoint, whole or not at all."""
    content = {
        "model": state.model.state_dict(),
        "average": state.average.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "step": state.step,
        "seconds": state.seconds,
    }
    beside = path.with_suffix(".part")
    torch.save(content, beside)
    beside.replace(path)


def take_up(path: Path, state: State) -> None:
    """Go on from a checkpoint.

    Raises:
        WeightsError: there is none, or it is not whole.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        state.model.load_state_dict(content["model"])
        state.average.load_state_dict(content["average"])
        state.optimizer.load_state_dict(content["optimizer"])
    except Exception as error:  # a torn file fails in many ways
        raise WeightsError(
            f"{path}: no checkpoint to resume from ({error}); start without --resume"
        ) from error
    state.step, state.seconds = int(content["step"]), float(content["seconds"])
