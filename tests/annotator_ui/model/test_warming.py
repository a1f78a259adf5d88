"""What is done before anybody clicks: newest playheads first, giving way to clicks, and first strokes of a model."""

import threading
from fractions import Fraction

import pytest

from annotator_ui.model.messages import Warm
from annotator_ui.model.pictures import Pictures
from annotator_ui.model.shelf import NEAR
from annotator_ui.model.warming import Warmer, first_strokes
from engine.config import Settings
from engine.errors import VideoError
from engine.fakes.frames import FakeFrameSource
from engine.fakes.segmenter import ColourSegmenter
from engine.types import Clip, Point, Prompt
from engine.wiring import interruptible, segmenter

WAIT = 20


def clip(name: str) -> Clip:
    return Clip(name, "sha", "nowhere", 0, 500, 16, 16, Fraction(30))


class Watched:
    """A source that says which picture it was asked for, and waits where it is told to."""

    def __init__(self) -> None:
        self.asked, self.go, self.news = [], threading.Event(), threading.Condition()
        self.go.set()

    def batches(self, clip, *, size=4, start=0, stop=None):
        self.go.wait(WAIT)
        if clip.id == "gone":
            raise VideoError("the recording is gone")
        for batch in FakeFrameSource().batches(clip, size=size, start=start, stop=stop):
            with self.news:
                self.asked.append((clip.id, batch.first))
                self.news.notify_all()
            yield batch

    def until(self, place: tuple[str, int]) -> None:
        with self.news:
            assert self.news.wait_for(lambda: place in self.asked, WAIT)


@pytest.fixture
def source() -> Watched:
    return Watched()


def warmer(source: Watched, pause=lambda: None) -> Warmer:
    return Warmer(Pictures(source, limit=1 << 24), pause)


def test_what_lies_around_the_playhead_is_decoded(source) -> None:
    warmer(source).wish(Warm(clip("a"), 100, None))
    for frame in (100 - NEAR, 100, 100 + NEAR):
        source.until(("a", frame))


def test_of_a_clip_only_the_newest_playhead_counts(source) -> None:
    source.go.clear()
    one = warmer(source)
    for frame in (100, 200, 300, 400):
        one.wish(Warm(clip("a"), frame, None))
    source.go.set()
    source.until(("a", 400))
    assert not {("a", 200), ("a", 300)} & set(source.asked)


def test_a_recording_that_is_gone_does_not_keep_others_from_being_warmed(source) -> None:
    one = warmer(source)
    one.wish(Warm(clip("gone"), 10, None))
    one.wish(Warm(clip("a"), 10, None))
    source.until(("a", 10))


def test_decoding_gives_way_to_clicks(source) -> None:
    clicking, asked = threading.Event(), threading.Event()

    def pause() -> None:
        asked.set()
        clicking.wait(WAIT)

    warmer(source, pause).wish(Warm(clip("a"), 100, None))
    assert asked.wait(WAIT)
    assert len(source.asked) <= 1
    clicking.set()
    source.until(("a", 100))


def test_first_strokes_ask_nothing_of_a_model_that_it_cannot_do() -> None:
    first_strokes(ColourSegmenter())


@pytest.mark.slow
def test_the_bundled_network_can_be_interrupted_between_its_layers() -> None:
    model, here = segmenter(Settings(), device="cpu"), clip("a")
    rgb = next(FakeFrameSource().batches(here)).rgb[0]
    prompt = Prompt(0, 1, points=(Point(8, 8),))
    asked = []
    with interruptible(lambda: asked.append(1)), model.open(here) as session:
        session.step(0, rgb, [prompt])
    within = len(asked)
    with model.open(here) as session:
        session.step(0, rgb, [prompt])
    assert within > 50  # often enough for nobody to notice the rest of a layer
    assert len(asked) == within
