"""The route on which a tab hears what happens to its clip. Knows the hub, no events."""

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from annotator_ui.events import framed
from annotator_ui.routes import Asking, InClip, OfTab, Serving

ROUTER = APIRouter(prefix="/api", tags=["clips"])
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # proxies must not hold back


def _known(clip: InClip, service: Serving) -> None:
    """Refuse clips that are not there: nothing would ever happen to them."""
    service.parts.catalog.clip(clip)


@ROUTER.get("/clips/{clip}/events", dependencies=[Depends(_known)])
async def events(clip: InClip, _who: Asking, service: Serving, tab: OfTab) -> StreamingResponse:
    """Stream server-sent events of a clip; after a reconnect, load the clip's state again."""
    hello = [framed("model", service.model_state)]
    stream = service.parts.hub.listen(clip, tab=tab, first=hello)
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)
