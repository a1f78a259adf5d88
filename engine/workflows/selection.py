"""What a person wants in a dataset, as one value that checks itself. Knows no clip that there is."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from typing import Any

from engine.errors import SettingsError
from engine.stages import Stage

OFF = Fraction(2, 100)
"""How far, as a part of what was asked for, the rate of annotation may be from it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which clips go into a dataset, and what of each; an empty field asks for nothing.

    ``clips`` are ids, each maybe with frames of its own: ``ID:START:STOP``, half-open, 0-based; ``frames`` is
    START:STOP for all others. ``since`` and ``until`` are days in UTC, half-open, of the acceptance, or of the revision
    where a clip is not accepted. ``annotators``: one of them wrote a revision of the history, or accepted it.
    ``labels`` are classes of balls to keep. ``min_quality`` is what the mean over all masks of score times stability
    must reach, 0..1. ``fps`` is the rate of annotated frames; ``max_objects`` keeps the tracks that are visible longest,
    of equals the larger. ``auto``: hand over what the models drew before people changed it.
    """

    stages: tuple[Stage, ...] = (Stage.ACCEPTED,)
    clips: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    labels: tuple[str, ...] = ()
    min_quality: float = 0.0
    fps: Fraction | None = None
    frames: str = ""
    max_objects: int | None = None
    auto: bool = True

    def __post_init__(self) -> None:
        """Refuse what no clip could meet, or what cannot be understood."""
        if not self.stages:
            raise SettingsError("no stage to choose from; name one, such as accepted")
        if not 0 <= self.min_quality <= 1:
            raise SettingsError(f"quality {self.min_quality}: expected 0 to 1")
        if self.fps is not None and self.fps <= 0:
            raise SettingsError(f"{self.fps} annotated frames/s: expected more than 0")
        if self.max_objects is not None and self.max_objects < 1:
            raise SettingsError(f"{self.max_objects} objects at most: expected 1 or more")
        if self.since and self.until and self.since >= self.until:
            raise SettingsError(
                f"since {self.since} until {self.until} is no time at all: the last day is not included"
            )
        for clip in self.clips:
            named(clip)
        bounds(self.frames)

    def as_json(self) -> dict[str, Any]:
        """Return what was asked for, without the fields that ask for nothing."""
        asked = {field.name: getattr(self, field.name) for field in fields(self)}
        default = {field.name: field.default for field in fields(self)}
        return {
            name: _plain(value)
            for name, value in asked.items()
            if name == "stages" or value != default[name]
        }


def content_of(settings: Mapping[str, Any]) -> Selection:
    """Return what of a selection decides what is written of a clip, from the settings that a manifest keeps.

    Raises:
        SettingsError: they are none that an export writes.
    """
    try:
        return Selection(
            labels=tuple(str(label) for label in settings.get("labels", ())),
            fps=Fraction(settings["fps"]) if "fps" in settings else None,
            max_objects=settings.get("max_objects"),
            auto=bool(settings.get("auto", True)),
        )
    except (TypeError, ValueError, ArithmeticError) as error:
        raise SettingsError(
            f"the settings of the dataset are none of ours ({error}); export it again"
        ) from error


def named(text: str) -> tuple[str, str]:
    """Return the id of a clip, and START:STOP or "" where it stands for the whole clip.

    Raises:
        SettingsError: what follows the id is no range of frames.
    """
    clip, _, frames = text.partition(":")
    bounds(frames)
    return clip, frames


def bounds(frames: str) -> tuple[int, int | None]:
    """Return the first frame of START:STOP and the one after the last, None where that is left open.

    Raises:
        SettingsError: it is no range of at least one frame.
    """
    first, colon, last = frames.partition(":")
    if not frames:
        return 0, None
    if not colon or not all(part == "" or part.isdecimal() for part in (first, last)):
        raise SettingsError(f"frames {frames!r}: expected START:STOP, such as 30:120, 30: or :120")
    start, stop = int(first or 0), int(last) if last else None
    if stop is not None and stop <= start:
        raise SettingsError(f"frames {frames!r}: hold none; the last one is not included")
    return start, stop


def day(text: str) -> date:
    """Return the day of an ISO date.

    Raises:
        SettingsError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"day {text!r}: expected a date such as 2026-03-31") from None


def rate(text: str) -> Fraction:
    """Return the rate of a number such as 6, 7.5 or 30000/1001.

    Raises:
        SettingsError: it is none.
    """
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise SettingsError(
            f"{text!r} frames/s: expected a number such as 6, 7.5 or 30000/1001"
        ) from None


def step_for(rate: Fraction, fps: Fraction | None) -> int | None:
    """Return how many frames lie from one annotated frame to the next; None where no step comes near ``fps``."""
    if fps is None:
        return 1
    step = max(1, round(rate / fps))
    return step if abs(rate / step - fps) <= OFF * fps else None


def _plain(value: Any) -> Any:
    """Return a field as JSON knows it."""
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return str(value) if isinstance(value, date | Fraction) else value
