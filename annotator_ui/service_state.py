"""A clip, its session and its doubts as the JSON that the page reads. Knows the shapes of the messages; changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from annotator_ui.service_parts import Parts, Proposal, Running, Sheet
from annotator_ui.session import Session, describe
from annotator_ui.session_counts import counted
from engine.billiards.classes import profile
from engine.doubts import Doubt, Looked, worst
from engine.ports import Claim, Event, Pin
from engine.stages import WISHES, Move
from engine.types import Prompt, Track

_COLOURS = (
    "#e6194b", "#3cb44b", "#ffe119", "#4363d8", "#f58231", "#911eb4", "#46f0f0", "#f032e6",
    "#bcf60c", "#fabebe", "#00a0a0", "#c49cff", "#9a6324", "#fffac8", "#d04040", "#aaffc3",
)  # fmt: skip


def colour(track: int) -> str:
    """Return the colour of a track, "#rrggbb"; sixteen of them differ at a glance."""
    return _COLOURS[(track - 1) % len(_COLOURS)]


def tracks(found: Iterable[Track]) -> list[dict[str, Any]]:
    """Return the balls of a clip."""
    return [{"id": one.id, "label": one.label, "color": colour(one.id)} for one in found]


def labels(game: str, found: Iterable[Track]) -> list[str]:
    """Return the classes that a ball can have: those of the game, and any that a ball of the clip has already."""
    return list(dict.fromkeys([*profile(game).kinds, *(one.label for one in found)]))


def claim(found: Claim | None, *, tab: str) -> dict[str, Any]:
    """Return who works on a clip, as one tab sees it."""
    if found is None:
        return {"held": False, "user": None, "since": None}
    return {"held": found.tab == tab, "user": found.user, "since": found.since.isoformat()}


def session(sheet: Sheet) -> dict[str, Any]:
    """Return what was done to a clip and can be taken back."""
    now = sheet.session
    undo, redo = now.undo_step, now.redo_step
    return {
        "undo": describe(undo.deed) if undo else None,
        "redo": describe(redo.deed) if redo else None,
        "pending": {str(t): sorted({p.frame for p in said}) for t, said in now.pending().items()},
        "prompts": _prompts(now),
        "hidden": [
            {"frame": f, "track": t, "why": str(why)}
            for (f, t), why in sorted(now.hidden().items())
        ],
        "confirmed": [[run.start, run.stop] for run in now.confirmed()],
        "counts": asdict(counted(step.deed for step in now.done)),
        "next_track": now.new_track(),
        "running": _running(sheet.running),
    }


def summary(sheet: Sheet) -> str:
    """Return in words what people changed since the models drew the clip, for its history."""
    counts = asdict(counted(step.deed for step in sheet.session.done))
    said = [f"{name.replace('_', ' ')}: {number}" for name, number in counts.items() if number]
    return ", ".join(said) or "nothing changed"


def history(sheet: Sheet, events: Sequence[Event]) -> dict[str, Any] | None:
    """Return who last handed the clip on, how, and what they said of it; work in between does not count.

    What the clip's history says by itself of a submission is left out: the counts of the session say it.
    """
    aside = (Move.CORRECT, *WISHES)
    handed = next((one for one in reversed(events) if one.move not in aside), None)
    if handed is None:
        return None
    note = "" if handed.note == summary(sheet) else handed.note
    said = {"move": str(handed.move), "actor": handed.actor, "note": note}
    return {**said, "at": handed.at.isoformat()}


def doubts(sheet: Sheet, parts: Parts) -> dict[str, Any]:
    """Return where to look: the newest findings that are there, also where they are of an older revision."""
    head = sheet.session.head
    found = None if head is None else parts.preparer.doubts(head)
    if found is not None and head is not None:
        sheet.doubted = (head, found)
    revision, known = sheet.doubted or (None, ())
    seen = [Looked(*look) for look in parts.desk.looks.of(sheet.clip.id)]
    visits = [
        {
            "frame": visit.frame,
            "severity": visit.severity,
            "doubts": [doubt(one) for one in visit.doubts],
        }
        for visit in worst(known, seen)
    ]
    return {
        "revision": revision,
        "computing": head is not None and found is None,
        "visits": visits,
        "all": [doubt(one) for one in known],
    }


def doubt(one: Doubt) -> dict[str, Any]:
    """Return one doubt."""
    return {**asdict(one), "sign": str(one.sign)}


def pin(one: Pin) -> dict[str, Any]:
    """Return one comment."""
    return {**asdict(one), "at": one.at.isoformat()}


def video(sheet: Sheet, parts: Parts) -> dict[str, Any]:
    """Return how far the browser copy is."""
    ready = parts.preparer.video(sheet.clip) is not None
    progress = 1.0 if ready else parts.preparer.progress(sheet.clip)
    return {"url": f"/api/clips/{sheet.clip.id}/video.mp4", "ready": ready, "progress": progress}


def whole(sheet: Sheet, parts: Parts, *, held: Claim | None, tab: str) -> dict[str, Any]:
    """Return everything that a tab needs to show a clip, but the masks."""
    clip = sheet.clip
    return {
        "clip": {
            "id": clip.id,
            "frames": clip.frames,
            "rate": [clip.rate.numerator, clip.rate.denominator],
            "width": clip.width,
            "height": clip.height,
            "stage": str(sheet.status.stage),
            "split": clip.split,
        },
        **changed(sheet, ()),
        "labels": labels(parts.game, sheet.session.tracks),
        "history": history(sheet, parts.catalog.events(clip.id)),
        "pins": [pin(one) for one in parts.desk.pins.of(clip.id)],
        "looked": [list(look) for look in parts.desk.looks.of(clip.id)],
        "doubts": doubts(sheet, parts),
        "video": video(sheet, parts),
        "claim": claim(held, tab=tab),
        "unfinished": _unfinished(sheet),
        "proposal": _proposal(sheet.proposal),
    }


def changed(sheet: Sheet, frames: Sequence[range]) -> dict[str, Any]:
    """Return what an action changed, for all tabs."""
    return {
        "head": sheet.session.head,
        "changed": [[run.start, run.stop] for run in frames],
        "tracks": tracks(sheet.session.tracks),
        "session": session(sheet),
        "stage": str(sheet.status.stage),
    }


def _prompts(now: Session) -> list[dict[str, Any]]:
    """Return the prompts in force, those of one place and ball together."""
    places: dict[tuple[int, int], dict[str, Any]] = {}
    for prompt in now.in_force():
        place = places.setdefault((prompt.frame, prompt.track), _place(prompt))
        place["points"] += [[point.x, point.y, point.positive] for point in prompt.points]
        place["box"] = place["box"] if prompt.box is None else list(prompt.box)
        place["painted"] = place["painted"] or prompt.mask is not None
    return [places[key] for key in sorted(places)]


def _place(prompt: Prompt) -> dict[str, Any]:
    said = {"frame": prompt.frame, "track": prompt.track}
    return {**said, "points": [], "box": None, "painted": False}


def _running(running: Running | None) -> dict[str, int] | None:
    if running is None:
        return None
    return {"seq": running.action.seq, "done": running.done, "total": running.total}


def _unfinished(sheet: Sheet) -> dict[str, Any] | None:
    action = sheet.unfinished
    return None if action is None else {"seq": action.seq, "what": "propagation"}


def _proposal(found: Proposal | None) -> Mapping[str, Any] | None:
    return None if found is None else found.shown
