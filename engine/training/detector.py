"""Trains the ball YOLO from nothing on rendered clips, by the clock; knows no real footage.

``python -m engine.training.detector --data CLIPS --out RUN --minutes 50`` extracts stills of the clips into
RUN/stills, trains, and writes RUN/ball_yolo_nano.safetensors with the confidence that serves best on
clips that were held out. Stopped runs go on with ``--resume``, which also takes in clips rendered since.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import torch
from torch import Tensor, nn

from engine.errors import SelectionError, WeightsError
from engine.models.yolo import CLASSES, ModelCard, build_nano, load_weights, save_weights, transfer
from engine.training.detector_batches import Batch, Diet, batches
from engine.training.detector_check import CONFIDENCE, calibrate
from engine.training.detector_data import Still, add_clips, read_stills
from engine.training.detector_loss import FindThenName

WEIGHTS = "ball_yolo_nano.safetensors"
CHECKPOINT = "last.pt"
SAVE_EVERY = 120.0
TELL_EVERY = 20
HELD_OUT = 25
GAINS = {"box": 7.5, "cls": 0.5, "dfl": 1.5}


@dataclass(frozen=True, slots=True)
class Options:
    """One training run: where from, where to, how long, how."""

    data: tuple[Path, ...]
    out: Path
    minutes: float = 50.0
    seed: int = 0
    stills: int = 2
    diet: Diet = field(default_factory=Diet)
    size: int = 1024
    rate: float = 1.5e-3
    threads: int = 2
    workers: int = 1
    device: str = "cpu"
    look: float = 8.0
    resume: bool = False
    start: Path | None = None


@dataclass(slots=True)
class State:
    """What changes as a run goes on, and what a checkpoint holds. ``seconds`` is time spent training."""

    model: nn.Module
    average: nn.Module
    optimizer: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0


def train(options: Options) -> Path:
    """Run a training to its end and return the weights file.

    Raises:
        SelectionError: there are no complete clips in ``options.data``.
        WeightsError: ``options.resume`` is set and there is no usable checkpoint.
    """
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    learn, held = split(_stills(options))
    state = _state(options)
    if options.resume:
        _load(options.out / CHECKPOINT, state)
    _tell(
        f"{len(learn)} stills to learn from, {len(held)} held out; from step {state.step} on {options.device}"
    )
    _loop(options, state, learn)
    return _finish(options, state, held)


def _stills(options: Options) -> list[Still]:
    """Return the stills of all clips, extracting those that are new."""
    folder = options.out / "stills"
    for data in options.data:
        fresh = add_clips(data, folder, per_clip=options.stills, seed=options.seed)
        _tell(f"{fresh} new clips in {data}")
    found = read_stills(folder)
    if not found:
        raise SelectionError(
            f"{list(map(str, options.data))}: no complete clips; render some with `python -m engine.synth`"
        )
    return found


def split(stills: Sequence[Still]) -> tuple[list[Still], list[Still]]:
    """Return stills to learn from and stills held out: those of about every 25th clip, at least of one.

    The choice hangs on a clip's name alone, so that no clip changes sides as others are added.
    """
    marks = {still.clip: crc32(still.clip.encode()) % HELD_OUT for still in stills}
    least = min(marks.values(), default=0)
    held = (
        {clip for clip, mark in marks.items() if mark == least}
        if len(set(marks.values())) > 1
        else set()
    )
    return [still for still in stills if still.clip not in held], [
        still for still in stills if still.clip in held
    ]


def _state(options: Options) -> State:
    """Return a fresh state with random weights, or those of ``options.start``."""
    model: Any = build_nano(CLASSES)
    if options.start is not None:
        given, card = load_weights(options.start)
        transfer(model, given, card.classes)
    model.args = SimpleNamespace(**GAINS)
    model.to(options.device, memory_format=torch.channels_last)
    average = deepcopy(model).eval()
    for parameter in average.parameters():
        parameter.requires_grad_(requires_grad=False)
    kernels = [value for value in model.parameters() if value.ndim > 1 and value.requires_grad]
    others = [value for value in model.parameters() if value.ndim <= 1 and value.requires_grad]
    groups = [{"params": kernels, "weight_decay": 0.02}, {"params": others, "weight_decay": 0.0}]
    model.criterion = FindThenName(model)
    return State(
        model.train(), average, torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.99))
    )


def _stream(options: Options, state: State, stills: Sequence[Still]) -> Iterator[Batch]:
    """Return the batches from the present step on."""
    diet = replace(options.diet, seed=options.seed)
    return batches(stills, diet, start=state.step, workers=options.workers)


def _loop(options: Options, state: State, stills: Sequence[Still]) -> None:
    """Train until the time is spent, telling how far it is, saving and looking for new clips now and then."""
    budget = options.minutes * 60
    stream = _stream(options, state, stills)
    clock, saved, looked = time.monotonic(), state.seconds, state.seconds
    while state.seconds < budget:
        if state.seconds - looked > options.look * 60:
            more, _ = split(_stills(options))
            if len(more) > len(stills):
                stills, stream = more, _stream(options, state, more)
                _tell(f"{len(stills)} stills to learn from")
            looked, clock = state.seconds, time.monotonic()
        for group in state.optimizer.param_groups:
            group["lr"] = options.rate * schedule(state.step, state.seconds / budget)
        parts = _step(options, state, next(stream))
        now = time.monotonic()
        state.seconds += now - clock
        clock = now
        if state.step == 1 or state.step % TELL_EVERY == 0:
            _tell_progress(state, budget, parts)
        if state.seconds - saved > SAVE_EVERY:
            _save(options.out / CHECKPOINT, state)
            saved = state.seconds
    _save(options.out / CHECKPOINT, state)


def schedule(step: int, progress: float) -> float:
    """Return the factor of the learning rate: 100 steps up, then a cosine down to 2 % at ``progress`` 1."""
    return min(1.0, (step + 1) / 100) * (
        0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    )


def _step(options: Options, state: State, batch: Batch) -> Tensor:
    """Learn from one batch; return the loss's parts (box, found, edge, kind)."""
    cuda = options.device.startswith("cuda")
    moved = {name: value.to(options.device, non_blocking=True) for name, value in batch.items()}
    moved["img"] = (moved["img"].float() / 255).to(memory_format=torch.channels_last)
    with torch.autocast("cuda", torch.bfloat16, enabled=cuda):
        parts, _ = state.model(moved)
    state.optimizer.zero_grad(set_to_none=True)
    (parts.sum() / len(moved["img"])).backward()
    nn.utils.clip_grad_norm_(state.model.parameters(), 10.0)
    state.optimizer.step()
    state.step += 1
    _average(state)
    return torch.as_tensor(parts).detach() / len(moved["img"])


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


def _save(path: Path, state: State) -> None:
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


def _load(path: Path, state: State) -> None:
    """Take up a checkpoint."""
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


def _finish(options: Options, state: State, held: Sequence[Still]) -> Path:
    """Calibrate the confidence on held-out stills and write the weights with their card."""
    shipped = deepcopy(state.average)
    result = calibrate(shipped, held, size=options.size, classes=CLASSES)
    history = (
        f"{state.step} steps of {options.diet.count} crops in {state.seconds / 60:.0f} minutes; {len(held)} held-out rendered "
        f"stills at {options.size} px: recall {result.recall:.3f}, precision {result.precision:.3f}"
    )
    card = ModelCard(
        size=options.size,
        confidence=CONFIDENCE,
        command=" ".join(["python -m engine.training.detector", *sys.argv[1:]]),
        seed=options.seed,
        code=version("billiards-engine"),
        history=history,
    )
    _tell(history)
    save_weights(options.out / WEIGHTS, shipped, card)
    return options.out / WEIGHTS


def _tell_progress(state: State, budget: float, parts: Tensor) -> None:
    """Say how far the training is and when it ends."""
    left = max(0.0, budget - state.seconds) / 60
    box, found, edge, kind = (float(part) for part in parts.flatten()[:4])
    _tell(
        f"step {state.step}: box {box:.3f} found {found:.3f} edge {edge:.3f} kind {kind:.3f}; {left:.1f} minutes left"
    )


def _tell(line: str) -> None:
    """Print one line of progress at once."""
    print(line, flush=True)  # noqa: T201 - a command's output


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m engine.training.detector", description=__doc__)
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, help="folders of rendered clips"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument(
        "--minutes", type=float, default=50.0, help="time to train, checks not counted"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stills", type=int, default=2, help="frames taken of each clip")
    parser.add_argument("--batch", type=int, default=16, help="crops a step")
    parser.add_argument(
        "--crop", type=int, default=320, help="side of a crop in pixels, a multiple of 32"
    )
    parser.add_argument(
        "--size", type=int, default=1024, help="longer side of pictures when detecting"
    )
    parser.add_argument("--rate", type=float, default=1.5e-3, help="highest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare batches")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--look", type=float, default=8.0, help="minutes between looks for new clips"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument("--start", type=Path, help="weights to begin with instead of random ones")
    values = vars(parser.parse_args(arguments))
    diet = Diet(count=values.pop("batch"), crop=values.pop("crop"))
    options = Options(**{**values, "data": tuple(values["data"])}, diet=diet)
    options.out.mkdir(parents=True, exist_ok=True)
    train(options)


if __name__ == "__main__":
    main()
