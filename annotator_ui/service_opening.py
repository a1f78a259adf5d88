"""Opens a clip: its log becomes a session, and what a crash cut short is finished or offered. Knows no locks and no tabs."""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress

from annotator_ui.service_deeds import made_by, perform
from annotator_ui.service_parts import Done, Parts, Sheet
from annotator_ui.session import (
    STOPPED,
    Deed,
    Session,
    SpreadDeed,
    applied,
    check,
    dropped,
    parse,
    replay,
)
from engine.errors import EngineError, StaleParent
from engine.ports import Action, ClipStatus, State
from engine.stages import Move
from engine.types import Revision, Track
from engine.workflows.correct import SPREAD

LOG = logging.getLogger("annotator_ui")


def opened(status: ClipStatus, parts: Parts, *, before: Sheet | None = None) -> Sheet:
    """Return a clip's sheet made from the database; ``before`` is the one that it takes the place of.

    Work that goes on is taken over. A proposal is about masks that are no more.
    """
    running = before.running if before else None
    if before is not None and before.proposal is not None:
        why = f"clip {status.clip.id} has changed in between; ask for it again"
        failed(before.proposal.action, parts, StaleParent(why))
    actions = _settled(status, parts)
    sheet = Sheet(status, _session(status, actions, parts), running=running)
    if before is not None:
        sheet.frames, sheet.doubted = before.frames, before.doubted
    for action in actions:
        if action.state is State.ASKED and (running is None or action.seq != running.action.seq):
            _finish(sheet, action, parts)
    return sheet


def carry_out(deed: Deed, action: Action, sheet: Sheet, parts: Parts) -> Done:
    """Do a logged deed, log what became of it, and let the session know.

    Raises:
        EngineError: it was not done. Where the database failed on the way, the next opening finds out what was.
    """
    try:
        done = perform(deed, action, sheet, parts)
    except Exception as error:
        failed(action, parts, error)
        raise
    parts.desk.actions.settle(action.seq, State.DONE, after=done.after)
    take_in(deed, action, sheet, parts, done=done)
    return done


def take_in(
    deed: Deed, action: Action, sheet: Sheet, parts: Parts, *, done: Done, stopped: bool = False
) -> None:
    """Let the session know what was done."""
    tracks = _tracks(_revision(done.after, parts))
    sheet.session = applied(
        sheet.session, deed, seq=action.seq, after=done.after, tracks=tracks, stopped=stopped
    )
    sheet.frames[action.seq] = done.frames


def failed(action: Action, parts: Parts, error: Exception) -> None:
    """Log a failure; where the database itself fails, the action stays open and the next opening sees to it."""
    LOG.warning("action %s on clip %s failed: %s", action.seq, action.clip, error)
    with suppress(EngineError):
        parts.desk.actions.settle(action.seq, State.FAILED, note=str(error)[:500])


def _settled(status: ClipStatus, parts: Parts) -> Sequence[Action]:
    """Return the log, after saying done of what was done: the crash came before anybody could say so."""
    head, log = _revision(status.head, parts), parts.desk.actions
    actions = log.of(status.clip.id)
    unsaid = [a for a in actions if a.state is State.ASKED and made_by(head, a)]
    for action in unsaid:
        log.settle(action.seq, State.DONE, after=status.head, note=_note(head))
    return log.of(status.clip.id) if unsaid else actions


def _note(revision: Revision | None) -> str:
    """Return what the log says of a spread that was ended by hand, "" of all else."""
    said = revision.provenance.get(SPREAD) if revision else None
    return STOPPED if said and json.loads(said).get("stopped") else ""


def _session(status: ClipStatus, actions: Sequence[Action], parts: Parts) -> Session:
    """Return what the log comes to. Frames of a clip that was accepted once are confirmed from then on."""
    accepted = [
        event.at for event in parts.catalog.events(status.clip.id) if event.move is Move.ACCEPT
    ]
    return replay(
        status.clip,
        actions,
        head=status.head,
        tracks=_tracks(_revision(status.head, parts)),
        confirmed=[range(status.clip.frames)] if accepted else (),
        sealed=accepted[-1] if accepted else None,
    )


def _finish(sheet: Sheet, action: Action, parts: Parts) -> None:
    """Finish what was cut short; a spread, which takes long, is offered to the person."""
    try:
        if action.before != sheet.session.head:
            raise StaleParent(f"revision {action.before} is not the newest any more")
        deed = parse(action.body)
        check(sheet.session, deed)
    except EngineError as error:
        failed(action, parts, error)
        sheet.session = dropped(sheet.session, action.seq)
        return
    if isinstance(deed, SpreadDeed):
        sheet.unfinished = action
        return
    with suppress(EngineError):
        carry_out(deed, action, sheet, parts)


def _revision(number: int | None, parts: Parts) -> Revision | None:
    return None if number is None else parts.revisions.revision(number)


def _tracks(revision: Revision | None) -> tuple[Track, ...]:
    return () if revision is None else revision.tracks
