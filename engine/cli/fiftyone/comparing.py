"""What `engine fiftyone compare` does: opens workspace and board, chooses, compares, shows. Prints no result."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from engine import wiring
from engine.cli.console import bars
from engine.cli.interrupt import stop_on_interrupt
from engine.config import Settings
from engine.errors import InputError
from engine.evaluation.agreement import agree
from engine.wiring import Workbench
from engine.workflows.comparing import clips as comparing
from engine.workflows.comparing.choice import (
    Choice,
    Model,
    drawings,
    models,
    with_each_other,
    with_people,
)
from engine.workflows.comparing.clips import Comparison
from engine.workflows.comparing.showing import filmed, judged_on
from exports.board import comparison as shown
from exports.board import locks


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to compare: no, one or two models, on which clips (none: all); how many frames are told, and where it is shown."""

    models: Sequence[str] = ()
    clips: Sequence[str] = ()
    worst: int = 20
    board: bool = True
    evaluate: bool = False


def known(settings: Settings, clips: Sequence[str]) -> tuple[Model, ...]:
    """Return which models drew these clips, or any for none."""
    with wiring.workbench(settings) as bench:
        return models(drawings(bench.catalog, bench.revisions, clips))


def compare(settings: Settings, wishes: Wishes) -> Comparison:
    """Compare, and show it in a dataset of its own if wanted; Ctrl-C stops after the clip in hand.

    Raises:
        SelectionError: there is nothing to compare.
        SettingsError: FiftyOne is wanted and not installed.
        ServerError: its database does not answer.
    """
    with wiring.workbench(settings) as bench, stop_on_interrupt() as stop:
        choice = _choice(bench, wishes)
        if wishes.board:
            return _shown(bench, choice, wishes, stop)
        how = comparing.known_or_judged(bench.revisions, bench.desk.findings, agree)
        return _compared(bench, choice, wishes, how=how, stop=stop)


def _shown(
    bench: Workbench, choice: Choice, wishes: Wishes, stop: Callable[[], bool]
) -> Comparison:
    """Compare, and show it in a dataset of its own."""
    settings = bench.settings
    name = shown.name_of(settings.fiftyone_dataset, choice.what)
    with _alone(settings, name), wiring.board(settings, dataset=name) as board:
        desk = wiring.board_desk(bench, board)
        how = judged_on(desk, choice, judge=agree, whole=not wishes.clips)
        film = filmed(desk, stop=stop)
        report = _compared(bench, choice, wishes, how=how, then=film, stop=stop)
        clips = {pair.clip.id: pair.clip for pair in choice.pairs}
        shown.put(board.dataset, report.worst, clips=clips)
        if wishes.evaluate and not report.interrupted:
            found = _evaluated(board.dataset, [line.clip for line in report.clips])
            report = replace(report, evaluation=found)
        return replace(report, dataset=name)


def _evaluated(dataset: Any, clips: Sequence[str]) -> dict[str, float]:
    """Let FiftyOne evaluate these clips, with a bar."""
    with bars("evaluate", unit="clips") as progress:
        progress("clips", 0, len(clips))
        return shown.evaluated(dataset, clips, told=lambda done, of: progress("clips", done, of))


def _compared(bench: Workbench, choice: Choice, wishes: Wishes, **more: Any) -> Comparison:
    """Compare, with a bar."""
    with bars("compare", unit="clips") as progress:
        return comparing.compare(
            choice,
            bench.revisions,
            page_url=bench.settings.page_url,
            most=wishes.worst,
            progress=progress,
            **more,
        )


def _choice(bench: Workbench, wishes: Wishes) -> Choice:
    """Choose what is compared."""
    drawn = drawings(bench.catalog, bench.revisions, wishes.clips)
    match wishes.models:
        case [model, other]:
            return with_each_other(drawn, model, other)
        case [model]:
            return with_people(drawn, model)
        case _:
            return with_people(drawn)


@contextmanager
def _alone(settings: Settings, name: str) -> Iterator[None]:
    """Keep others from writing the same comparison.

    Raises:
        InputError: somebody does.
    """
    path = wiring.board_home(settings) / f"{name}.lock"
    with locks.turn(path, f"process {os.getpid()}") as other:
        if other:
            raise InputError(f"{other} makes the dataset {name} now; wait for its end")
        yield
