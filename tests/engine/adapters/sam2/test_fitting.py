"""In which window a click is answered: with a mask there before in its window, drawn once; without, in several."""

from pathlib import Path

import pytest

from engine import geometry, rle
from engine.adapters.sam2 import sighting
from engine.adapters.video_pyav import PyavFrameSource
from engine.config import Settings
from engine.datasets import read_dataset
from engine.evaluation.clicking import click_into
from engine.types import Prompt
from engine.wiring import segmenter

ASSETS = Path(__file__).parents[4] / "engine" / "assets"


@pytest.fixture(scope="module")
def demo():
    return next(one for one in read_dataset(ASSETS) if one.clip.id == "demo")


@pytest.fixture(scope="module")
def scene(demo):
    """Return frame 40 of the clip that ships with the engine, and its true masks."""
    rgb = next(PyavFrameSource().batches(demo.clip, size=1, start=40, stop=41)).rgb[0]
    return rgb, list(demo.frames())[40].by_track()


@pytest.fixture(scope="module")
def model():
    return segmenter(Settings(), device="cpu")


@pytest.fixture
def windows(monkeypatch):
    """Return a list that grows with the number of windows of each batch that is drawn."""
    batches, real = [], sighting.draw

    def noted(network, rgb, wants, **how):
        batches.append(len(wants))
        return real(network, rgb, wants, **how)

    monkeypatch.setattr(sighting, "draw", noted)
    return batches


def _clicked(model, demo, scene, track, expect=None):
    """Return the mask that a click into the middle of a ball comes to."""
    rgb, truth = scene
    prompt = Prompt(40, track, points=(click_into(truth[track].rle),))
    with model.open(demo.clip) as session:
        if expect is not None:
            session.expect(track, expect)
        return session.step(40, rgb, [prompt]).by_track()[track].rle


def _drawn(batches):
    return [count for count in batches if count]


def test_where_the_mask_was_right_a_click_is_drawn_once(model, demo, scene, windows):
    track = 1
    before = rle.bbox(scene[1][track].rle)
    mask = _clicked(model, demo, scene, track, before)
    assert _drawn(windows) == [1]
    assert rle.iou(mask, scene[1][track].rle) > 0.85


def test_without_a_mask_windows_of_three_sizes_are_tried_and_none_twice(
    model, demo, scene, windows
):
    _clicked(model, demo, scene, 1)
    assert windows[0] == 0, "there is nothing to begin with"
    assert _drawn(windows)[0] == 3
    assert sum(windows) <= 3 + 2, "what was drawn in the window that fits is not drawn again"


@pytest.mark.parametrize("grown", [0.5, 0.8, 1.3, 2.0])
def test_a_mask_of_another_size_is_outgrown(model, demo, scene, grown):
    for track, truth in scene[1].items():
        before = geometry.scale(rle.bbox(truth.rle), grown)
        mask = _clicked(model, demo, scene, track, before)
        assert rle.iou(mask, truth.rle) > 0.8


def test_a_mask_over_two_balls_does_not_make_one_of_them(model, demo, scene):
    for track, truth in scene[1].items():
        box = rle.bbox(truth.rle)
        for side in (-1, 1):
            wide = side * geometry.width(box)
            both = (min(box[0], box[0] + wide), box[1], max(box[2], box[2] + wide), box[3])
            assert rle.iou(_clicked(model, demo, scene, track, both), truth.rle) > 0.8


def test_a_mask_elsewhere_says_nothing(model, demo, scene):
    away = (5.0, 5.0, 25.0, 25.0)
    assert _clicked(model, demo, scene, 1, away) == _clicked(model, demo, scene, 1)


def test_what_is_expected_holds_for_one_frame(model, demo, scene, windows):
    rgb, truth = scene
    click = Prompt(40, 2, points=(click_into(truth[2].rle),))
    with model.open(demo.clip) as session:
        session.expect(2, rle.bbox(truth[2].rle))
        session.step(39, rgb)
        windows.clear()
        session.step(40, rgb, [click])
    assert _drawn(windows)[0] == 3
