"""What a person did, counted: for the dialog that submits a clip. Knows deeds, no masks."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from annotator_ui.session_deeds import (
    Deed,
    EditDeed,
    HideDeed,
    PromptDeed,
    SpreadDeed,
    numbers,
)
from engine.propagate_edits import Deed as Change


@dataclass(frozen=True, slots=True)
class Counts:
    """Deeds that stand, by kind; balls and frames that they name. A relabelling names no frame, a spread neither."""

    clicks: int = 0
    boxes: int = 0
    strokes: int = 0
    hides: int = 0
    spreads: int = 0
    edits: int = 0
    confirms: int = 0
    tracks_touched: int = 0
    frames_touched: int = 0


def counted(deeds: Iterable[Deed]) -> Counts:
    """Return deeds that stand, counted."""
    known = tuple(deeds)
    kinds = Counter(map(_kind, known))
    tracks = {track for deed in known for track in numbers(deed)}
    frames = {frame for deed in known for frame in _frames(deed)}
    return Counts(**kinds, tracks_touched=len(tracks), frames_touched=len(frames))


def _kind(deed: Deed) -> str:
    """Return under which name a deed counts."""
    match deed:
        case PromptDeed(point=point, box=box):
            return "clicks" if point is not None else "boxes" if box is not None else "strokes"
        case HideDeed():
            return "hides"
        case SpreadDeed():
            return "spreads"
        case EditDeed():
            return "edits"
        case _:
            return "confirms"


def _frames(deed: Deed) -> range:
    """Return the frames whose masks a deed is about."""
    match deed:
        case PromptDeed(frame=frame) | HideDeed(frame=frame):
            return range(frame, frame + 1)
        case EditDeed(edit=edit) if edit.deed is not Change.RELABEL:
            return edit.frames
        case _:
            return range(0)
