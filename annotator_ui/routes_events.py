"""The route on which a tab hears what happens to its clip. Knows the hub, no events."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from annotator_ui.events import framed
from annotator_ui.routes import Asking, InClip, OfTab, Serving

ROUTER = APIRouter(prefix="/api", tags=["clips"])
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # proxies must not hold back


@ROUTER.get("/clips/{clip}/events")
async def events(clip: InClip, _who: Asking, service: Serving, tab: OfTab) -> StreamingResponse:
    """Stream server-sent events of a clip; after a reconnect, load the clip's state again."""
    hello = [framed("model", service.model_state)]
    stream = service.parts.hub.listen(clip, tab=tab, first=hello)
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)
