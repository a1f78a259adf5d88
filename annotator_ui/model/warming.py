"""What is done before anybody clicks: a model's first strokes, and the pictures around resting playheads. Answers nobody."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction
from threading import Condition, Thread

import numpy as np

from annotator_ui.model.messages import Warm
from annotator_ui.model.pictures import Pictures
from engine.errors import EngineError
from engine.ports import Segmenter
from engine.types import Clip, Image, Point, Prompt

_BALLS = 8
_STEPS = 3
_LOG = logging.getLogger(__name__)


def first_strokes(segmenter: Segmenter) -> None:
    """Draw a few balls that nobody asked for: the first strokes of a network take longer than all that follow."""
    clip = Clip("warm-up", "", "", 0, _STEPS, 480, 270, Fraction(30))
    rgb, centres = _table(clip)
    for count in (1, _BALLS):
        with segmenter.open(clip) as session:
            prompts = [
                Prompt(0, track, points=(Point(x, y),))
                for track, (x, y) in enumerate(centres[:count], 1)
            ]
            for frame in range(_STEPS):
                session.step(frame, rgb, prompts if frame == 0 else ())


def _table(clip: Clip) -> tuple[Image, list[tuple[float, float]]]:
    """Return a green picture with white discs, and their centres."""
    rgb = np.full((clip.height, clip.width, 3), (20, 110, 60), np.uint8)
    ys, xs = np.mgrid[: clip.height, : clip.width]
    centres = [(50.0 + 50 * ball, 60.0 + 20 * ball) for ball in range(_BALLS)]
    for x, y in centres:
        rgb[(xs - x) ** 2 + (ys - y) ** 2 < 10**2] = 240
    return rgb, centres


class Warmer:
    """Decodes around playheads in a thread of its own, the newest wish first; of one clip only the newest counts."""

    def __init__(self, pictures: Pictures, pause: Callable[[], None]) -> None:
        """Start the thread, which ends with the process; ``pause`` is called between pictures and may wait."""
        self._pictures, self._pause = pictures, pause
        self._wishes: OrderedDict[str, Warm] = OrderedDict()
        self._news = Condition()
        Thread(target=self._work, name="warmer", daemon=True).start()

    def wish(self, warm: Warm) -> None:
        """Take a wish; what was begun for an older one of this clip is left."""
        with self._news:
            self._wishes.pop(warm.clip.id, None)
            self._wishes[warm.clip.id] = warm
            self._news.notify()

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._wishes)
                _, warm = self._wishes.popitem()
            try:
                self._grant(warm)
            except EngineError as error:
                _LOG.info("clip %s: not warmed: %s", warm.clip.id, error)

    def _grant(self, warm: Warm) -> None:
        def stop() -> bool:
            self._pause()
            return warm.clip.id in self._wishes

        self._pictures.warm(warm.clip, warm.frame, stop=stop)
