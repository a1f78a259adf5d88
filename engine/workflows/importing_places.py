"""Which clip of the workspace a clip from outside is, and which of its frames are which. Pure; reads no mask."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.errors import InputError
from engine.ports import ClipStatus
from engine.types import Clip
from engine.workflows.importing_values import Incoming

TOLERANCE = 0.02
"""How far, as a part, the rate of a thinned dataset may be from the clip's rate over a whole number."""


@dataclass(frozen=True, slots=True)
class Place:
    """Frame k of the source is frame ``offset + k * every`` of the clip."""

    status: ClipStatus
    offset: int = 0
    every: int = 1

    def frame(self, frame: int) -> int:
        """Return the clip's number of a frame of the source."""
        return self.offset + frame * self.every


def find(source: Incoming, known: Sequence[ClipStatus], *, clip: str | None = None) -> Place | None:
    """Return where the source belongs, None where the workspace does not know its clip.

    Looked for is the clip named ``clip``; without one, that of the same id or name; else the one of the recording that the
    source names and whose frames hold those of the source.

    Raises:
        InputError: the clip is there, but of another size or length.
    """
    names = (clip,) if clip else (source.labelled.clip.id, source.name)
    for status in (status for name in names for status in known if status.clip.id == name):
        return _fitted(source, status)
    whole = list(_covering(source, known)) if clip is None else []
    return min(whole, key=lambda place: place.status.clip.frames) if whole else None


def _covering(source: Incoming, known: Sequence[ClipStatus]) -> Iterator[Place]:
    """Yield the clips of the source's recording that hold its frames."""
    for status in known:
        if source.recording and source.start is not None and status.clip.video == source.recording:
            try:
                yield _fitted(source, status)
            except InputError:  # another part of the recording
                continue


def _fitted(source: Incoming, status: ClipStatus) -> Place:
    """Return how the source's frames lie in a clip.

    Raises:
        InputError: sizes or lengths differ.
    """
    theirs, ours = source.labelled.clip, status.clip
    if (theirs.width, theirs.height) != (ours.width, ours.height):
        raise InputError(
            f"masks of {theirs.width} x {theirs.height} pixels, clip {ours.id} has {ours.width} x {ours.height}: "
            "import what was drawn on its own pictures"
        )
    every = _every(source, ours)
    same = source.start is not None and source.recording == ours.video
    place = Place(status, (source.start or 0) - ours.start if same else 0, every)
    last = max(source.labelled.labelled, default=0)
    if place.offset == 0 and every == 1 and (theirs.frames == ours.frames or not source.counted):
        fits = last < ours.frames
    else:
        fits = place.offset >= 0 and place.frame(theirs.frames - 1) < ours.frames
        fits = fits and (same or _whole(place, theirs, ours))
    if not fits:
        raise InputError(_lengths(source, ours, last))
    return place


def _whole(place: Place, theirs: Clip, ours: Clip) -> bool:
    """Return whether the source thins the whole clip: its last frame lies in the last step."""
    return -(-ours.frames // place.every) == theirs.frames


def _every(source: Incoming, ours: Clip) -> int:
    """Return how many frames of the clip lie from one of the source to the next."""
    theirs = source.labelled.clip
    if not source.pictured or theirs.frames == ours.frames:
        return 1
    ratio = float(ours.rate / theirs.rate)
    every = max(1, round(ratio))
    return every if abs(ratio - every) <= TOLERANCE * every else 1


def _lengths(source: Incoming, ours: Clip, last: int) -> str:
    """Say how the frames differ."""
    theirs = source.labelled.clip
    found = f"{theirs.frames} frames" if source.counted else f"masks up to frame {last}"
    return (
        f"{found}, clip {ours.id} has {ours.frames}: masks would lie on other pictures; "
        "import what was drawn on this clip, or name the right one with --clip"
    )
