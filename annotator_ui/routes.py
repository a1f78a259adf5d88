"""What every route needs: who asks, and the service. Knows where the application keeps them."""

from typing import Annotated, TypeAlias

from fastapi import Depends, Path, Query, Request

from annotator_ui.guard_people import Person, person_of
from annotator_ui.schemas import ClipId, Tab
from annotator_ui.service import Service


async def _asking(request: Request) -> Person:
    return person_of(request)


async def _serving(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


Asking: TypeAlias = Annotated[Person, Depends(_asking)]
"""Who asks; 401 where nobody is known."""

Serving: TypeAlias = Annotated[Service, Depends(_serving)]

InClip: TypeAlias = Annotated[ClipId, Path(description="id of a clip")]
OfTab: TypeAlias = Annotated[Tab, Query(description="a name that the browser tab gave itself")]
