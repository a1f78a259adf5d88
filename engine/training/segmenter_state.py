"""What changes as a training of the segmenter goes on, and how it is kept on disk; knows no data and no schedule."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from engine.errors import WeightsError
from engine.training.segmenter_networks import Begun, Plan, begin, level_widths, resume
from engine.training.segmenter_options import Options
from engine.training.segmenter_teacher import Pupil, bridges

CHECKPOINT = "last.pt"
RIM = -0.5
"""Mask logit at which masks from windows end in use: rendered truth counts a pixel of which half is the ball, people who
draw around a ball count its mixed rim as well."""


@dataclass(slots=True)
class State:
    """What changes as a run goes on. ``seconds`` is time spent training; ``dice`` draws the prompts."""

    pupil: Pupil
    average: Any
    optimizer: torch.optim.Optimizer
    dice: torch.Generator
    plan: Plan
    step: int = 0
    seconds: float = 0.0


def open_state(options: Options, device: torch.device, *, teacher: Any = None) -> State:
    """Return a new state, or that of the checkpoint in ``options.out`` where ``options.resume`` is set.

    Raises:
        WeightsError: the checkpoint is absent, damaged or of another training; or ``options.init`` does not load.
    """
    if not options.resume:
        return _new(begin(options), options, device, teacher)
    path = options.out / CHECKPOINT
    kept = _read(path)
    begun = resume(kept["model"], kept.get("about", {}), options, fresh=bool(kept["alarm"]))
    state = _new(begun, options, device, teacher)
    try:
        _take(state, kept)
    except (KeyError, ValueError, TypeError, RuntimeError) as error:
        raise WeightsError(
            f"{path}: is of another training ({error}); give the same --teacher as before, or begin anew elsewhere "
            f"with --init {path}"
        ) from error
    return state


def save(options: Options, state: State) -> Path:
    """Write checkpoint and weights, each beside its place first, and return the file of weights."""
    write_beside(options.out / CHECKPOINT, lambda path: torch.save(_kept(state), path))
    weights = {
        name: value.half().contiguous() if value.is_floating_point() else value.contiguous()
        for name, value in state.average.state_dict().items()
    }
    told = _told(options, state)
    path = options.out / state.plan.weights
    write_beside(path, lambda partial: save_file(weights, partial, metadata=told))
    return path


def write_beside(path: Path, write: Any) -> None:
    """Let ``write`` make a file that takes its place once it is whole."""
    partial = path.with_name(f"{path.name}.partial")
    write(partial)
    partial.replace(path)


def _new(begun: Begun, options: Options, device: torch.device, teacher: Any) -> State:
    """Return a state at step 0."""
    model = begun.network
    widths = level_widths(model)
    alarm = nn.ModuleList(nn.Conv2d(width, 1, 1) for width in widths if begun.fresh)
    bridge = bridges(widths, level_widths(teacher)) if teacher is not None else nn.ModuleList()
    pupil = Pupil(model, alarm, bridge).to(device).train()
    average = deepcopy(pupil.model).eval().requires_grad_(requires_grad=False)
    dice = torch.Generator().manual_seed(options.seed)
    return State(pupil, average, _optimizer(pupil, begun.plan.rate), dice, begun.plan)


def _optimizer(pupil: Pupil, rate: float) -> torch.optim.Optimizer:
    """Return AdamW that shrinks kernels and leaves offsets alone; bridges to a teacher have a group of their own."""
    parameters = [*pupil.model.parameters(), *pupil.alarm.parameters()]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.02},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if taught := list(pupil.bridge.parameters()):
        groups.append({"params": taught, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))


def _kept(state: State) -> dict[str, Any]:
    """Return what a checkpoint holds: tensors, numbers and texts alone."""
    pupil = state.pupil
    return {
        "model": pupil.model.state_dict(),
        "alarm": pupil.alarm.state_dict(),
        "bridge": pupil.bridge.state_dict(),
        "average": state.average.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "dice": state.dice.get_state(),
        "chance": torch.get_rng_state(),
        "about": {name: str(value) for name, value in asdict(state.plan).items()},
        "step": state.step,
        "seconds": state.seconds,
    }


def _read(path: Path) -> dict[str, Any]:
    """Read a checkpoint without executing anything in it."""
    if not path.is_file():
        raise WeightsError(f"{path}: no checkpoint to go on from; leave --resume out to begin anew")
    try:
        kept: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        kept["model"], kept["alarm"], kept["optimizer"]
    except Exception as error:  # a torn file fails in many ways
        raise WeightsError(
            f"{path}: no checkpoint of a training ({type(error).__name__}: {str(error).partition(chr(10))[0]}); "
            "leave --resume out to begin anew in another folder"
        ) from error
    return kept


def _take(state: State, kept: Mapping[str, Any]) -> None:
    """Fill a state from a checkpoint; those of older versions lack the random state."""
    pupil = state.pupil
    pupil.model.load_state_dict(kept["model"])
    pupil.alarm.load_state_dict(kept["alarm"])
    pupil.bridge.load_state_dict(kept.get("bridge", {}))
    state.average.load_state_dict(kept["average"])
    state.optimizer.load_state_dict(kept["optimizer"])
    state.step, state.seconds = int(kept["step"]), float(kept["seconds"])
    if "dice" in kept:
        state.dice.set_state(kept["dice"])
        torch.set_rng_state(kept["chance"])
    else:
        state.dice.manual_seed(state.dice.initial_seed() + state.step)


def _told(options: Options, state: State) -> dict[str, str]:
    """Return what weights say about themselves; "context" and "edge" are there for models on windows alone."""
    plan = state.plan
    windowed = {} if plan.views == "frame" else {"context": str(plan.context), "edge": str(RIM)}
    return {
        "model": "litesam2-nano" if plan.model == "nano" else plan.model,
        **windowed,
        "views": plan.views,
        "side": str(plan.side),
        "steps": str(state.step),
        "minutes": f"{state.seconds / 60:.1f}",
        "seed": str(options.seed),
        "trained_by": f"engine train segmenter --batch {options.batch} --frames {options.frames}",
        "version": version("billiards-engine"),
    }
