"""How far the dataset is, as the JSON that the panel of the app reads. Knows the shapes; counts nothing and draws nothing.

The panel runs inside FiftyOne's server, which knows nothing of the engine: all it gets is what stands here.
"""

from datetime import date
from typing import Any, Final

from engine.ports.board import Next, Person, Progress

VERSION: Final = 1
"""Raised when the shape changes: a panel that finds another one says so, and draws nothing wrong."""


def to_json(progress: Progress) -> dict[str, Any]:
    """Return ``progress`` as text, numbers, lists and None; days are "2026-11-21", seconds are rounded to hundredths."""
    return {
        "version": VERSION,
        "at": progress.at.isoformat(timespec="seconds"),
        "target": _seconds(progress.target),
        "accepted": _seconds(progress.accepted),
        "stages": [
            {"stage": str(stage), "clips": clips, "seconds": _seconds(seconds)}
            for stage, clips, seconds in progress.stages
        ],
        "curve": [[day.isoformat(), _seconds(seconds)] for day, seconds in progress.curve],
        "window": progress.window,
        "rate": _seconds(progress.rate),
        "done_by": _day(progress.done_by),
        "early": _day(progress.early),
        "late": _day(progress.late),
        "first_time": progress.first_time,
        "j": progress.j,
        "unmeasured": progress.unmeasured,
        "people": [_person(person) for person in progress.people],
        "next": [_next(step) for step in progress.next],
    }


def _person(person: Person) -> dict[str, Any]:
    """Return what one person did."""
    return {
        "name": person.name,
        "clips": person.clips,
        "seconds": _seconds(person.seconds),
        "first_time": person.first_time,
        "minutes": _seconds(person.minutes),
    }


def _next(step: Next) -> dict[str, Any]:
    """Return a clip to look at."""
    return {"clip": step.clip, "why": step.why, "frame": step.frame}


def _seconds(value: float) -> float:
    """Return a number that the same figures give again, whatever order they were added in."""
    return round(value, 2)


def _day(day: date | None) -> str | None:
    """Return a day as text."""
    return day.isoformat() if day else None
