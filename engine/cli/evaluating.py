"""What `engine evaluate` does: read the datasets, draw where asked, judge, write the report. Prints no result."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from engine.cli.console import Bars, bars, say
from engine.config import Settings
from engine.datasets import LabelledClip, read_dataset
from engine.errors import SelectionError
from engine.evaluation.columns import Column, short
from engine.evaluation.modes import Mode
from engine.evaluation.page import page
from engine.evaluation.pictures import scenes
from engine.evaluation.report import Report, report, to_json
from engine.evaluation.running import (
    Drawer,
    Models,
    Outcome,
    draw,
    judge_all,
    matcher_of,
    predicted,
)
from engine.evaluation.worst import worst_frames

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be evaluated; see the command's options."""

    truth: Path
    predicted: Path | None = None
    mode: Mode = Mode.AUTO
    split: str | None = None
    clips: tuple[str, ...] = ()
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A finished evaluation, ready to be printed; ``judged`` counts clips."""

    judged: int
    as_json: dict[str, Any]
    text: str


def run(settings: Settings, task: Task) -> Done:
    """Evaluate, with a bar for each clip that is drawn.

    Raises:
        SelectionError: no clip is chosen, or one that there is not.
        InputError: a dataset cannot be read.
        WeightsError: weights cannot be read.
    """
    clips = chosen(read_dataset(task.truth, split=task.split), task.clips)
    with bars("evaluate") as bar:
        outcome, about = _judged(settings, task, clips, overall(bar, clips))
    for name, why in outcome.failed.items():
        say(f"{name}: {why}", style="bold red")
    if not outcome.judged:
        return Done(0, {"failed": outcome.failed}, "nothing could be evaluated")
    said = report(outcome.judged, about=about, failed=outcome.failed)
    files = write(said, clips, task.out) if task.out else ()
    return Done(len(said.clips), json.loads(to_json(said)), text(said, files))


def chosen(clips: Sequence[LabelledClip], names: Sequence[str]) -> tuple[LabelledClip, ...]:
    """Return the clips named, all without names.

    Raises:
        SelectionError: there is none of a name.
    """
    known = {one.clip.id: one for one in clips}
    if unknown := [name for name in names if name not in known]:
        raise SelectionError(
            f"no clip {', '.join(unknown)}; the dataset has {', '.join(list(known)[:20])}"
        )
    return tuple(known[name] for name in names) if names else tuple(clips)


def overall(bar: Bars, clips: Sequence[LabelledClip]) -> Progress:
    """Return a progress that shows one bar for all clips, in frames, with the time that remains."""
    ends = list(accumulate(one.clip.frames for one in clips))
    begins = {one.clip.id: end - one.clip.frames for one, end in zip(clips, ends, strict=True)}

    def tell(name: str, done: int, _: int) -> None:
        bar(f"{len(clips)} clips", begins[name] + done, ends[-1])

    return tell


def write(said: Report, clips: Sequence[LabelledClip], out: Path) -> tuple[Path, ...]:
    """Write report.json and report.html; return where they are.

    Raises:
        InputError: a picture cannot be read again.
        SettingsError: matplotlib is not installed.
    """
    out.mkdir(parents=True, exist_ok=True)
    known = {one.clip.id: one for one in clips}
    shown = scenes(worst_frames(said.clips), [(known[one.id], one.compared) for one in said.clips])
    files = {"report.json": to_json(said), "report.html": page(said, shown)}
    for name, content in files.items():
        (out / name).write_text(content, encoding="utf-8")
    return tuple(out / name for name in files)


def text(said: Report, files: Sequence[Path] = ()) -> str:
    """Return the figures as a table for the terminal."""
    columns = short()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("clip")
    for column in columns:
        table.add_column(column.name, justify="right")
    for name, figures in sorted(said.single.items(), key=lambda pair: pair[1].j.mean):
        table.add_row(name, *_cells(columns, figures))
    if len(said.clips) > 1:
        table.add_section()
        table.add_row("all", *_cells(columns, said.total), style="bold")
    console = Console(width=160, color_system=None)
    with console.capture() as held:
        console.print(table)
    where = [f"report: {path}" for path in files]
    failed = [f"not evaluated: {', '.join(said.failed)}"] if said.failed else []
    return "\n".join([held.get().rstrip(), *failed, *where])


def _cells(columns: Sequence[Column], figures: Any) -> list[str]:
    """Return one row of the table."""
    return [column.text(figures) for column in columns]


def _judged(
    settings: Settings, task: Task, clips: Sequence[LabelledClip], progress: Progress
) -> tuple[Outcome, dict[str, str]]:
    """Return the judged clips, and what was judged in words."""
    about = {"truth": str(task.truth), "clips": str(len(clips))}
    if task.predicted is not None:
        found = predicted(read_dataset(task.predicted))
        outcome = judge_all(clips, found, matcher=matcher_of(Mode.AUTO))
        return outcome, about | {"masks": str(task.predicted)}
    drawer, models = _drawer(settings, task.mode, progress)
    outcome = judge_all(clips, drawer, matcher=matcher_of(task.mode))
    return outcome, about | {"masks": f"drawn, mode {task.mode}"} | models


def _drawer(settings: Settings, mode: Mode, progress: Progress) -> tuple[Drawer, dict[str, str]]:
    """Return what draws a clip with the models that the settings name, and what these are."""
    from engine import wiring  # noqa: PLC0415 - it brings the networks, which stored masks do not need

    say(f"loading {settings.model} and {settings.detector}")
    made = wiring.preannotation(settings)
    models = Models(made["detector"], made["segmenter"], made["keep_only"], made["settings"])
    return lambda one: draw(one, models, mode=mode, progress=progress), made["models"]
