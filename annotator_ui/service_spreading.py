"""Spreads that run, each in a thread of its own, and what becomes of them: stored, proposed, stopped, failed. Draws nothing itself."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from functools import partial
from threading import Event, Thread

from annotator_ui import service_state as state
from annotator_ui.model.messages import Drawn
from annotator_ui.service_deeds import names_of
from annotator_ui.service_opening import failed, take_in
from annotator_ui.service_parts import Done, Parts, Proposal, Running, Sheet
from annotator_ui.service_spread import (
    PICTURE,
    Ticker,
    against_confirmed,
    proposal,
)
from annotator_ui.session import STOPPED, SpreadDeed, dropped, to_spread
from engine.errors import EngineError
from engine.ports import Action, State
from engine.propagate_reading import stretches
from engine.types import Clip
from engine.workflows.correct import Asked, keep, rows_of, without_held

LOG = logging.getLogger("annotator_ui")
Opened = Callable[[str], AbstractContextManager[Sheet]]
"""Holds a clip's lock and gives its sheet."""


class Spreading:
    """The spreads of all clips, at most one of each."""

    def __init__(self, parts: Parts, opened: Opened) -> None:
        """Begin without any."""
        self._parts, self._opened = parts, opened
        self._closing = Event()
        self._threads: list[Thread] = []

    def begin(self, sheet: Sheet, action: Action, deed: SpreadDeed) -> None:
        """Let a spread run; it was checked and logged."""
        running = Running(action, deed, to_spread(sheet.session, deed, over_confirmed=True))
        sheet.running = running
        thread = Thread(
            target=self._run, args=(sheet.clip, running), name=f"spread {action.seq}", daemon=True
        )
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()
        self._tell(sheet)

    def decide(self, sheet: Sheet, answer: str) -> None:
        """Do with a proposal what its reader says: "all", "unconfirmed" or "none".

        Raises:
            EngineError: it could not be stored; it is proposed no more.
        """
        found = sheet.proposal
        if found is None:
            return
        sheet.proposal = None
        if answer == "none":
            self.drop(sheet, found.action)
            return
        asked, drawn = found.asked, found.drawn
        if answer == "unconfirmed":
            asked, drawn = _without_confirmed(sheet, asked, drawn)
        self._store(sheet, found.action, found.deed, asked, drawn)

    def drop(self, sheet: Sheet, action: Action) -> None:
        """Give a spread up; what it was about can be spread again."""
        self._parts.desk.actions.settle(action.seq, State.DROPPED)
        sheet.session = dropped(sheet.session, action.seq)
        self._tell(sheet)

    def close(self) -> None:
        """End all; nothing of them is stored, so that they are offered again."""
        self._closing.set()
        for thread in self._threads:
            thread.join(timeout=2)

    def _run(self, clip: Clip, running: Running) -> None:
        """Draw and conclude; an error is told, never lost."""
        try:
            ticker = Ticker(clip, running, self._parts)
            drawn = self._parts.drawer.spread(
                clip,
                running.asked,
                who=running.action.author,
                progress=ticker,
                stop=lambda: running.stop.is_set() or self._closing.is_set(),
            )
            ticker.flush()
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            self._end(clip, partial(self._fail, running.action, error))
        else:
            self._end(clip, partial(self._conclude, running, drawn))

    def _end(self, clip: Clip, then: Callable[[Sheet], None]) -> None:
        """Say what became of a spread, unless the server ends."""
        if self._closing.is_set():
            return
        try:
            with self._opened(clip.id) as sheet:
                sheet.running = None
                then(sheet)
        except EngineError as error:
            LOG.warning("a spread on clip %s ended badly: %s", clip.id, error)

    def _conclude(self, running: Running, drawn: Drawn, sheet: Sheet) -> None:
        """Store what was drawn, or propose it where confirmed frames would change."""
        head = running.asked.parent
        revision = None if head is None else self._parts.revisions.revision(head)
        parent = rows_of(self._parts.revisions, sheet.clip, revision)
        frames = against_confirmed(drawn.correction, sheet, parent)
        if not frames:
            self._store(sheet, running.action, running.deed, running.asked, drawn)
            return
        shown = proposal(running.action.seq, drawn.correction, frames, parent)
        sheet.proposal = Proposal(running.action, running.deed, running.asked, drawn, shown)
        self._tell(sheet)
        self._parts.hub.publish(sheet.clip.id, "proposal", shown)

    def _store(
        self, sheet: Sheet, action: Action, deed: SpreadDeed, asked: Asked, drawn: Drawn
    ) -> None:
        """Store what was drawn and say so to all tabs."""
        parts, done = self._parts, drawn.correction
        names = {**drawn.names, **names_of(action)}
        try:
            stored = keep(parts.hand(action.author), asked, done, names=names)
        except Exception as error:
            self._fail(action, error, sheet)
            raise
        came = Done(sheet.session.head) if stored is None else Done(stored.id, tuple(done.masks))
        note = STOPPED if done.stopped else ""
        parts.desk.actions.settle(action.seq, State.DONE, after=came.after, note=note)
        take_in(deed, action, sheet, parts, done=came, stopped=done.stopped)
        self._finished(sheet, action, came, stopped=done.stopped)
        parts.preparer.want(sheet.clip.id, came.after)

    def _fail(self, action: Action, error: Exception, sheet: Sheet) -> None:
        """Log a failure and say it to all tabs."""
        failed(action, self._parts, error)
        sheet.session = dropped(sheet.session, action.seq)
        self._finished(sheet, action, Done(sheet.session.head), error=str(error))

    def _finished(
        self,
        sheet: Sheet,
        action: Action,
        came: Done,
        *,
        stopped: bool = False,
        error: str | None = None,
    ) -> None:
        with suppress(EngineError):
            sheet.status = self._parts.catalog.clip(sheet.clip.id)
        changed = tuple(stretches(sorted(came.frames)))
        news = state.changed(sheet, changed)
        said = {"seq": action.seq, "frames": len(came.frames), "stopped": stopped, "error": error}
        finished = {"head": news["head"], "changed": news["changed"], **said}
        self._parts.hub.publish(sheet.clip.id, "state", news)
        self._parts.hub.publish(sheet.clip.id, "finished", finished)

    def _tell(self, sheet: Sheet) -> None:
        self._parts.hub.publish(sheet.clip.id, "state", state.changed(sheet, ()))


def _without_confirmed(sheet: Sheet, asked: Asked, drawn: Drawn) -> tuple[Asked, Drawn]:
    """Return what was asked for and drawn, confirmed frames left alone."""
    frames = {frame for run in sheet.session.confirmed() for frame in run}
    held = asked.held | {(frame, PICTURE) for frame in frames}
    correction = without_held(drawn.correction, held)
    return replace(asked, held=frozenset(held)), replace(drawn, correction=correction)
