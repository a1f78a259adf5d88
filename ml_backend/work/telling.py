"""What a task says of its clip in words: how it stands, what of somebody's work was not done, where to look. Reads the stores, asks no server."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Final

from engine.doubts import Doubt, worst
from engine.ports import ClipStatus, Delivery, Event, State, TaskKind
from engine.stages import Move, Stage
from engine.types import Clip, Revision
from engine.wiring import Workbench
from engine.workflows.findings import kept_doubts
from engine.workflows.histories import arrivals
from engine.workflows.prepare import doubts_of
from ml_backend.serving.receiving import WHAT
from ml_backend.shown.links import links_html
from ml_backend.work.acting import made_for, was_taken_back

_LONGEST = 300
_MARK = re.compile(r"( \(|^)Label Studio, delivery \d+\)?$")
_NAMED: Final = {Stage.ACCEPTED, Stage.REJECTED, Stage.EXCLUDED}


def words(bench: Workbench, kind: TaskKind, status: ClipStatus) -> dict[str, str]:
    """Return the fields of a task's data that change with its clip: HTML below the picture, and a line for the list of tasks.

    Raises:
        DamagedChunk: stored masks do not decode.
    """
    events = bench.catalog.events(status.clip.id)
    state, undone = state_of(status.stage, events), _undone(bench, kind, status.clip, events)
    head = None if status.head is None else bench.revisions.revision(status.head)
    html = links_html(
        status.clip,
        page_url=bench.settings.page_url,
        visits=worst(doubts_in(bench, status.clip, head)) if head else (),
        labels={track.id: track.label for track in head.tracks} if head else {},
        state=state,
        undone=undone,
    )
    return {"links": html, "state": f"{state}; not done: {undone}" if undone else state}


def state_of(stage: Stage, events: Sequence[Event]) -> str:
    """Return how a clip stands; of a decision also whose, when it was accepted and why it was rejected."""
    *_, last = (None, *arrivals(events))
    if last is None or last.stage is not stage or stage not in _NAMED:
        return str(stage)
    said = f"{stage} by {last.actor}"
    if stage is Stage.ACCEPTED:
        return f"{said}, {last.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    note = _MARK.sub("", last.note)[:_LONGEST]
    return f"{said}: {note}" if note else said


def unheeded(deliveries: Sequence[Delivery], events: Sequence[Event]) -> Delivery | None:
    """Return the newest of a task's deliveries that was acted on, where it was refused or came to less than was asked for.

    It is no news once somebody decided about the clip since.
    """
    settled = [one for one in deliveries if one.state in (State.DONE, State.FAILED)]
    if not settled or not settled[-1].note:
        return None
    newest = settled[-1]
    decided = {Move.ACCEPT, Move.EXCLUDE}
    if newest.state is State.FAILED:
        decided.add(Move.REOPEN)
    since = (one for one in events if one.at > newest.at and one.move in decided)
    own = (made_for(one, newest) or was_taken_back([one], newest) for one in since)
    return newest if all(own) else None


def told(bench: Workbench, status: ClipStatus, place: str) -> str | None:
    """Return what tells apart what a task at ``place`` was told about a clip's newest revision; None where it was told nothing."""
    return None if status.head is None else bench.desk.findings.get(status.head, _key(place))


def note_told(bench: Workbench, revision: int, place: str, said: Mapping[str, str]) -> None:
    """Write down what a task was told."""
    bench.desk.findings.put(revision, _key(place), digest(said))


def digest(said: Mapping[str, str]) -> str:
    """Return what tells some words from others."""
    text = "\0".join(f"{name}\0{said[name]}" for name in ("links", "state"))
    return hashlib.sha256(text.encode()).hexdigest()


def doubts_in(bench: Workbench, clip: Clip, revision: Revision) -> tuple[Doubt, ...]:
    """Return where a person should look in a revision, found and kept now where nobody did.

    Raises:
        DamagedChunk: stored masks do not decode.
    """
    found = kept_doubts(bench.desk.findings, revision.id)
    if found is not None:
        return found
    stores = bench.revisions, bench.desk.findings
    return doubts_of(*stores, clip, revision, game=bench.settings.profile)


def _key(place: str) -> str:
    """Return the kind of finding under which it is kept what a task was told."""
    return f"{WHAT}:told:{place}"


def _undone(bench: Workbench, kind: TaskKind, clip: Clip, events: Sequence[Event]) -> str:
    """Return why the newest of what people did in the tasks of a kind was not done, "" where it was."""
    projects = {one.id for one in bench.bridge.projects() if one.kind is kind}
    here = [one for one in bench.bridge.deliveries(clip.id) if one.project in projects]
    newest = unheeded(here, events)
    return "" if newest is None else newest.note[:_LONGEST]
