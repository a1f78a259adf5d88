"""The page without a browser, for a simulated person: a clip in memory, corrected by the very code that serves the page.

Every click is an action as a browser sends it: checked by the session, logged, done by the service's own functions. Knows no
truth. What is stored is gone with the process.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final

from annotator_ui.events import Hub
from annotator_ui.model.messages import Drawn
from annotator_ui.model.pictures import Pictures
from annotator_ui.service_bare import Unprepared
from annotator_ui.service_deeds import names_of
from annotator_ui.service_opening import carry_out, opened, take_in
from annotator_ui.service_parts import Done, Parts
from annotator_ui.service_rows import CachedRevisions
from annotator_ui.session import SpreadDeed, check, parse, to_body, to_spread
from engine.datasets import LabelledClip
from engine.evaluation.hands import Hands, Tool
from engine.evaluation.running import DatasetSource
from engine.fakes.desk import memory_desk
from engine.fakes.store import MemoryCatalog, MemoryRevisionStore, Shelf
from engine.ports import Segmenter, State
from engine.types import RLE, Clip, FrameMasks, Kind, Point, Revision, Track, Video
from engine.workflows.correct import Asked, Model, draw, keep

WHO: Final = "simulated"
TAB: Final = "simulated"
PICTURES: Final = 256 << 20
"""Bytes of pictures that are kept, so that a click decodes nothing twice."""

_FOREVER: Final = 1e9


def page_tool(segmenter: Segmenter) -> Tool:
    """Return what opens clips as the page does, drawn by ``segmenter``."""

    @contextmanager
    def tool(labelled: LabelledClip, rows: Sequence[FrameMasks]) -> Iterator[Hands]:
        with closing(Pictures(DatasetSource(labelled), limit=PICTURES)) as pictures:
            yield SimulatedHands(labelled.clip, rows, Model(pictures, segmenter))

    return tool


class InProcess:
    """``annotator_ui.service_parts.Drawer`` that draws where it is called."""

    def __init__(self, revisions: CachedRevisions, model: Model) -> None:
        """Draw on these revisions."""
        self._revisions, self._model = revisions, model

    def draw(self, clip: Clip, asked: Asked, *, who: str) -> Drawn:
        """Draw one frame."""
        del who
        return Drawn(draw(self._revisions, clip, asked, self._model), self._model.names)

    def spread(
        self,
        clip: Clip,
        asked: Asked,
        *,
        who: str,
        progress: Callable[[FrameMasks, int, int], None],
        stop: Callable[[], bool],
    ) -> Drawn:
        """Carry prompts through time; it is not told how far it is."""
        del who, progress
        done = draw(self._revisions, clip, asked, self._model, stop=stop)
        return Drawn(done, self._model.names)

    def warm(self, clip: Clip, frame: int, revision: int | None) -> None:
        """Do nothing: nobody waits."""


class SimulatedHands:
    """``engine.evaluation.hands.Hands`` on the page's own code."""

    def __init__(self, clip: Clip, rows: Sequence[FrameMasks], model: Model) -> None:
        """Open a clip that has the masks ``rows``, none for a clip without."""
        self._parts = _parts(clip, rows, model)
        self._parts.desk.claims.claim(clip.id, user=WHO, tab=TAB, seconds=_FOREVER)
        self._sheet = opened(self._parts.catalog.clip(clip.id), self._parts)

    def rows(self) -> tuple[FrameMasks, ...]:
        """Return what is shown, every frame once and in order."""
        return self._shown(0, self._sheet.clip.frames)

    def mask(self, frame: int, track: int) -> RLE | None:
        """Return what is shown of a track on a frame, None where it is not visible."""
        (row,) = self._shown(frame, frame + 1)
        found = row.by_track().get(track)
        return None if found is None else found.rle

    def new_track(self) -> int:
        """Return the number that the page gives a new ball."""
        return self._sheet.session.new_track()

    def click(self, frame: int, track: int, point: Point, *, label: str) -> None:
        """Click at a ball."""
        spot = [point.x, point.y, point.positive]
        said = {"frame": frame, "track": track, "point": spot, "label": label}
        self._act({"kind": "prompt", **said})

    def spread(self, tracks: Sequence[int]) -> None:
        """Carry what was clicked of some tracks through time."""
        self._act({"kind": "spread", "tracks": list(tracks)})

    def delete(self, track: int, frames: range) -> None:
        """Take a track off some frames."""
        span = [frames.start, frames.stop]
        self._act({"kind": "edit", "deed": "delete", "track": track, "frames": span})

    def undo(self) -> None:
        """Take the last thing back."""
        self._act({"kind": "undo"})

    def _act(self, body: Mapping[str, Any]) -> None:
        """Do an action: checked, logged, done, as the service does it."""
        sheet, parts, deed = self._sheet, self._parts, parse(body)
        check(sheet.session, deed)
        action = parts.desk.actions.put(
            sheet.clip.id, WHO, to_body(deed), before=sheet.session.head, tab=TAB
        )
        if not isinstance(deed, SpreadDeed):
            carry_out(deed, action, sheet, parts)
            return
        asked = to_spread(sheet.session, deed)
        drawn = parts.drawer.spread(
            sheet.clip, asked, who=WHO, progress=lambda *_: None, stop=lambda: False
        )
        stored = keep(parts.hand(WHO), asked, drawn.correction, names=names_of(action))
        done = Done(
            sheet.session.head if stored is None else stored.id, tuple(drawn.correction.masks)
        )
        parts.desk.actions.settle(action.seq, State.DONE, after=done.after)
        take_in(deed, action, sheet, parts, done=done)

    def _shown(self, start: int, stop: int) -> tuple[FrameMasks, ...]:
        head = self._sheet.session.head
        if head is None:
            return tuple(map(FrameMasks, range(start, stop)))
        return tuple(self._parts.revisions.frames(head, start=start, stop=stop))


def _parts(clip: Clip, rows: Sequence[FrameMasks], model: Model) -> Parts:
    """Return the stores of one clip in memory, and what draws."""
    shelf = Shelf()
    catalog = MemoryCatalog(shelf)
    revisions = CachedRevisions(MemoryRevisionStore(shelf), catalog)
    catalog.add_video(_video(clip), [clip])
    tracks = sorted({mask.track for row in rows for mask in row.masks})
    if tracks:
        known = tuple(Track(number, "ball") for number in tracks)
        revisions.append(Revision(clip.id, None, Kind.AUTO, WHO, known), rows)
    drawer, source = InProcess(revisions, model), model.source
    return Parts(catalog, memory_desk(shelf), source, revisions, drawer, Unprepared(), Hub())


def _video(clip: Clip) -> Video:
    return Video(
        clip.video, "", clip.media, clip.width, clip.height, clip.rate, clip.start + clip.frames
    )
