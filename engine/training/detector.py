"""Trains the ball YOLO on clips with true masks, by the clock; knows no real footage.

``python -m engine.training.detector --data CLIPS --out RUN --minutes 50`` extracts stills of the clips into
RUN/stills, trains, and writes RUN/ball_yolo_nano.safetensors with the confidence that serves best on
clips that were held out. Stopped runs go on with ``--resume``, which also takes in clips rendered since.
"""

import argparse
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import torch

from engine.errors import SelectionError
from engine.models.yolo import CLASSES, ModelCard, save_weights
from engine.stopping import stop_when_asked
from engine.training.detector_batches import Batch, Diet, batches
from engine.training.detector_check import CONFIDENCE, Checked, calibrate
from engine.training.detector_data import Still, add_clips, read_stills, split
from engine.training.detector_run import (
    State,
    begin,
    learn,
    save,
    schedule,
    take_up,
)
from engine.training.run_log import EVERY, RunLog, to_stderr

WEIGHTS = "ball_yolo_nano.safetensors"
CHECKPOINT = "last.pt"
SAVE_EVERY = 120.0
PARTS = ("box", "found", "edge", "kind")


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


def train(options: Options, *, log: RunLog | None = None) -> Path:
    """Run a training to its end and return the weights file.

    ``log`` gets the parts of the loss and the figures of clips held out, and is closed; without one, a log of its own
    in the run's folder does.

    Raises:
        SelectionError: there are no complete clips in ``options.data``.
        WeightsError: ``options.resume`` is set and there is no usable checkpoint, or ``options.start`` is none of ours.
        KeyboardInterrupt: it was asked to stop (Ctrl-C); everything learnt is in the checkpoint.
    """
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    known, held = split(_stills(options))
    state = begin(device=options.device, rate=options.rate, start=options.start)
    if options.resume:
        take_up(options.out / CHECKPOINT, state)
    to_stderr(
        f"{len(known)} stills to learn from, {len(held)} held out; from step {state.step} on {options.device}"
    )
    log = RunLog(options.out) if log is None else log
    if not _loop(options, state, known, log):
        again = _command(options, data=[str(data) for data in options.data], out=str(options.out))
        log.close()
        to_stderr(f"stopped at step {state.step}, all is saved; go on with: {again} --resume")
        raise KeyboardInterrupt
    return _finish(options, state, held, log)


def _stills(options: Options) -> list[Still]:
    """Return the stills of all clips, extracting those that are new."""
    folder = options.out / "stills"
    for data in options.data:
        fresh = add_clips(data, folder, per_clip=options.stills, seed=options.seed)
        to_stderr(f"{fresh} new clips in {data}")
    found = read_stills(folder)
    if not found:
        raise SelectionError(
            f"{list(map(str, options.data))}: no complete clips; render some with `python -m engine.synth`"
        )
    return found


def _stream(options: Options, state: State, stills: Sequence[Still]) -> Iterator[Batch]:
    """Return the batches from the present step on."""
    diet = replace(options.diet, seed=options.seed)
    return batches(stills, diet, start=state.step, workers=options.workers)


def _loop(options: Options, state: State, stills: Sequence[Still], log: RunLog) -> bool:
    """Train until the time is spent, saving and looking for new clips now and then; False when asked to stop."""
    budget = options.minutes * 60
    log.begin(state.step)
    stream = _stream(options, state, stills)
    clock, saved, looked = time.monotonic(), state.seconds, state.seconds
    with stop_when_asked() as stopped:
        while state.seconds < budget and not stopped():
            if state.seconds - looked > options.look * 60:
                more, _ = split(_stills(options))
                if len(more) > len(stills):
                    stills, stream = more, _stream(options, state, more)
                    to_stderr(f"{len(stills)} stills to learn from")
                looked, clock = state.seconds, time.monotonic()
            rate = options.rate * schedule(state.step, state.seconds / budget)
            parts = learn(state, next(stream), rate=rate)
            state.seconds, clock = state.seconds + time.monotonic() - clock, time.monotonic()
            log.note(dict(zip(PARTS, parts.tolist(), strict=True)))
            if state.step == 1 or state.step % EVERY == 0:
                left = max(0.0, budget - state.seconds)
                log.tell(state.step, seconds=state.seconds, rate=rate, left=left)
            if state.seconds - saved > SAVE_EVERY:
                save(options.out / CHECKPOINT, state)
                saved = state.seconds
    save(options.out / CHECKPOINT, state)
    return state.seconds >= budget


def _finish(options: Options, state: State, held: Sequence[Still], log: RunLog) -> Path:
    """Calibrate the confidence on held-out stills and write the weights with their card."""
    shipped = deepcopy(state.average)
    figures = _figures(calibrate(shipped, held, size=options.size, classes=CLASSES))
    log.measured(state.step, figures)
    log.close()
    measured = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
    card = ModelCard(
        size=options.size,
        confidence=CONFIDENCE,
        command=_made_by(options),
        seed=options.seed,
        code=version("billiards-engine"),
        history=(
            f"{state.step} steps of {options.diet.count} crops in {state.seconds / 60:.0f} minutes; "
            f"{len(held)} held-out stills at {options.size} px: {measured}"
        ),
    )
    save_weights(options.out / WEIGHTS, shipped, card)
    return options.out / WEIGHTS


def _figures(checked: Checked) -> dict[str, float]:
    """Return what is told of stills held out."""
    return {
        "recall": checked.balls.recall,
        "precision": checked.balls.precision,
        "right kind": checked.balls.class_accuracy,
        "pocket recall": checked.pockets.recall,
        "pocket precision": checked.pockets.precision,
    }


def _command(options: Options, *, data: Sequence[str], out: str) -> str:
    """Return the command of a run with its settings, and with these names of its folders."""
    settings = {
        "--minutes": options.minutes,
        "--stills": options.stills,
        "--batch": options.diet.count,
        "--crop": options.diet.crop,
        "--size": options.size,
        "--rate": options.rate,
        "--seed": options.seed,
        "--threads": options.threads,
        "--workers": options.workers,
    }
    told = " ".join(f"{name} {value}" for name, value in settings.items())
    return f"python -m engine.training.detector --data {shlex.join([*data, '--out', out])} {told}"


def _made_by(options: Options) -> str:
    """Return the command as weights carry it: no folder of this machine in it."""
    start = "" if options.start is None else f" --start {options.start.name}"
    return _command(options, data=["CLIPS"], out="RUN") + start


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m engine.training.detector", description=__doc__)
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        help="folders of rendered clips, or exports (SA-V, DAVIS)",
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
    try:
        train(options)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
