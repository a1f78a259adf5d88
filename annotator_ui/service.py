"""The clips that are open for correction: who may act on them, one thing after the other, logged before it is done.

Knows locks, logs and claims; how a deed is done, what a spread asks for and what a page reads is said elsewhere. All that
counts is in the database: what is kept here can vanish at any moment.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Lock, RLock
from typing import Any

from annotator_ui import service_state as state
from annotator_ui.events import EVERY
from annotator_ui.model.messages import ModelState
from annotator_ui.service_opening import carry_out, opened
from annotator_ui.service_parts import Done, Parts, Sheet
from annotator_ui.service_spreading import Spreading
from annotator_ui.session import SpreadDeed, check, parse, to_body
from annotator_ui.wire import rows_to_wire
from engine.errors import (
    AccessError,
    ClaimLost,
    EngineError,
    InputError,
    SelectionError,
    StageError,
    StaleParent,
)
from engine.ports import Action, Claim
from engine.propagate_reading import stretches
from engine.stages import Move, after
from engine.types import Clip, FrameMasks

FEW = 8
"""So many changed frames come with the answer; of more, the page asks for those that it shows."""

CLAIM_SECONDS = 30.0


class Service:
    """What the routes call. Every method is safe to call from any thread, and blocks."""

    def __init__(self, parts: Parts) -> None:
        """Open nothing yet."""
        self.parts = parts
        self._sheets: dict[str, Sheet] = {}
        self._locks: dict[str, RLock] = {}
        self._lock = Lock()
        self._spreading = Spreading(parts, self._opened)
        self.model_state: Mapping[str, Any] = {"state": "starting", "why": ""}

    def close(self) -> None:
        """Let go of running spreads; they are offered again when their clips are opened next."""
        self._spreading.close()

    def state(self, clip: str, *, tab: str) -> dict[str, Any]:
        """Return all that a tab shows of a clip, but the masks; work that a crash cut short is finished first."""
        with self._opened(clip, anew=True) as sheet:
            self.parts.preparer.want(clip, sheet.session.head)
            held = self.parts.desk.claims.holders().get(clip)
            return state.whole(sheet, self.parts, held=held, tab=tab)

    def claim(
        self, clip: str, user: str, tab: str, *, force: bool = False, lead: bool = False
    ) -> Claim:
        """Take a clip for a tab, or keep it; return who holds it now.

        Raises:
            AccessError: ``force`` would take it from another person, and only a ``lead`` may.
        """
        claims = self.parts.desk.claims
        before = claims.holders().get(clip)
        if force and before is not None and before.user != user and not lead:
            raise AccessError(f"clip {clip} is {before.user}'s: a lead may take it from them")
        held = claims.claim(clip, user=user, tab=tab, seconds=CLAIM_SECONDS, force=force)
        if before is None or before.tab != held.tab:
            self._tell_claim(clip, held)
        return held

    def release(self, clip: str, tab: str) -> None:
        """Give a clip back."""
        self.parts.desk.claims.release(clip, tab=tab)
        self._tell_claim(clip, self.parts.desk.claims.holders().get(clip))

    def act(
        self, clip: str, user: str, tab: str, *, head: int | None, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Do an action on what the tab shows, logged first; a spread only begins.

        Raises:
            InputError: it makes no sense now; nothing was logged.
            StaleParent: the tab shows another revision than the newest.
            StageError: the clip's stage allows no correction, or a spread runs.
            ClaimLost: the tab does not hold the clip.
            ModelError: it was logged, and could not be drawn.
        """
        deed = parse(body)
        with self._opened(clip) as sheet:
            _refuse_now(sheet, head)
            check(sheet.session, deed)
            action = self.parts.desk.actions.put(
                clip, user, to_body(deed), before=sheet.session.head, tab=tab
            )
            if isinstance(deed, SpreadDeed):
                self._spreading.begin(sheet, action, deed)
                return {"seq": action.seq, "running": True}
            done = carry_out(deed, action, sheet, self.parts)
            return self._answer(sheet, action, done, tab=tab)

    def stop(self, clip: str, user: str, tab: str) -> None:
        """End the spread that runs on a clip; what is done is kept."""
        with self._opened(clip) as sheet:
            self._hold(clip, user, tab)
            if sheet.running is not None:
                sheet.running.stop.set()

    def answer_proposal(self, clip: str, user: str, tab: str, *, seq: int, answer: str) -> None:
        """Change confirmed frames as proposed ("all"), leave them alone ("unconfirmed"), or change nothing ("none")."""
        with self._opened(clip) as sheet:
            self._hold(clip, user, tab)
            if sheet.proposal is None or sheet.proposal.action.seq != seq:
                raise SelectionError(
                    f"clip {clip}: no proposal {seq} waits for an answer; load the clip again"
                )
            self._spreading.decide(sheet, answer)

    def answer_unfinished(self, clip: str, user: str, tab: str, *, seq: int, answer: str) -> None:
        """Do again what was cut short, or drop it."""
        with self._opened(clip) as sheet:
            self._hold(clip, user, tab)
            action = sheet.unfinished
            if action is None or action.seq != seq:
                raise SelectionError(
                    f"clip {clip}: nothing unfinished of number {seq}; load the clip again"
                )
            sheet.unfinished = None
            deed = parse(action.body)
            if answer == "again" and isinstance(deed, SpreadDeed):
                self._spreading.begin(sheet, action, deed)
            else:
                self._spreading.drop(sheet, action)

    def rows(self, clip: str, revision: int, frames: range) -> tuple[Clip, Iterator[FrameMasks]]:
        """Return a clip, and the masks of a range of a revision, which is cut at the clip's end.

        Raises:
            SelectionError: the clip has no such revision.
            InputError: the range is empty.
        """
        found = self.parts.catalog.clip(clip).clip
        if self.parts.revisions.revision(revision).clip != clip:
            raise SelectionError(f"revision {revision} is none of clip {clip}")
        last = min(frames.stop, found.frames)
        if frames.start >= last:
            raise InputError(f"{frames}: expected frames of clip {clip}, 0 to {found.frames}")
        return found, self.parts.revisions.frames(revision, start=frames.start, stop=last)

    def move(
        self, clip: str, user: str, tab: str, *, move: Move, head: int | None, note: str
    ) -> str:
        """Take a clip one step on; of a submission without a note, its history says what was changed.

        Raises:
            StaleParent, StageError, ClaimLost: it stays where it is.
        """
        with self._opened(clip) as sheet:
            _refuse_work(sheet)
            self._hold(clip, user, tab)
            if head != sheet.session.head:
                raise _stale(sheet, head)
            said = note or (state.summary(sheet) if move is Move.SUBMIT else "")
            stage = self.parts.catalog.move(clip, move, actor=user, revision=head, note=said)
            del self._sheets[clip]  # what is confirmed, and what can be undone, begins anew
            with self._opened(clip) as moved:
                self.parts.hub.publish(clip, "state", state.changed(moved, ()))
        return str(stage)

    def look(self, clip: str, user: str, frames: range, *, track: int) -> None:
        """Remember that somebody looked at frames of a track, 0 for all, and count anew what is left."""
        self.parts.desk.looks.put(
            clip, author=user, start=frames.start, stop=frames.stop, track=track
        )
        self._tell_doubts(clip)

    def hear_model(self, model: ModelState) -> None:
        """Tell all tabs how the model is."""
        self.model_state = {"state": model.state, "why": model.why}
        self.parts.hub.publish(EVERY, "model", self.model_state)

    def hear_preparer(self, clip: str, event: str, data: Mapping[str, Any]) -> None:
        """Pass news of background work on to a clip's tabs."""
        if event == "doubts":
            self._tell_doubts(clip, error=str(data.get("error", "")))
        else:
            self.parts.hub.publish(clip, event, data)

    def _tell_doubts(self, clip: str, *, error: str = "") -> None:
        """Send the newest findings to a clip's tabs, or why there are none."""
        if not self.parts.hub.listeners(clip):
            return
        with suppress(EngineError), self._opened(clip) as sheet:
            news = state.doubts(sheet, self.parts)
            failed = {"error": error, "computing": False} if error else {}
            self.parts.hub.publish(clip, "doubts", {**news, **failed})

    def _answer(self, sheet: Sheet, action: Action, done: Done, *, tab: str) -> dict[str, Any]:
        """Tell the other tabs what changed, and return it: told twice, the tab that asked would load it anew meanwhile."""
        if done.after != sheet.status.head:  # what was stored has moved the clip: no need to ask
            stage = after(sheet.status.stage, Move.CORRECT)
            sheet.status = replace(sheet.status, head=done.after, stage=stage)
        changed = tuple(stretches(sorted(done.frames)))
        rows = self._few(done) if len(done.frames) <= FEW else {}
        news = {**state.changed(sheet, changed), "rows": rows}
        self.parts.hub.publish_others(sheet.clip.id, "state", news, tab=tab)
        self.parts.preparer.want(sheet.clip.id, done.after)
        return {"seq": action.seq, **news}

    def _few(self, done: Done) -> dict[str, Any]:
        """Return the rows of the frames that changed."""
        if done.after is None:
            return {}
        frames = sorted(done.frames)
        found = [
            row for frame in frames
            for row in self.parts.revisions.frames(done.after, start=frame, stop=frame + 1)
        ]  # fmt: skip
        return {str(row.frame): wire for row, wire in zip(found, rows_to_wire(found), strict=True)}

    def _tell_claim(self, clip: str, held: Claim | None) -> None:
        self.parts.hub.publish_each(clip, "claim", lambda tab: state.claim(held, tab=tab))

    def _hold(self, clip: str, user: str, tab: str) -> None:
        """Make sure that a tab holds a clip."""
        held = self.parts.desk.claims.claim(clip, user=user, tab=tab, seconds=CLAIM_SECONDS)
        if held.tab != tab:
            raise ClaimLost(
                f"clip {clip} is being corrected by {held.user}; ask them, or take another clip"
            )

    @contextmanager
    def _opened(self, clip: str, *, anew: bool = False) -> Iterator[Sheet]:
        """Hold a clip's lock and give its sheet, as new as the database; ``anew`` reads its log again too.

        Others may have accepted and reopened it, which changes neither its masks nor, in the end, its stage.
        """
        if clip not in self._locks:
            self.parts.catalog.clip(clip)  # locks are kept for clips that there are
        with self._lock:
            lock = self._locks.setdefault(clip, RLock())
        with lock:
            status = self.parts.catalog.clip(clip)
            sheet = self._sheets.get(clip)
            if sheet is None or sheet.session.head != status.head or (anew and not sheet.busy):
                sheet = opened(status, self.parts, before=sheet)
                self._sheets[clip] = sheet
            else:
                sheet.status = status
            yield sheet


def _refuse_now(sheet: Sheet, head: int | None) -> None:
    """Refuse an action on what is not the newest, or not to be changed now."""
    after(sheet.status.stage, Move.CORRECT)
    _refuse_work(sheet)
    if head != sheet.session.head:
        raise _stale(sheet, head)


def _refuse_work(sheet: Sheet) -> None:
    """Refuse what would come between a spread and its end."""
    if sheet.running is not None:
        raise StageError("propagation is running: Esc stops it and keeps what is done")
    if sheet.proposal is not None:
        raise StageError(
            "confirmed frames would change, and nobody has said yet whether they may: answer that first"
        )


def _stale(sheet: Sheet, head: int | None) -> StaleParent:
    return StaleParent(
        f"clip {sheet.clip.id}: revision {head} was shown, the newest is {sheet.session.head}; "
        "look at it and repeat the change there"
    )
