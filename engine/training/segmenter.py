"""Trains LiteSAM2-nano on labelled clips, by the clock; knows no network's inside and no format of datasets.

``python -m engine.training.segmenter --data CLIPS --out RUN --minutes 60`` writes RUN/last.pt every two minutes and
RUN/litesam2_nano.safetensors, the running average of the weights, with it. ``--resume`` goes on; ``--data`` may be
given several times.
"""

import argparse
import sys
import time
from copy import deepcopy
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.utils.data import DataLoader

from engine.errors import WeightsError
from engine.models.nano import WIDTH, build_nano
from engine.training.segmenter_batches import Batch, Batches, Recipe
from engine.training.segmenter_steps import loss_of

WEIGHTS, CHECKPOINT = "litesam2_nano.safetensors", "last.pt"
SAVE_EVERY, TELL_EVERY = 120.0, 25
WEIGHTS_OF = {"mask": 1.0, "score": 0.6, "iou": 0.2, "any": 1.0}


@dataclass(frozen=True, slots=True)
class Options:
    """One training run: where from, where to, how long, how."""

    data: tuple[Path, ...]
    out: Path
    minutes: float = 60.0
    seed: int = 0
    batch: int = 24
    frames: int = 4
    long: float = 0.33
    context: float = 3.5
    rate: float = 8e-4
    threads: int = 2
    workers: int = 1
    device: str = "cpu"
    resume: bool = False


@dataclass(slots=True)
class State:
    """What changes as a run goes on. ``seconds`` is time spent training."""

    model: Any
    alarm: nn.ModuleList
    average: Any
    optimizer: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0


def train(options: Options) -> Path:
    """Run a training to its end and return the weights file.

    Raises:
        SelectionError: there is nothing to train on in ``options.data``.
        WeightsError: ``options.resume`` is set and there is no checkpoint.
    """
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    state = _state(options)
    if options.resume:
        _load(options.out / CHECKPOINT, state)
    stream = Batches(_recipe(options, state), start=state.step)
    loader = DataLoader(stream, batch_size=None, num_workers=options.workers)
    _loop(options, state, loader)
    return _save(options, state)


def _recipe(options: Options, state: State) -> Recipe:
    """Return what the batches are made of."""
    return Recipe(
        options.data,
        state.model.image_size,
        options.context,
        options.batch,
        options.frames,
        options.long,
        seed=options.seed,
    )


def _state(options: Options) -> State:
    """Return a fresh state with random weights."""
    model: Any = build_nano()
    # A ball is nearly always there: begin so, or the score starves everything behind it.
    nn.init.constant_(model.sam_mask_decoder.pred_obj_score_head.layers[-1].bias, 2.0)
    alarm = nn.ModuleList(nn.Conv2d(width, 1, 1) for width in _level_widths(model))
    for part in (model, alarm):
        part.to(options.device)
    average = deepcopy(model).eval().requires_grad_(requires_grad=False)
    parameters = [*model.parameters(), *alarm.parameters()]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.02},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98))
    return State(model.train(), alarm, average, optimizer)


def _level_widths(model: Any) -> list[int]:
    """Return the channels of the feature levels, finest first; the decoder's are narrower."""
    decoder = model.sam_mask_decoder
    return [decoder.conv_s0.out_channels, decoder.conv_s1.out_channels, WIDTH]


def _loop(options: Options, state: State, loader: Any) -> None:
    """Take steps until the time is over."""
    dice = torch.Generator().manual_seed(options.seed + state.step)
    saved, sums = time.monotonic(), dict[str, float]()
    for batch in loader:
        begun = time.monotonic()
        rate = _rate(options, state)
        for group in state.optimizer.param_groups:
            group["lr"] = rate
        for name, value in _step(options, state, batch, dice).items():
            sums[name] = sums.get(name, 0.0) + value
        state.step += 1
        state.seconds += time.monotonic() - begun
        if state.step % TELL_EVERY == 0:
            _tell(options, state, {name: value / TELL_EVERY for name, value in sums.items()}, rate)
            sums.clear()
        if time.monotonic() - saved > SAVE_EVERY:
            _save(options, state)
            saved = time.monotonic()
        if state.seconds >= options.minutes * 60:
            return


def _step(options: Options, state: State, batch: Batch, dice: torch.Generator) -> dict[str, float]:
    """Take one step and return the parts of the loss."""
    parts = loss_of(state.model, state.alarm, batch.to(options.device), dice=dice)
    loss = torch.stack([WEIGHTS_OF[name] * part for name, part in parts.items()]).sum()
    state.optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward([loss])
    nn.utils.clip_grad_norm_(state.model.parameters(), 1.0)
    state.optimizer.step()
    _follow(state.average, state.model, min(0.998, (state.step + 1) / (state.step + 20)))
    return {name: float(part.detach()) for name, part in parts.items()}


@torch.no_grad()
def _follow(average: Any, model: Any, keep: float) -> None:
    """Move the running average toward the weights, statistics of normalisation included."""
    for mine, theirs in zip(
        average.state_dict().values(), model.state_dict().values(), strict=True
    ):
        if mine.is_floating_point():
            mine.lerp_(theirs, 1 - keep)
        else:
            mine.copy_(theirs)


def _rate(options: Options, state: State) -> float:
    """Return the learning rate: a short climb, then a half cosine over the time of the run."""
    part = min(1.0, state.seconds / (options.minutes * 60))
    climb = min(1.0, (state.step + 1) / 200)
    return options.rate * climb * (0.02 + 0.98 * 0.5 * (1 + float(np.cos(np.pi * part))))


def _tell(options: Options, state: State, parts: dict[str, float], rate: float) -> None:
    """Say how far the run is."""
    left = options.minutes - state.seconds / 60
    shown = "  ".join(f"{name} {value:.4f}" for name, value in sorted(parts.items()))
    sys.stderr.write(
        f"step {state.step}  {shown}  rate {rate:.1e}  "
        f"{state.seconds / state.step:.2f} s/step  {left:.1f} min left\n"
    )


def _save(options: Options, state: State) -> Path:
    """Write checkpoint and weights, each beside its place first."""
    whole = {
        "model": state.model.state_dict(),
        "alarm": state.alarm.state_dict(),
        "average": state.average.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "step": state.step,
        "seconds": state.seconds,
    }
    partial = options.out / f"{CHECKPOINT}.partial"
    torch.save(whole, partial)
    partial.replace(options.out / CHECKPOINT)
    told = {
        "model": "litesam2-nano",
        "context": str(options.context),
        "steps": str(state.step),
        "minutes": f"{state.seconds / 60:.1f}",
        "seed": str(options.seed),
        "trained_by": f"engine.training.segmenter --batch {options.batch} --frames {options.frames} "
        f"--long {options.long}",
        "version": version("billiards-engine"),
    }
    weights = {
        name: value.half().contiguous() if value.is_floating_point() else value.contiguous()
        for name, value in state.average.state_dict().items()
    }
    partial = options.out / f"{WEIGHTS}.partial"
    save_file(weights, partial, metadata=told)
    partial.replace(options.out / WEIGHTS)
    return options.out / WEIGHTS


def _load(path: Path, state: State) -> None:
    """Go on from a checkpoint."""
    if not path.is_file():
        raise WeightsError(f"{path}: no checkpoint to go on from; leave --resume out to begin anew")
    whole = torch.load(path, weights_only=True)
    state.model.load_state_dict(whole["model"])
    state.alarm.load_state_dict(whole["alarm"])
    state.average.load_state_dict(whole["average"])
    state.optimizer.load_state_dict(whole["optimizer"])
    state.step, state.seconds = whole["step"], whole["seconds"]


def main() -> None:
    """Train the segmenter as the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.training.segmenter", description=__doc__
    )
    parser.add_argument(
        "--data", type=Path, required=True, action="append", help="a dataset; may be repeated"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    for name in ("minutes", "context", "rate", "long"):
        parser.add_argument(f"--{name}", type=float, default=getattr(Options((), Path()), name))
    for name in ("seed", "batch", "frames", "threads", "workers"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Options((), Path()), name))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    asked = vars(parser.parse_args())
    sys.stdout.write(f"{train(Options(**{**asked, 'data': tuple(asked['data'])}))}\n")


if __name__ == "__main__":
    main()
