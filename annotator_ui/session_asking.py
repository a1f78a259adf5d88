"""What a deed asks of the engine: prompts to draw, or an edit to store. One translation, for the page and for the simulated person."""

from typing import Final

from annotator_ui.session_deeds import EditDeed, HideDeed, PromptDeed, SpreadDeed
from annotator_ui.session_evidence import told
from annotator_ui.session_state import Session
from engine import rle
from engine.propagate import Rule
from engine.propagate_edits import Deed as Change
from engine.propagate_edits import Edit
from engine.types import RLE
from engine.workflows.correct import Asked

RULE: Final = Rule(edge=0.35)
"""When a spread has met again what was there: later than where two drawings are as good as each other.

A person who mends an edge by a pixel wants that pixel on the other frames too. Half of the engine's own distance left a third fewer
masks wrong after a few clicks fewer: see docs/evaluation.md.
"""


def to_draw(session: Session, deed: PromptDeed) -> Asked:
    """Return what the model is asked for a click or a box: the ball on that frame alone, from all that is in force there.

    A brush asks for nothing: see ``to_store``.
    """
    place = deed.frame, deed.track
    said = told(session.evidence, deed, seq=0).spoken[place]
    known = {track.id for track in session.tracks}
    return Asked(
        session.clip.id,
        session.head,
        said.prompts(place),
        frames=range(deed.frame, deed.frame + 1),
        labels={} if deed.track in known else {deed.track: deed.label},
    )


def to_spread(session: Session, deed: SpreadDeed, *, over_confirmed: bool = False) -> Asked:
    """Return what the model is asked for a spread: what is pending, with what was said earlier, around what is held.

    ``over_confirmed`` lets it change confirmed frames too: to see what would become of them, or because a person said so.
    """
    prompts = session.spreading(deed)
    return Asked(
        session.clip.id,
        session.head,
        prompts,
        earlier=session.earlier(prompts),
        frames=deed.frames,
        rule=RULE,
        held=session.held_by_hand() if over_confirmed else session.held(),
    )


def to_store(session: Session, deed: PromptDeed | HideDeed | EditDeed) -> Edit | None:
    """Return the edit that stores a deed without a model; None for a click or a box, which a model draws."""
    match deed:
        case EditDeed(edit=edit):
            return edit
        case HideDeed(frame=frame, track=track):
            nothing = rle.empty((session.clip.height, session.clip.width))
            return _replacing(frame, track, nothing)
        case PromptDeed(frame=frame, track=track, mask=mask, label=label):
            return None if mask is None else _replacing(frame, track, mask, label)


def _replacing(frame: int, track: int, mask: RLE, label: str = "") -> Edit:
    return Edit(Change.REPLACE, track, range(frame, frame + 1), label=label, mask=mask)
