"""What ``engine train`` does: start a training that Ctrl-C stops at a safe place, and say what came of it."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.cli.console import say
from engine.cli.interrupt import stop_on_interrupt
from engine.errors import SettingsError
from engine.training.segmenter_options import Options, Report


@dataclass(frozen=True, slots=True)
class DetectorTask:
    """A training of the detector; see the command's options."""

    data: tuple[Path, ...]
    out: Path
    init: Path | None
    resume: bool
    minutes: float
    batch: int
    crop: int
    size: int
    stills: int
    rate: float
    threads: int
    workers: int
    device: str
    seed: int


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training of the detector: its weights, unless it was interrupted before there were any."""

    weights: Path
    checkpoint: Path
    interrupted: bool = False


def segmenter(options: Options) -> Report:
    """Train the segmenter; errors as for ``engine.training.segmenter.train``."""
    from engine.training.segmenter import train  # noqa: PLC0415 - torch only where it is used

    with stop_on_interrupt() as stop:
        return train(options, say=say, stop=stop)


def detector(task: DetectorTask) -> Trained:
    """Train the detector; errors as for ``engine.training.detector.train``."""
    from engine.training import detector as training  # noqa: PLC0415 - torch only where it is used
    from engine.training.detector_batches import Diet  # noqa: PLC0415
    from engine.training.parallel import team  # noqa: PLC0415
    from engine.training.run_log import RunLog  # noqa: PLC0415

    weights, checkpoint = task.out / training.WEIGHTS, task.out / training.CHECKPOINT
    if checkpoint.exists() and not task.resume:
        raise SettingsError(
            f"{task.out}: holds a run already; go on with --resume, or choose another --out"
        )
    with team(task.device) as members:
        options = training.Options(
            task.data,
            task.out,
            minutes=task.minutes,
            seed=task.seed,
            stills=task.stills,
            diet=Diet(count=task.batch, crop=task.crop),
            size=task.size,
            rate=task.rate,
            threads=task.threads,
            workers=task.workers,
            device=str(members.device),
            resume=task.resume,
            start=task.init,
        )
    task.out.mkdir(parents=True, exist_ok=True)
    try:
        return Trained(training.train(options, log=RunLog(task.out, say)), checkpoint)
    except KeyboardInterrupt:
        return Trained(weights, checkpoint, interrupted=True)


def told(report: Report) -> str:
    """Return what came of a training of the segmenter and what is next."""
    if report.interrupted:
        return (
            f"stopped after {report.steps} steps, everything is in {report.checkpoint}\n"
            f"go on with: {again(sys.argv[1:])}"
        )
    held = "  ".join(f"{name} {value:.3f}" for name, value in report.held_out.items())
    return "\n".join(
        [
            f"{report.steps} steps in {report.minutes:.1f} minutes: {report.weights}",
            *([f"held out: {held}"] if held else []),
            f"next: engine models use {shlex.quote(str(report.weights))}",
        ]
    )


def detector_told(report: Trained) -> str:
    """Return what came of a training of the detector and what is next."""
    if report.interrupted:
        return f"stopped, everything is in {report.checkpoint}\ngo on with: {again(sys.argv[1:])}"
    return (
        f"{report.weights}\nnext: engine models use {shlex.quote(str(report.weights))} --detector"
    )


def again(words: Sequence[str]) -> str:
    """Return the command of these words that goes on with its run."""
    more = [] if "--resume" in words else ["--resume"]
    return shlex.join(["engine", *words, *more])
