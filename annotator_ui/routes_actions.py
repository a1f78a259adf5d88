"""Routes that change a clip: actions, the end of a spread, answers, looks, comments, moves. Thin: the service decides."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from annotator_ui import service_state as state
from annotator_ui.guard_people import Person
from annotator_ui.routes import Asking, InClip, Serving
from annotator_ui.schemas import (
    Act,
    Answer,
    InTab,
    Look,
    MoveBody,
    NewPin,
    Number,
    Unfinished,
)
from engine.errors import AccessError, InputError
from engine.ports import Role
from engine.stages import Move

ROUTER = APIRouter(prefix="/api", tags=["corrections"])
NEEDED: Mapping[str, Role] = {"submit": Role.ANNOTATOR}
"""Who may make a move; all others take a reviewer."""


@ROUTER.post("/clips/{clip}/actions")
def act(
    clip: InClip, body: Act, who: Asking, service: Serving, response: Response
) -> dict[str, Any]:
    """Do one action on the revision that the tab shows. It is stored before it is acted on; a spread answers at once (202)."""
    done = service.act(clip, who.name, body.tab, head=body.head, body=body.body())
    if done.get("running"):
        response.status_code = 202
    return done


@ROUTER.post("/clips/{clip}/stop", status_code=204)
def stop(clip: InClip, body: InTab, who: Asking, service: Serving) -> None:
    """End the spread that runs; what is done is kept."""
    service.stop(clip, who.name, body.tab)


@ROUTER.post("/clips/{clip}/proposal", status_code=204)
def answer_proposal(clip: InClip, body: Answer, who: Asking, service: Serving) -> None:
    """Say which frames a spread may change that would change confirmed ones."""
    service.answer_proposal(clip, who.name, body.tab, seq=body.seq, answer=body.answer)


@ROUTER.post("/clips/{clip}/unfinished", status_code=204)
def answer_unfinished(clip: InClip, body: Unfinished, who: Asking, service: Serving) -> None:
    """Do again what was cut short, or drop it."""
    service.answer_unfinished(clip, who.name, body.tab, seq=body.seq, answer=body.answer)


@ROUTER.post("/clips/{clip}/look", status_code=204)
def look(clip: InClip, body: Look, who: Asking, service: Serving) -> None:
    """Mark frames as looked at."""
    service.look(clip, who.name, range(body.start, body.stop), track=body.track)


@ROUTER.post("/clips/{clip}/pins")
def put_pin(clip: InClip, body: NewPin, who: Asking, service: Serving) -> dict[str, Any]:
    """Leave a comment on a frame."""
    pins = service.parts.desk.pins
    made = pins.put(clip, frame=body.frame, track=body.track, author=who.name, text=body.text)
    return state.pin(made)


@ROUTER.post("/pins/{pin}/resolve")
def resolve(pin: Number, who: Asking, service: Serving) -> dict[str, Any]:
    """Close a comment."""
    return state.pin(service.parts.desk.pins.resolve(pin, by=who.name))


@ROUTER.post("/clips/{clip}/move")
def move(clip: InClip, body: MoveBody, who: Asking, service: Serving) -> dict[str, str]:
    """Submit a clip; or, as a reviewer, accept, reject or reopen it. Rejecting takes a reason."""
    _refuse_role(who, body.move)
    if body.move == "reject" and not body.note.strip():
        raise InputError("reject: say why in note, for whoever corrects it")
    stage = service.move(
        clip, who.name, body.tab, move=Move(body.move), head=body.head, note=body.note
    )
    return {"stage": stage}


def _refuse_role(who: Person, name: str) -> None:
    role = NEEDED.get(name, Role.REVIEWER)
    if not who.may(role):
        raise AccessError(f"to {name} a clip takes a {role.value}; {who.name} is {who.role.value}")
