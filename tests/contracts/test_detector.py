"""What every Detector does: boxes inside the picture, best first, and no memory of other frames."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.fakes.detector import ColourDetector
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.ports import Detector
from engine.types import FrameBatch

SCENE = Scene(
    [Disc((200, 20, 20), "solid", rolls(3, 30, dx=8)), Disc((250, 250, 250), "cue", rests(80, 60))],
    4,
)


def yolo() -> Detector:
    """Return the bundled network; what it finds on flat discs does not matter here."""
    from engine.adapters.detect_yolo import YoloDetector  # noqa: PLC0415 - torch is slow to import
    from engine.models.yolo import BUNDLED  # noqa: PLC0415

    if not Path(BUNDLED).is_file():
        pytest.skip(f"no weights at {BUNDLED}: train the detector first")
    return YoloDetector(confidence=0.01)


MAKERS = {"colour": cache(lambda: ColourDetector(SCENE.labels)), "yolo": cache(yolo)}


@pytest.fixture(params=list(MAKERS))
def detector(request: pytest.FixtureRequest) -> Detector:
    return MAKERS[request.param]()


def batch(first: int = 0, stop: int = SCENE.frames) -> FrameBatch:
    frames = range(first, stop)
    return FrameBatch(first, np.stack([SCENE.paint(SCENE.clip, frame) for frame in frames]))


def test_every_frame_of_the_batch_has_its_answer(detector: Detector) -> None:
    found = detector.detect(batch(1))
    assert len(found) == 3
    assert all(d.frame == 1 + index for index, one in enumerate(found) for d in one)


def test_boxes_lie_inside_the_picture_and_have_an_area(detector: Detector) -> None:
    for x0, y0, x1, y1 in (d.box for one in detector.detect(batch()) for d in one):
        assert 0 <= x0 < x1 <= SCENE.width
        assert 0 <= y0 < y1 <= SCENE.height


def test_the_best_come_first_with_scores_from_0_to_1(detector: Detector) -> None:
    for one in detector.detect(batch()):
        scores = [d.score for d in one]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)


def test_a_frame_is_seen_the_same_alone_and_in_company(detector: Detector) -> None:
    detector.detect(batch(3))
    assert detector.detect(batch(2, 3))[0] == detector.detect(batch())[2]


def test_an_empty_picture_has_no_ball() -> None:
    empty = FrameBatch(0, np.zeros((1, 64, 96, 3), np.uint8))
    assert MAKERS["colour"]().detect(empty) == [()]


def test_the_fake_finds_every_ball_to_the_pixel() -> None:
    (found,) = MAKERS["colour"]().detect(batch(1, 2))
    assert [(d.label, d.box) for d in found] == [
        ("solid", (6.0, 25.0, 16.0, 35.0)),
        ("cue", (75.0, 55.0, 85.0, 65.0)),
    ]
