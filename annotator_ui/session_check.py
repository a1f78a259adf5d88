"""Whether a deed makes sense now. Knows what is in force; refuses to know masks: whether a click finds a ball the model says."""

from annotator_ui.session_deeds import (
    ConfirmDeed,
    Deed,
    EditDeed,
    HideDeed,
    PromptDeed,
    Redo,
    SpreadDeed,
    Undo,
    prompt_of,
)
from annotator_ui.session_state import Session
from engine.asking import gather
from engine.errors import InputError
from engine.propagate_edits import Deed as Change
from engine.propagate_edits import tracks_after


def check(session: Session, deed: Deed) -> None:
    """Refuse a deed that makes no sense now.

    Raises:
        InputError: a frame or point is outside, a ball is not there, or there is nothing to spread, undo or redo.
    """
    match deed:
        case PromptDeed():
            _check_prompt(session, deed)
        case HideDeed():
            _check_frames(session, range(deed.frame, deed.frame + 1))
            _check_known(session, deed.track)
        case SpreadDeed():
            _check_spread(session, deed)
        case EditDeed():
            _check_edit(session, deed)
        case ConfirmDeed(frames=frames):
            _check_frames(session, frames)
        case Undo():
            if session.undo_step is None:
                raise InputError(
                    "nothing to undo: nothing was done since the masks came from elsewhere"
                )
        case Redo():
            if session.redo_step is None:
                raise InputError("nothing to redo: nothing was undone since the last change")


def _check_prompt(session: Session, deed: PromptDeed) -> None:
    """Refuse a prompt outside the picture, or for a ball of no class."""
    clip = session.clip
    _check_frames(session, range(deed.frame, deed.frame + 1))
    if deed.mask is not None and deed.mask.size != (clip.height, clip.width):
        raise InputError(
            f"mask of {deed.mask.size}, the picture is {(clip.height, clip.width)} (height, width)"
        )
    if not deed.erases:
        gather([prompt_of(deed)], frame=deed.frame, width=clip.width, height=clip.height)
    if deed.track in _known(session):
        return
    if deed.erases or not deed.label:
        raise InputError(f"ball {deed.track} is new: name its class in label, and show where it is")
    _check_fresh(session, deed.track)


def _check_spread(session: Session, deed: SpreadDeed) -> None:
    """Refuse a spread of nothing."""
    for track in deed.tracks or ():
        _check_known(session, track)
    if deed.frames is not None:
        _check_frames(session, deed.frames)
    if not session.spreading(deed):
        whose = "" if deed.tracks is None else f" of ball {', '.join(map(str, deed.tracks))}"
        raise InputError(f"nothing{whose} is left to propagate: click, box or paint first")


def _check_edit(session: Session, deed: EditDeed) -> None:
    """Refuse an edit of what is not there."""
    _check_frames(session, deed.edit.frames)
    tracks_after(deed.edit, session.tracks)
    if deed.edit.deed is Change.SPLIT:
        _check_fresh(session, deed.edit.other)


def _check_frames(session: Session, frames: range) -> None:
    if frames.stop > session.clip.frames:
        last = session.clip.frames - 1
        raise InputError(f"frame {frames.stop - 1} is outside the clip: its frames are 0 to {last}")


def _check_known(session: Session, track: int) -> None:
    if track not in _known(session):
        raise InputError(f"no ball {track}; there are {sorted(_known(session))}")


def _check_fresh(session: Session, track: int) -> None:
    """Refuse a new ball under a number that another one had before; not one that was clicked at and never drawn."""
    asked = {at for _, at in session.evidence.spoken}
    if track <= session.top and track not in asked:
        raise InputError(f"ball {track} was another one before; take {session.new_track()}")


def _known(session: Session) -> set[int]:
    return {track.id for track in session.tracks}
