"""Trains a SAM 2 on labelled clips, by the clock or by steps; knows no network's inside and no format of datasets.

``engine train segmenter`` is this as a command. Every two minutes RUN/last.pt is written, and with it the running average
of the weights as RUN/litesam2_nano.safetensors (or the name of an official model): whatever ends a run, no more is lost.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from engine.errors import SettingsError
from engine.models.checkpoints import load_segmenter
from engine.training.parallel import Team, agreed, team, together
from engine.training.run_log import EVERY, RunLog, duration, to_stderr
from engine.training.segmenter_batches import Batches, Recipe
from engine.training.segmenter_held import HeldOut, held_out
from engine.training.segmenter_learning import learn, rate_of
from engine.training.segmenter_networks import WEIGHTS, resize
from engine.training.segmenter_options import Options, Report
from engine.training.segmenter_state import CHECKPOINT, State, open_state, save

__all__ = ["CHECKPOINT", "WEIGHTS", "Options", "Report", "train"]

SAVE_EVERY = 120.0
ON_WINDOWS = (
    256  # pixels of a teacher's square where none is asked for: windows hold no more than that
)


@dataclass(slots=True)
class _Run:
    """What belongs to a run under way: the learning network ``wrapped`` for its team, its teacher, its logs."""

    options: Options
    members: Team
    state: State
    wrapped: Any
    teacher: Any
    log: RunLog | None
    held: HeldOut
    stop: Callable[[], bool]
    figures: dict[str, float] = field(default_factory=dict)


def train(
    options: Options,
    *,
    say: Callable[[str], None] = to_stderr,
    stop: Callable[[], bool] = lambda: False,
) -> Report:
    """Run a training to its end, or until ``stop`` is true after a step, and return what came of it.

    Args:
        options: the run.
        say: gets each line of progress.
        stop: asked after every step.

    Raises:
        SelectionError: there is nothing to train on in ``options.data``.
        SettingsError: there is no such device; or a run lies in ``options.out`` and is not to be resumed, or is over.
        WeightsError: a checkpoint to begin with, to resume or to learn from is absent or does not fit.
    """
    with team(options.device) as members:
        torch.set_num_threads(options.threads)
        torch.manual_seed(options.seed + members.rank)
        run = _opened(options, members, say, stop)
        interrupted = _loop(run, _loader(run))
        return _ended(run, interrupted=interrupted)


def _opened(
    options: Options, members: Team, say: Callable[[str], None], stop: Callable[[], bool]
) -> _Run:
    """Build or resume everything that a run needs."""
    if not options.resume and (options.out / CHECKPOINT).exists():
        raise SettingsError(
            f"{options.out}: holds a run already; go on with --resume, or choose another --out"
        )
    teacher = None if options.teacher is None else load_segmenter(options.teacher).network
    state = open_state(options, members.device, teacher=teacher)
    if options.progress(state.step, state.seconds) >= 1:
        raise SettingsError(
            f"{options.out}: the run is over ({state.step} steps, {duration(state.seconds)}); to go on, ask for more "
            "in all with --minutes or --steps"
        )
    if members.rank:
        state.dice.manual_seed(options.seed + state.step + 7919 * members.rank)
    if teacher is not None:
        _prepare(teacher, options, state)
        teacher.to(members.device)
    held = held_out(options, _recipe(options, state))
    wrapped = together(state.pupil, members)
    options.out.mkdir(parents=True, exist_ok=True)
    log = RunLog(options.out, say) if members.leads else None
    return _Run(options, members, state, wrapped, teacher, log, held, stop)


def _prepare(teacher: Any, options: Options, state: State) -> None:
    """Let a teacher be as it is, at the size asked for, or at most 256 px where it is shown windows."""
    teacher.eval().requires_grad_(requires_grad=False)
    most = teacher.image_size if state.plan.views == "frame" else ON_WINDOWS
    resize(teacher, options.teacher_side or min(most, teacher.image_size))


def _recipe(options: Options, state: State) -> Recipe:
    """Return what the batches are made of."""
    return Recipe(
        options.data,
        state.plan.side,
        state.plan.context,
        options.batch,
        options.frames,
        options.long,
        seed=options.seed,
        views=state.plan.views,
    )


def _loader(run: _Run) -> Any:
    """Return the batches from the present step on, others for each process."""
    stream = Batches(_recipe(run.options, run.state), start=run.state.step, part=run.members.rank)
    workers = run.options.workers
    return DataLoader(stream, batch_size=None, num_workers=workers, worker_init_fn=_deaf)


def _deaf(_: int) -> None:
    """Let a worker leave Ctrl-C to the process that trains, and die of a polite kill."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _loop(run: _Run, loader: Any) -> bool:
    """Take steps until the run is over; return whether it was stopped before."""
    options, state = run.options, run.state
    _introduce(run)
    clock, saved, checked = 0.0, time.monotonic(), state.seconds
    for batch in loader:
        clock = clock or time.monotonic()  # the first batch waits for clips to be read
        parts = learn(
            options, state, run.wrapped, batch.to(run.members.device), teacher=run.teacher
        )
        state.step += 1
        state.seconds += time.monotonic() - clock
        _note(run, parts)
        done, stopped = agreed(
            run.members, options.progress(state.step, state.seconds), float(run.stop())
        )
        if done >= 1 or stopped:
            return done < 1
        if run.members.leads and time.monotonic() - saved > SAVE_EVERY:
            save(options, state)
            saved = time.monotonic()
        if state.seconds - checked > 60 * options.check:
            _check(run)
            checked = state.seconds
        clock = time.monotonic()
    return False


def _introduce(run: _Run) -> None:
    """Say what is about to happen."""
    if run.log is None:
        return
    plan, members = run.state.plan, run.members
    run.log.begin(run.state.step)
    processes = f"{members.size} processes, " if members.size > 1 else ""
    run.log.say(
        f"{plan.model} at {plan.side} px on {plan.views}, {processes}{members.device}, {run.options.precision}, "
        f"from step {run.state.step}; into {run.options.out}"
    )
    if run.held.recipe is None:
        run.log.say(
            "no clips are held out: the data has no split 'val'; name some with --held-out for figures that can be trusted"
        )


def _note(run: _Run, parts: Mapping[str, float]) -> None:
    """Take a step's numbers into the log, and tell every 25 steps how far the run is."""
    if run.log is None:
        return
    run.log.note(parts)
    if run.state.step % EVERY == 0:
        _tell(run)


def _tell(run: _Run) -> None:
    """Say how far the run is and how long it will take."""
    state = run.state
    done = run.options.progress(state.step, state.seconds)
    left = state.seconds * max(0.0, 1 - done) / max(done, 1e-6)
    if run.log is not None:
        run.log.tell(state.step, seconds=state.seconds, rate=rate_of(run.options, state), left=left)


def _check(run: _Run) -> None:
    """Measure the running average on the clips held out."""
    if run.log is None:
        return
    run.figures = dict(run.held.measure(run.state.average, run.members.device))
    if run.figures:
        run.log.measured(run.state.step, run.figures)


def _ended(run: _Run, *, interrupted: bool) -> Report:
    """Write what there is, measure a run that is over, and report."""
    state, path = run.state, run.options.out / run.state.plan.weights
    if run.log is not None:
        path = save(run.options, state)
        if run.log.pending:
            _tell(run)
        if not interrupted:
            _check(run)
        run.log.close()
    return Report(
        path,
        run.options.out / CHECKPOINT,
        state.step,
        round(state.seconds / 60, 2),
        interrupted,
        run.figures,
        run.members.leads,
    )


def main() -> None:
    """Train as ``engine train segmenter`` does, with the options of a run from nothing alone."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.training.segmenter", description=__doc__
    )
    parser.add_argument(
        "--data", type=Path, required=True, action="append", help="a dataset; may be repeated"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    for name in ("minutes", "context", "rate"):
        parser.add_argument(f"--{name}", type=float)
    parser.add_argument("--long", type=float, default=0.33, help="share of long sequences")
    for name in ("seed", "batch", "frames", "threads", "workers"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Options((), Path()), name))
    parser.add_argument("--init", help="weights to begin with")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    asked = vars(parser.parse_args())
    sys.stdout.write(f"{train(Options(**{**asked, 'data': tuple(asked['data'])})).weights}\n")


if __name__ == "__main__":
    main()
