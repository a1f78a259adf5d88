"""A finished evaluation in words and tables for the terminal. Computes nothing."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from engine.evaluation.columns import short
from engine.evaluation.interactive import ClickFigures
from engine.evaluation.judging import Figures
from engine.evaluation.labour import Labour
from engine.evaluation.report import Report

WIDE = 160


def text(said: Report, files: Sequence[Path] = ()) -> str:
    """Return the figures as a table, the worst clip first, then clicks, labour, what failed and where the files are."""
    lines = [table(said)]
    if said.clicks is not None:
        lines += ["", *_clicks(said.clicks)]
    if (done := said.labour) is not None:
        lines += ["", *_labour(done)]
    if said.failed:
        lines.append(f"not evaluated: {', '.join(said.failed)}")
    return "\n".join([*lines, *(f"report: {path}" for path in files)])


def table(said: Report) -> str:
    """Return one row of figures for each clip, and the total."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    drawn.add_column("clip")
    for column in short():
        drawn.add_column(column.name, justify="right")
    for name, figures in sorted(said.single.items(), key=lambda pair: pair[1].j.mean):
        drawn.add_row(name, *_cells(figures))
    if len(said.clips) > 1:
        drawn.add_row("all", *_cells(said.total))
    console = Console(width=WIDE, color_system=None)
    with console.capture() as held:
        console.print(drawn)
    return held.get().rstrip()


def _cells(figures: Figures) -> list[str]:
    """Return one row of the table."""
    return [column.text(figures) for column in short()]


def _clicks(said: ClickFigures) -> Iterator[str]:
    """Yield what clicking at single frames came to."""
    yield f"clicks on single frames, {said.objects} balls:"
    for goal, count in said.noc.items():
        yield f"  NoC@{goal}  {count:.2f} clicks, {said.failed[goal]:.1%} never get there"
    after = ", ".join(f"{n}: {said.curve[n - 1]:.3f}" for n in (1, 2, 3, 5, 10, len(said.curve)))
    yield f"  IoU by click  {after}"


def _labour(said: Labour) -> Iterator[str]:
    """Yield what the simulated person did."""
    effort = said.effort
    yield (
        f"simulated annotator, {said.clips} clips, {said.frames} frames: "
        f"J {said.j_before:.3f} -> {said.j_after:.3f}, "
        f"masks below the threshold {said.wrong_before:.1%} -> {said.wrong_after:.1%}"
    )
    yield (
        f"  {effort.clicks} clicks, {effort.keys} keys, {effort.finds} objects found, {effort.looked} "
        f"frames looked through: {said.person_seconds:.0f} s of a person"
    )
    yield f"  {said.clicks_per_frame:.2f} clicks and {said.seconds_per_frame:.2f} s a frame"
    yield f"  {said.target:.0f} s of such video: {said.hours:.1f} h of a person"
