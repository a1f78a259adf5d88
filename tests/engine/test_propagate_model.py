"""Spreading one click with the bundled weights over a rendered clip, against its exact masks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from engine import rle
from engine.adapters.video_pyav import PyavFrameSource
from engine.config import Settings
from engine.datasets import LabelledClip, read_dataset
from engine.evaluation.clicking import click_into
from engine.propagate import Ground, correct
from engine.types import FrameMasks, Origin, Prompt
from engine.wiring import segmenter

pytestmark = pytest.mark.slow

SINCE, CLICKED = 60, 70


@pytest.fixture(scope="module")
def demo() -> LabelledClip:
    """Return the rendered clip that ships with the engine, 150 frames with eight balls."""
    folder = Path(__file__).parents[2] / "engine" / "assets"
    return next(one for one in read_dataset(folder) if one.clip.id == "demo")


@pytest.fixture(scope="module")
def model():
    return segmenter(Settings(), device="cpu")


def onto_the_neighbour(rows: Sequence[FrameMasks], track: int) -> list[FrameMasks]:
    """Return the rows with a track on the ball nearest to its own, from ``SINCE`` on."""
    return [_shifted(row, track) if row.frame >= SINCE else row for row in rows]


def _shifted(row: FrameMasks, track: int) -> FrameMasks:
    masks = row.by_track()
    x, y, _, _ = rle.bbox(masks.pop(track).rle)
    boxes = {other: rle.bbox(mask.rle) for other, mask in masks.items()}
    nearest = min(boxes, key=lambda other: abs(boxes[other][0] - x) + abs(boxes[other][1] - y))
    masks[track] = replace(masks[nearest], track=track)
    return FrameMasks(row.frame, tuple(masks.values()))


@pytest.mark.parametrize("track", [1, 2, 8])
def test_one_click_puts_a_track_back_on_its_ball_and_leaves_the_rest(demo, model, track) -> None:
    truth = list(demo.frames())
    table = onto_the_neighbour(truth, track)
    click = click_into(truth[CLICKED].by_track()[track].rle)
    prompt = Prompt(CLICKED, track, points=(click,), origin=Origin.PERSON)
    ground = Ground(demo.clip, lambda a, b: table[a:b], PyavFrameSource(), model)
    done = correct(ground, [prompt])
    new = {row.frame: row for row in done.rows(ground.parent)}
    damaged = range(SINCE, demo.clip.frames)
    assert set(damaged) <= set(new)
    assert min(new) > SINCE - 30  # the way back ends where the parent is right again
    good = [
        rle.iou(new[frame].by_track()[track].rle, truth[frame].by_track()[track].rle)
        for frame in damaged
        if track in truth[frame].by_track()
    ]
    assert sum(good) / len(good) >= 0.8
    for frame, row in new.items():
        kept = [mask for mask in row.masks if mask.track != track]
        assert kept == [mask for mask in table[frame].masks if mask.track != track]


@pytest.mark.parametrize("track", [3, 4, 8])
def test_a_click_on_a_ball_that_was_right_does_no_harm(demo, model, track) -> None:
    """Just before the break, in which a model that follows one ball alone loses it or takes another."""
    truth = list(demo.frames())
    click = click_into(truth[20].by_track()[track].rle)
    ground = Ground(demo.clip, lambda a, b: truth[a:b], PyavFrameSource(), model)
    done = correct(ground, [Prompt(20, track, points=(click,), origin=Origin.PERSON)])
    new = {row.frame: row for row in done.rows(ground.parent)}
    assert len(new) < 15
    for frame, row in new.items():
        was, now = truth[frame].by_track()[track], row.by_track()[track]
        assert rle.iou(was.rle, now.rle) > 0.6
