"""Which clip comes next, for who corrects and for who reviews. Knows stages, claims and how doubtful a clip is; reads, changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from annotator_ui.service_parts import Parts
from annotator_ui.service_state import claim
from engine.doubts import Looked, Visit, worst
from engine.ports import Claim, ClipStatus, Event
from engine.stages import Move, Stage
from engine.workflows.histories import arrival, since

Mode = Literal["annotate", "review"]

_TURN = {Stage.REJECTED: 0, Stage.IN_CORRECTION: 1, Stage.PREANNOTATED: 2}
_UNKNOWN = -1.0


def listed(parts: Parts, *, tab: str = "") -> list[dict[str, Any]]:
    """Return all clips with what a list shows of them: those to correct first, in the order of the queue."""
    holders = parts.desk.claims.holders()
    clips = parts.catalog.clips()
    visits = {status.clip.id: _visits(status, parts) for status in clips}
    ranked = sorted(clips, key=lambda status: _rank(status, visits[status.clip.id]))
    return [_line(one, visits[one.clip.id], holders.get(one.clip.id), parts, tab) for one in ranked]


def following(
    parts: Parts, user: str, *, mode: Mode = "annotate", after: str = "", tab: str = ""
) -> dict[str, Any]:
    """Return the clip that somebody should take now, and why; one that somebody works on is not offered."""
    holders = parts.desk.claims.holders()
    stages = tuple(_TURN) if mode == "annotate" else (Stage.SUBMITTED,)
    free = [
        status
        for status in parts.catalog.clips(stages=stages)
        if status.clip.id != after and _free(holders.get(status.clip.id), tab)
    ]
    for stage in stages:
        of_stage = [status for status in free if status.stage is stage]
        if of_stage:
            wanted = [status for status in of_stage if status.priority]
            found = _FIRST[stage](wanted or of_stage, user, parts)
            why = _why(found, user, parts)
            return {"clip": found.clip.id, "why": f"priority: {why}" if wanted else why}
    return {"clip": None, "why": _NOTHING[mode]}


def _oldest(clips: Sequence[ClipStatus], _user: str, parts: Parts) -> ClipStatus:
    """Return the clip that has stood longest where it is."""
    return min(clips, key=lambda status: _arrived(parts.catalog.events(status.clip.id)))


def _arrived(events: Sequence[Event]) -> datetime:
    """Return when a clip came where it is; one that no event brought there has been there for ever."""
    return since(events) or datetime.min.replace(tzinfo=UTC)


def _own(clips: Sequence[ClipStatus], user: str, parts: Parts) -> ClipStatus:
    """Return a clip that somebody has begun themselves, else the first."""
    own = (one for one in clips if _mine(parts.catalog.events(one.clip.id), user))
    return next(own, clips[0])


def _most_doubtful(clips: Sequence[ClipStatus], _user: str, parts: Parts) -> ClipStatus:
    return max(clips, key=lambda status: _weight(_visits(status, parts)))


def _mine(events: Sequence[Event], user: str) -> bool:
    """Tell whether somebody was the last to correct a clip."""
    return next((e.actor == user for e in reversed(events) if e.move is Move.CORRECT), False)


def _free(claim_: Claim | None, tab: str) -> bool:
    return claim_ is None or claim_.tab == tab


def _visits(status: ClipStatus, parts: Parts) -> tuple[Visit, ...] | None:
    """Return where a person should still look, or None where nobody knows."""
    found = None if status.head is None else parts.preparer.doubts(status.head)
    if found is None:
        return None
    seen = [Looked(*look) for look in parts.desk.looks.of(status.clip.id)] if found else ()
    return worst(found, seen)


def _weight(visits: Sequence[Visit] | None) -> float:
    """Return how doubtful a clip is: about how many places are wrong there."""
    return _UNKNOWN if visits is None else sum(visit.severity for visit in visits)


def _rank(status: ClipStatus, visits: Sequence[Visit] | None) -> tuple[int, bool, float]:
    turn = _TURN.get(status.stage, len(_TURN) + list(Stage).index(status.stage))
    weight = _weight(visits) if status.stage is Stage.PREANNOTATED else 0.0
    return turn, not status.priority, -weight


def _why(status: ClipStatus, user: str, parts: Parts) -> str:
    """Return in words why this clip is next."""
    events = parts.catalog.events(status.clip.id)
    if status.stage is Stage.REJECTED:
        note = next((e.note for e in reversed(events) if e.move is Move.REJECT), "")
        return f"rejected: {note}" if note else "rejected"
    if status.stage is Stage.IN_CORRECTION:
        came = arrival(events)
        if came is not None and came.move is Move.REOPEN and came.note:
            return f"reopened: {came.note}"
        return "you began it" if _mine(events, user) else "begun and not submitted"
    if status.stage is Stage.SUBMITTED:
        return "it has waited longest for a verdict"
    visits = _visits(status, parts)
    if visits is None:
        return "pre-annotated"
    return "1 place to look at" if len(visits) == 1 else f"{len(visits)} places to look at"


def _line(
    status: ClipStatus, visits: Sequence[Visit] | None, held: Claim | None, parts: Parts, tab: str
) -> dict[str, Any]:
    clip = status.clip
    pins = parts.desk.pins.of(clip.id)
    taken = None
    if held is not None:
        said = claim(held, tab=tab)
        taken = {"user": said["user"], "since": said["since"], "mine": said["held"]}
    return {
        "id": clip.id,
        "stage": str(status.stage),
        "priority": status.priority,
        "frames": clip.frames,
        "seconds": round(clip.seconds, 3),
        "rate": [clip.rate.numerator, clip.rate.denominator],
        "width": clip.width,
        "height": clip.height,
        "head": status.head,
        "visits": None if visits is None else len(visits),
        "open_pins": sum(not pin.resolved_by for pin in pins),
        "claim": taken,
        "prepared": parts.preparer.video(clip) is not None,
    }


_FIRST: Mapping[Stage, Callable[[Sequence[ClipStatus], str, Parts], ClipStatus]] = {
    Stage.REJECTED: _oldest,
    Stage.IN_CORRECTION: _own,
    Stage.PREANNOTATED: _most_doubtful,
    Stage.SUBMITTED: _oldest,
}
"""Of several clips of one stage, which comes first."""

_NOTHING: Mapping[Mode, str] = {
    "annotate": "nothing is left to correct: new clips come from `engine preannotate`",
    "review": "nothing waits for a verdict",
}
