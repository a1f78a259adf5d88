"""The process that draws: one model, many people's requests, answered over a pipe. Reads revisions; never writes the database.

It ends with the process that started it, whatever becomes of that one.
"""

import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from threading import Event, Lock
from typing import Final

from annotator_ui.model.hand import Hand
from annotator_ui.model.messages import (
    Answer,
    Done,
    Draw,
    Drawn,
    Failed,
    Progress,
    Ready,
    Refused,
    Request,
    Spread,
    Stop,
    Warm,
)
from annotator_ui.model.paced import PacedSegmenter, Road
from annotator_ui.model.pictures import Pictures
from annotator_ui.model.turns import Rank
from annotator_ui.model.warming import Warmer, first_strokes
from engine.config import Settings
from engine.errors import EngineError, ModelError
from engine.types import FrameMasks
from engine.wiring import Workbench, drawing, interruptible, workbench
from engine.workflows.correct import Asked, Model, draw

PULSE: Final = 1.0
"""Seconds after which the process looks whether the one that started it still lives."""

_CLICKS, _SPREADS = 16, 32
_LOG = logging.getLogger(__name__)


def serve(pipe: Connection, settings: Settings, pictures: int) -> None:
    """Answer the requests of ``pipe`` until its other end is closed; ``pictures`` is the budget in bytes for decoded ones."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server says when to end, not the keyboard
    parent = os.getppid()
    try:
        with workbench(settings) as bench, Hand() as hand, interruptible(hand.pause):
            source = Pictures(bench.source, limit=pictures)
            model = drawing(settings, source)
            for rank in (Rank.CLICK, Rank.SPREAD):
                hand.do(partial(first_strokes, model.segmenter), rank, who="")
            desk = _Desk(bench, model, hand, pipe, Warmer(source, hand.pause))
            pipe.send(Ready())
            while True:
                desk.take(_heard(pipe, parent))
    except EngineError as error:
        pipe.send(Refused(error))


def _heard(pipe: Connection, parent: int) -> Request | Warm | Stop:
    """Return the next message; where nobody can send one any more, the process ends at once, in the middle of a step."""
    while not pipe.poll(PULSE):
        if os.getppid() != parent:
            os._exit(0)
    try:
        message: Request | Warm | Stop = pipe.recv()
    except (EOFError, OSError):
        os._exit(0)
    return message


class _Desk:
    """Hands requests to threads, each of which answers its own."""

    def __init__(
        self, bench: Workbench, model: Model, hand: Hand, pipe: Connection, warmer: Warmer
    ) -> None:
        self._bench, self._model, self._hand, self._pipe = bench, model, hand, pipe
        self._warmer = warmer
        self._sending = Lock()
        self._stops: dict[int, Event] = {}
        self._clicks = ThreadPoolExecutor(_CLICKS, "click")
        self._spreads = ThreadPoolExecutor(_SPREADS, "spread")

    def take(self, message: Request | Warm | Stop) -> None:
        """Begin what a message asks for."""
        match message:
            case Draw():
                self._clicks.submit(self._answer, message, partial(self._draw, message))
            case Spread():
                self._stops[message.id] = Event()
                self._spreads.submit(self._answer, message, partial(self._spread, message))
            case Warm():
                self._warmer.wish(message)
            case Stop():
                if message.id in self._stops:
                    self._stops[message.id].set()

    def _answer(self, request: Request, work: Callable[[], Drawn]) -> None:
        """Do the work and say what became of it."""
        answer: Answer
        try:
            answer = Done(request.id, work())
        except EngineError as error:
            answer = Failed(request.id, error)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            _LOG.exception("request %d on clip %s", request.id, request.clip.id)
            answer = Failed(
                request.id,
                ModelError(
                    f"clip {request.clip.id}: the model stumbled ({type(error).__name__}: {error}); "
                    "try again, and report it if it happens again"
                ),
            )
        self._stops.pop(request.id, None)
        self._send(answer)

    def _draw(self, request: Draw) -> Drawn:
        paced = PacedSegmenter(self._model.segmenter, self._hand, Rank.CLICK, who=request.who)
        return self._drawn(request, paced)

    def _spread(self, request: Spread) -> Drawn:
        asked, stop = request.asked, self._stops[request.id]
        road = Road(asked.prompts, asked.frames or range(request.clip.frames))
        paced = PacedSegmenter(
            self._model.segmenter, self._hand, Rank.SPREAD, who=request.who, road=road
        )

        def told(row: FrameMasks) -> None:
            shown = _without_held(row, asked)
            self._send(Progress(request.id, shown, road.done, road.total))

        return self._drawn(request, paced, stop=stop.is_set, progress=told)

    def _drawn(
        self,
        request: Request,
        segmenter: PacedSegmenter,
        *,
        stop: Callable[[], bool] = lambda: False,
        progress: Callable[[FrameMasks], None] = lambda _: None,
    ) -> Drawn:
        model = Model(self._model.source, segmenter, self._model.names)
        done = draw(
            self._bench.revisions,
            request.clip,
            request.asked,
            model,
            stop=stop,
            progress=progress,
        )
        return Drawn(done, dict(model.names))

    def _send(self, answer: Answer) -> None:
        """Send an answer; where nobody is left to read it, the process is ending."""
        with self._sending:
            try:
                self._pipe.send(answer)
            except OSError:
                _LOG.debug("nobody reads the answer to request %d", answer.id)


def _without_held(row: FrameMasks, asked: Asked) -> FrameMasks:
    """Return a row without the masks of places that are held."""
    if not asked.held:
        return row
    held = asked.held
    shown = [
        m for m in row.masks if (row.frame, m.track) not in held and (row.frame, 0) not in held
    ]
    return FrameMasks(row.frame, tuple(shown))
