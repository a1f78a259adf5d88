"""What a person can do to a clip, as values that check themselves. Knows no JSON, no storage and no order of things."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from engine import rle
from engine.errors import InputError
from engine.propagate_edits import PAIRS, Edit
from engine.propagate_edits import Deed as Change
from engine.types import RLE, Box, Origin, Point, Prompt


class Why(StrEnum):
    """Why a ball has no mask on a frame: it is not there, or something is before it."""

    ABSENT = "absent"
    OCCLUDED = "occluded"


@dataclass(frozen=True, slots=True)
class PromptDeed:
    """A click, a box or a painted mask for ``track`` on ``frame``; ``label`` is the class of a track that is new.

    A painted mask without a pixel says that the ball is not there.
    """

    frame: int
    track: int
    point: Point | None = None
    box: Box | None = None
    mask: RLE | None = None
    label: str = ""

    def __post_init__(self) -> None:
        """Refuse what says nothing, or more than one thing."""
        _check_place(self.frame, self.track)
        if sum(said is not None for said in (self.point, self.box, self.mask)) != 1:
            raise InputError(
                f"prompt for ball {self.track} on frame {self.frame}: give one point, one box or one mask"
            )

    @property
    def erases(self) -> bool:
        """Whether a brush has left nothing."""
        return self.mask is not None and rle.area(self.mask) == 0


@dataclass(frozen=True, slots=True)
class HideDeed:
    """``track`` has no mask on ``frame``."""

    frame: int
    track: int
    why: Why = Why.ABSENT

    def __post_init__(self) -> None:
        """Refuse what is no place."""
        _check_place(self.frame, self.track)


@dataclass(frozen=True, slots=True)
class SpreadDeed:
    """What was said and is not spread yet goes through time: of ``tracks``, inside ``frames``; None for all."""

    tracks: tuple[int, ...] | None = None
    frames: range | None = None

    def __post_init__(self) -> None:
        """Refuse a choice of nothing."""
        if self.frames is not None:
            _check_run(self.frames, "spread")
        if self.tracks is not None and (not self.tracks or min(self.tracks) < 1):
            raise InputError(f"spread: {self.tracks = }, expected numbers of balls from 1, or none")


@dataclass(frozen=True, slots=True)
class EditDeed:
    """Who is who, and what is not there: see ``engine.propagate_edits``."""

    edit: Edit

    def __post_init__(self) -> None:
        """Refuse what is said in another way."""
        if self.edit.deed is Change.REPLACE:
            raise InputError("edit: a painted mask is a prompt with a mask, not a replace")
        _check_place(self.edit.frames.start, self.edit.track)


@dataclass(frozen=True, slots=True)
class ConfirmDeed:
    """A person says that ``frames`` are right, or (``on`` false) takes that back; no mask changes."""

    frames: range
    on: bool = True

    def __post_init__(self) -> None:
        """Refuse what is no run of frames."""
        _check_run(self.frames, "confirm")


@dataclass(frozen=True, slots=True)
class Undo:
    """Takes the last thing back."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Does again what was taken back last."""


Deed: TypeAlias = PromptDeed | HideDeed | SpreadDeed | EditDeed | ConfirmDeed | Undo | Redo


def prompt_of(deed: PromptDeed) -> Prompt:
    """Return what a deed says, as everything below the page understands it.

    Raises:
        InputError: a brush has left nothing, which is no prompt.
    """
    if deed.erases:
        raise InputError(f"ball {deed.track}, frame {deed.frame}: nothing is painted; hide it")
    points = () if deed.point is None else (deed.point,)
    return Prompt(deed.frame, deed.track, deed.box, points, deed.mask, Origin.PERSON)


def numbers(deed: Deed) -> tuple[int, ...]:
    """Return the numbers of the balls that a deed names."""
    match deed:
        case PromptDeed(track=track) | HideDeed(track=track):
            return (track,)
        case SpreadDeed(tracks=tracks):
            return tracks or ()
        case EditDeed(edit=edit):
            return (edit.track, edit.other) if edit.deed in PAIRS else (edit.track,)
        case _:
            return ()


def describe(deed: Deed) -> str:
    """Return a deed in words, for a menu: "click on ball #5, frame 120"."""
    match deed:
        case PromptDeed():
            words = f"{_said(deed)} ball #{deed.track}, frame {deed.frame}"
        case HideDeed():
            words = f"ball #{deed.track} {deed.why}, frame {deed.frame}"
        case SpreadDeed(tracks=tracks):
            balls = ", ".join(f"#{track}" for track in tracks or ())
            words = f"propagation of ball {balls}" if balls else "propagation"
        case EditDeed(edit=edit):
            words = _CHANGES[edit.deed](edit)
        case ConfirmDeed(frames=frames, on=on):
            words = f"{_frames(frames)} {'right' if on else 'no longer right'}"
        case Undo() | Redo():
            words = type(deed).__name__.lower()
    return words


def _said(deed: PromptDeed) -> str:
    """Return how a prompt was given."""
    if deed.box is not None:
        return "box around"
    if deed.mask is not None:
        return "brush on"
    return "click on" if deed.point is not None and deed.point.positive else '"not this" for'


def _frames(frames: range) -> str:
    """Return a run of frames in words, the last one included."""
    if len(frames) == 1:
        return f"frame {frames.start}"
    return f"frames {frames.start} to {frames.stop - 1}"


_CHANGES: dict[Change, Callable[[Edit], str]] = {
    Change.SWAP: lambda e: f"swap of balls #{e.track} and #{e.other}, {_frames(e.frames)}",
    Change.SPLIT: lambda e: f"ball #{e.other} split off ball #{e.track}, {_frames(e.frames)}",
    Change.MERGE: lambda e: f"ball #{e.other} merged into ball #{e.track}, {_frames(e.frames)}",
    Change.DELETE: lambda e: f"ball #{e.track} deleted, {_frames(e.frames)}",
    Change.RELABEL: lambda e: f"ball #{e.track} is {e.label}",
    Change.FILL: lambda e: f"gap of ball #{e.track} filled, {_frames(e.frames)}",
}


def _check_place(frame: int, track: int) -> None:
    """Refuse what is no place."""
    if frame < 0 or track < 1:
        raise InputError(f"{frame = }, {track = }: frames count from 0, balls from 1")


def _check_run(frames: range, what: str) -> None:
    """Refuse what is no run of frames."""
    if not frames or frames.step != 1 or frames.start < 0:
        raise InputError(
            f"{what}: {frames} is no run of frames; expected [first, end] with end above first"
        )
