"""Does what a deed says: draws, stores, restores. Knows the workflows and the session; no logs, no locks and no tabs."""

from collections.abc import Mapping, Sequence

from annotator_ui.service_parts import Done, Parts, Sheet
from annotator_ui.session import (
    ConfirmDeed,
    Deed,
    EditDeed,
    HideDeed,
    PromptDeed,
    Redo,
    Step,
    Undo,
    to_draw,
    to_store,
)
from engine.errors import InputError
from engine.ports import Action
from engine.propagate_edits import Deed as Change
from engine.propagate_edits import Edit
from engine.propagate_reading import differing
from engine.types import Revision
from engine.workflows.correct import edit_clip, keep, restore, rows_of

ACTION = "action"
"""Entry of a revision's record: the number of the action that it was made of."""


def perform(deed: Deed, action: Action, sheet: Sheet, parts: Parts) -> Done:
    """Do a deed that was logged as ``action`` to the newest revision, and return what it came to.

    Raises:
        EngineError: it was not done; nothing was stored.
    """
    session = sheet.session
    match deed:
        case PromptDeed(mask=None):
            return _draw(deed, action, sheet, parts)
        case PromptDeed() | HideDeed() | EditDeed():
            return _edit(to_store(session, deed), action, sheet, parts)
        case ConfirmDeed():
            return Done(session.head)
        case Undo() if session.undo_step is not None:
            return _go_back(session.undo_step, session.undo_step.before, action, sheet, parts)
        case Redo() if session.redo_step is not None:
            return _go_back(session.redo_step, session.redo_step.after, action, sheet, parts)
        case _:
            raise InputError(f"{deed}: there is nothing to do; look at the clip again")


def made_by(revision: Revision | None, action: Action) -> bool:
    """Tell whether a revision is what an action came to."""
    return revision is not None and revision.provenance.get(ACTION) == str(action.seq)


def names_of(action: Action) -> Mapping[str, str]:
    """Return what a revision's record says about its action."""
    return {ACTION: str(action.seq)}


def _draw(deed: PromptDeed, action: Action, sheet: Sheet, parts: Parts) -> Done:
    """Let the model draw one ball on one frame."""
    asked = to_draw(sheet.session, deed)
    drawn = parts.drawer.draw(sheet.clip, asked, who=action.author)
    said = {**drawn.names, **names_of(action)}
    stored = keep(parts.hand(action.author), asked, drawn.correction, names=said)
    return _done(stored, sheet, tuple(drawn.correction.masks))


def _edit(edit: Edit | None, action: Action, sheet: Sheet, parts: Parts) -> Done:
    """Store an edit; a relabelling changes no frame."""
    if edit is None:
        raise InputError("this is no edit: a model has to draw it")
    stored = edit_clip(
        parts.hand(action.author),
        sheet.clip.id,
        edit,
        parent=sheet.session.head,
        names=names_of(action),
    )
    return _done(stored, sheet, () if edit.deed is Change.RELABEL else edit.frames)


def _go_back(step: Step, to: int | None, action: Action, sheet: Sheet, parts: Parts) -> Done:
    """Return to the masks of another revision; a step that changed none leaves them as they are."""
    head = sheet.session.head
    if step.before == step.after or head is None:
        return Done(head)
    if step.seq not in sheet.frames:
        sheet.frames[step.seq] = _differing(head, to, sheet, parts)
    frames = sheet.frames[step.seq]
    stored = restore(
        parts.hand(action.author),
        sheet.clip.id,
        parent=head,
        to=to,
        frames=frames,
        names=names_of(action),
    )
    return _done(stored, sheet, frames)


def _differing(head: int, to: int | None, sheet: Sheet, parts: Parts) -> tuple[int, ...]:
    """Return the frames on which two revisions differ, read anew: nobody remembers them."""
    target = None if to is None else parts.revisions.revision(to)
    now = rows_of(parts.revisions, sheet.clip, parts.revisions.revision(head))
    then = rows_of(parts.revisions, sheet.clip, target)
    return tuple(differing(now, then, range(sheet.clip.frames)))


def _done(stored: Revision | None, sheet: Sheet, frames: Sequence[int]) -> Done:
    """Return what came of a deed: nothing new where nothing was stored."""
    return Done(sheet.session.head) if stored is None else Done(stored.id, tuple(frames))
