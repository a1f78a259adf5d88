"""One step of learning for a network and its running average: rate, precision, gradient; knows no data and no clock."""

from math import cos, pi
from typing import Any

import torch
from torch import nn

from engine.training.segmenter_batches import Batch
from engine.training.segmenter_options import Options
from engine.training.segmenter_state import State
from engine.training.segmenter_teacher import teach

CLIMB, LOWEST = 200, 0.02  # steps up to the highest rate, part of it at the end
WEIGHTS_OF = {
    "mask": 1.0,
    "score": 0.6,
    "iou": 0.2,
    "any": 1.0,
    "teach_features": 1.0,
    "teach_mask": 1.0,
    "teach_score": 0.3,
}


def learn(
    options: Options, state: State, wrapped: Any, batch: Batch, *, teacher: Any = None
) -> dict[str, float]:
    """Take one step and return the parts of the loss.

    Args:
        options: the run.
        state: what changes; its count of steps is left to the caller.
        wrapped: the pupil, or what shares its gradients with a team.
        batch: on the device of the network.
        teacher: a ``SAM2Base`` in evaluation mode to learn from.
    """
    rate = rate_of(options, state)
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    half = options.precision == "bf16"
    with torch.autocast(batch.pictures.device.type, torch.bfloat16, enabled=half):
        taught = None if teacher is None else teach(teacher, batch, state.dice)
        parts = wrapped(batch=batch, dice=state.dice, taught=taught)
    loss = torch.stack([WEIGHTS_OF[name] * part.float() for name, part in parts.items()]).sum()
    state.optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward([loss])
    nn.utils.clip_grad_norm_(state.pupil.model.parameters(), 1.0)
    state.optimizer.step()
    follow(state.average, state.pupil.model, min(0.998, (state.step + 1) / (state.step + 20)))
    return {name: float(part.detach()) for name, part in parts.items()}


@torch.no_grad()
def follow(average: Any, model: Any, keep: float) -> None:
    """Move the running average toward the weights, statistics of normalisation included."""
    for mine, theirs in zip(
        average.state_dict().values(), model.state_dict().values(), strict=True
    ):
        if mine.is_floating_point():
            mine.lerp_(theirs, 1 - keep)
        else:
            mine.copy_(theirs)


def rate_of(options: Options, state: State) -> float:
    """Return the learning rate: a short climb, then a half cosine over the run."""
    part = min(1.0, options.progress(state.step, state.seconds))
    climb = min(1.0, (state.step + 1) / CLIMB)
    return state.plan.rate * climb * (LOWEST + (1 - LOWEST) * 0.5 * (1 + cos(pi * part)))
