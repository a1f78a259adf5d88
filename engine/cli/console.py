"""What the command line shows: progress with rate and remaining time, tables, JSON. Knows no workflow."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
)
from rich.text import Text

LEFT_OPEN = 5.0
AT_ONCE = 0.5
"""Seconds below which a rate tells nothing."""

console = Console(stderr=True, highlight=False)


class Rate(ProgressColumn):
    """Frames (or other things) per second, over the last seconds while running and over the whole when done."""

    def __init__(self, unit: str = "frames") -> None:
        """Name what is counted."""
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        """Return the rate as text."""
        if task.finished and (task.finished_time or 0.0) < AT_ONCE:
            return Text("")  # what was there already is no measure of speed
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.1f} {self._unit}/s" if speed else "", style="cyan")


class Clock(ProgressColumn):
    """How much time is left while running, and how much the whole took when done: each said, so that none is the other."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        """Return the time as text."""
        if task.finished:
            return Text(f"took {_clock(task.finished_time or 0.0)}", style="yellow")
        left = task.time_remaining
        return Text("" if left is None else f"{_clock(left)} left", style="cyan")


class Bars:
    """One bar for each piece of work, made when it is first heard of. Callable as every ``progress`` is."""

    def __init__(self, what: str, progress: Progress) -> None:
        """Draw on ``progress``; ``what`` is the verb in front of each name."""
        self._what, self._progress, self._tasks = what, progress, dict[str, TaskID]()

    def __call__(self, name: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` frames of ``name`` are finished."""
        if name not in self._tasks:
            label = f"{self._what} {name.rpartition('/')[2]}"
            self._tasks[name] = self._progress.add_task(label, total=total, completed=0)
        elif self._progress.tasks[self._tasks[name]].finished and done < total:
            self._progress.reset(self._tasks[name])  # again: its time counts from here
        self._progress.update(self._tasks[name], completed=done, total=total)


@contextmanager
def bars(what: str, *, unit: str = "frames") -> Iterator[Bars]:
    """Show progress bars with frames (or another ``unit``) per second and remaining time on the error stream."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        Rate(unit),
        Clock(),
    )
    with Progress(*columns, console=console, refresh_per_second=LEFT_OPEN) as progress:
        yield Bars(what, progress)


def _clock(seconds: float) -> str:
    """Return a time as minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def say(message: str = "", *, style: str = "") -> None:
    """Tell the person at the terminal something; the output stream stays free for results."""
    console.print(message, style=style, markup=False, soft_wrap=True)


def answer(value: Any, *, as_json: bool, text: str) -> None:
    """Print a command's result to the output stream: as JSON for scripts, or as text for people."""
    sys.stdout.write((json.dumps(plain(value), indent=2) if as_json else text) + "\n")


def plain(value: Any) -> Any:
    """Return ``value`` as JSON knows it: dataclasses as objects, anything else that it lacks as text."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return plain(asdict(value))
        case _:
            return str(value)
