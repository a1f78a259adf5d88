"""A session made anew from the stored log of actions. Knows what an action says, not where it is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from annotator_ui.session_deeds import Deed
from annotator_ui.session_evidence import Evidence
from annotator_ui.session_json import parse
from annotator_ui.session_state import Session, Step, begin, folded, stacked
from engine.errors import InputError
from engine.ports.desk import Action, State
from engine.types import Clip, Track

STOPPED = "stopped"
"""The note of a spread that was done and had been ended by hand."""


def replay(
    clip: Clip,
    actions: Sequence[Action],
    *,
    head: int | None,
    tracks: Iterable[Track],
    confirmed: Sequence[range] = (),
    sealed: datetime | None = None,
) -> Session:
    """Return the session that the log of a clip comes to.

    What failed or was given up is no part of it. Where something else than an action made a revision, an import or
    another pre-annotation, all that was said before is about other masks: it is in force no more and cannot be undone.

    Args:
        clip: whose log it is.
        actions: the log, oldest first.
        head: the clip's newest revision.
        tracks: those of that revision.
        confirmed: frames that count as confirmed, those of a clip that was accepted.
        sealed: when it was accepted last. What was done until then stays in force but is not undone any more; without
            it ``confirmed`` counts from before the first action.
    """
    ground = begin(clip, head=head, tracks=tracks, confirmed=confirmed)
    done = in_order([action for action in actions if action.state is State.DONE])
    old = [action for action in done if sealed is not None and action.at <= sealed]
    first = done[0].before if done else head
    session = replace(ground, head=first, base=first)
    if old:
        session = _sealed(_walked(replace(session, ground=Evidence()), old), ground.ground)
    session = _walked(session, done[len(old) :])
    if session.head != head:
        session = _cut(session, head)
    return replace(session, evidence=folded(session), unfinished=_unfinished(actions))


def in_order(actions: Sequence[Action]) -> list[Action]:
    """Return actions in the order in which they were done: one that ran long was done after some asked for later.

    Revisions are numbered as they are made, and each action says the newest one when it was done. Of those that say
    the same, the first is the one that made it.
    """
    makers: dict[int | None, Action] = {}
    for action in sorted(actions, key=lambda one: (one.body.get("kind") == "spread", one.seq)):
        if action.before != action.after:
            makers.setdefault(action.after, action)
    return sorted(
        actions,
        key=lambda one: (one.after or 0, makers.get(one.after) is not one, one.seq),
    )


def _walked(session: Session, actions: Iterable[Action]) -> Session:
    """Return the session with actions on its stacks, in the order in which they were done."""
    for action in actions:
        deed = _read(action)
        if deed is None:
            session = _cut(session, action.after)
            continue
        if (action.before or 0) > (session.head or 0):
            session = _cut(session, action.before)
        stopped = action.note == STOPPED
        session = stacked(session, Step(action.seq, deed, session.head, action.after, stopped))
    return session


def _cut(session: Session, head: int | None) -> Session:
    """Begin anew on a revision that no action led to; frames that were accepted stay confirmed: a question too many."""
    kept = Evidence(confirmed=session.ground.confirmed)
    return replace(session, head=head, base=head, done=(), undone=(), ground=kept)


def _sealed(session: Session, accepted: Evidence) -> Session:
    """Close what was done before an acceptance: it stays in force, and cannot be undone."""
    ground = replace(folded(session), confirmed=accepted.confirmed)
    return replace(session, base=session.head, done=(), undone=(), ground=ground)


def _read(action: Action) -> Deed | None:
    """Return what an action says; None where this version cannot read it."""
    try:
        return parse(action.body)
    except InputError:
        return None


def _unfinished(actions: Iterable[Action]) -> Mapping[int, Deed]:
    """Return what was asked for and is neither done nor given up, by seq."""
    asked = ((one.seq, _read(one)) for one in actions if one.state is State.ASKED)
    return {seq: deed for seq, deed in asked if deed is not None}
