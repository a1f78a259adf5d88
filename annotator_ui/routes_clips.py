"""Routes that show clips: the list, what is next, a clip's state, its masks, pictures and video. They change only claims."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse

from annotator_ui import service_state as state
from annotator_ui.routes import Asking, InClip, OfTab, Serving
from annotator_ui.schemas import ClaimBody, Number, Rest, TrackId
from annotator_ui.service_pictures import picture
from annotator_ui.service_queue import Mode, following, listed
from annotator_ui.wire import payload
from engine.errors import InputError, SelectionError
from engine.ports import Role

ROUTER = APIRouter(prefix="/api", tags=["clips"])
MOST_ROWS = 3000
FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""For what never changes under its address: revisions, and pictures of a clip."""


@ROUTER.get("/clips")
def clips(_who: Asking, service: Serving, tab: OfTab = "-") -> list[dict[str, Any]]:
    """List all clips, those to correct first, in the order in which they should be."""
    return listed(service.parts, tab=tab)


@ROUTER.get("/next")
def next_clip(
    who: Asking, service: Serving, after: str = "", mode: Mode = "annotate", tab: OfTab = "-"
) -> dict[str, Any]:
    """Return the clip to take after ``after``, null with a reason where there is none."""
    return following(service.parts, who.name, mode=mode, after=after, tab=tab)


@ROUTER.post("/clips/{clip}/claim")
def claim(clip: InClip, body: ClaimBody, who: Asking, service: Serving) -> dict[str, Any]:
    """Take a clip, or keep it: it is given up 30 seconds after the last time. Says who holds it now."""
    lead = who.may(Role.LEAD)
    held = service.claim(clip, who.name, body.tab, force=body.force, lead=lead)
    return state.claim(held, tab=body.tab)


@ROUTER.delete("/clips/{clip}/claim", status_code=204)
def release(clip: InClip, _who: Asking, service: Serving, tab: OfTab) -> None:
    """Give a clip back."""
    service.release(clip, tab)


@ROUTER.get("/clips/{clip}")
def clip_state(clip: InClip, _who: Asking, service: Serving, tab: OfTab = "-") -> dict[str, Any]:
    """Return all that a page shows of a clip, but the masks. What a crash cut short is finished first, or offered."""
    return service.state(clip, tab=tab)


@ROUTER.get("/clips/{clip}/masks")
def masks(
    clip: InClip,
    _who: Asking,
    service: Serving,
    revision: Annotated[TrackId, Query()],
    start: Annotated[Number, Query()],
    stop: Annotated[Number, Query()],
) -> Response:
    """Return the masks of frames ``start`` up to ``stop`` of a revision, each as the run lengths of its own box."""
    if stop - start > MOST_ROWS:
        raise InputError(f"{stop - start} frames: ask for at most {MOST_ROWS} at once")
    found, rows = service.rows(clip, revision, range(start, stop))
    size = (found.height, found.width)
    last = min(stop, found.frames)
    body = payload(rows, size=size, revision=revision, start=start, stop=last)
    return Response(body, media_type="application/json", headers=FOREVER)


@ROUTER.get("/clips/{clip}/video.mp4")
def video(clip: InClip, _who: Asking, service: Serving) -> FileResponse:
    """Return the browser's copy of a clip, frame by frame the same; ranges are served."""
    found = service.parts.catalog.clip(clip).clip
    path = service.parts.preparer.video(found)
    if path is None:
        service.parts.preparer.want(clip, service.parts.catalog.clip(clip).head)
        raise SelectionError(f"clip {clip}: its copy for the browser is not ready yet; wait for it")
    return FileResponse(
        path, media_type="video/mp4", headers={"Cache-Control": "private, no-cache"}
    )


@ROUTER.get("/clips/{clip}/frames/{frame}.jpg")
def frame_picture(clip: InClip, frame: Number, _who: Asking, service: Serving) -> Response:
    """Return one picture of a clip, as the model sees it."""
    found = service.parts.catalog.clip(clip).clip
    body = picture(service.parts.source, found, frame)
    return Response(body, media_type="image/jpeg", headers=FOREVER)


@ROUTER.post("/clips/{clip}/warm", status_code=204)
def warm(clip: InClip, body: Rest, _who: Asking, service: Serving) -> None:
    """Make ready for a click: the playhead rests on a frame."""
    status = service.parts.catalog.clip(clip)
    if body.frame < status.clip.frames:
        service.parts.drawer.warm(status.clip, body.frame, status.head)
