"""A prediction is text that is kept: made of boxes and events or of masks, read back whole or not at all."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.doubts import Doubt, Sign
from engine.ports import TaskKind
from engine.types import Clip, FrameMasks, Track, TrackMask
from ml_backend.pages.frame_changes import frame_changes
from ml_backend.shown.labelling import check, config
from ml_backend.shown.prediction import VERSION, parse, prediction, score

CLIP = Clip("game-1", "v", "game.mp4", 0, 90, 320, 60, Fraction(30))
TRACKS = (Track(1, "cue"), Track(2, "red"))
DOUBTS = (Doubt(40, 44, 41, 2, Sign.SHAPE, 0.25, "torn"),)


def ball(x: int):
    return rle.encode(np.ones((12, 12), bool), origin=(x, 20), size=(60, 320))


ROWS = [
    FrameMasks(frame, (TrackMask(1, ball(10 + 2 * frame)), TrackMask(2, ball(250))))
    for frame in range(CLIP.frames)
]


def made(kind: TaskKind, **more):
    return parse(prediction(kind, CLIP, 7, TRACKS, iter(ROWS), DOUBTS, **more))


def test_a_clip_has_a_box_for_each_track_and_its_events():
    told = made(TaskKind.CLIP)
    assert [(one["id"], one["type"]) for one in told.result] == [
        ("r7t1", "videorectangle"),
        ("r7t2", "videorectangle"),
        ("r7e0", "timelinelabels"),
        ("r7e1", "timelinelabels"),
    ]


def test_pots_are_told_by_the_pockets_that_a_detector_saw():
    fall = [FrameMasks(k, (TrackMask(1, ball(10 + 6 * k)),) if k < 40 else ()) for k in range(90)]
    pocket, far = (236.0, 16.0, 260.0, 40.0), (0.0, 0.0, 8.0, 8.0)
    for boxes, pots in (((pocket, *[far] * 5), 1), ((far,) * 6, 0)):
        text = prediction(TaskKind.CLIP, CLIP, 7, TRACKS[:1], iter(fall), (), pockets=boxes)
        told = [one["value"].get("timelinelabels") for one in parse(text).result]
        assert told.count(["pot"]) == pots


def test_key_frames_have_a_mask_for_each_ball_of_the_frames_that_are_doubted():
    told = made(TaskKind.FRAMES).result
    assert [one["id"] for one in told if one["item_index"] == 1] == ["r7t1f41", "r7t2f41"]
    assert [one["item_index"] for one in told] == [0, 0, 1, 1, 2, 2]


def test_a_task_that_is_there_keeps_its_pages():
    told = made(TaskKind.FRAMES, pages=(0, 89))
    assert [(one["id"], one["item_index"]) for one in told.result] == [
        ("r7t1f0", 0), ("r7t2f0", 0), ("r7t1f89", 1), ("r7t2f89", 1)
    ]  # fmt: skip


@pytest.mark.parametrize("kind", TaskKind)
def test_a_prediction_fits_our_configuration(kind):
    assert check(config(kind), made(kind).result, kind=kind) == []


def test_key_frames_that_nobody_touched_ask_for_nothing():
    shown = made(TaskKind.FRAMES, pages=(41,)).result
    assert not frame_changes(shown, shown, CLIP, frames=(41,), tracks=TRACKS)


def test_the_score_is_one_where_nothing_is_doubted_and_falls_with_every_visit():
    far = Doubt(80, 81, 80, 1, Sign.SHAPE, 0.5, "torn")
    near = Doubt(42, 43, 42, 1, Sign.SHAPE, 0.2, "torn")
    assert score(()) == 1
    assert score(DOUBTS) == pytest.approx(1 / 1.25)
    assert score((*DOUBTS, near)) == score(DOUBTS)  # seen at the same visit
    assert score((*DOUBTS, far)) == pytest.approx(1 / 1.75, abs=0.001)


@given(st.lists(st.builds(Doubt, st.just(0), st.just(90), st.integers(0, 89), st.integers(0, 3), st.just(Sign.SHAPE), st.floats(0, 1), st.text())))  # fmt: skip
def test_a_score_is_between_nothing_and_one(doubts):
    assert 0 < score(doubts) <= 1


def test_what_was_written_is_read_as_it_was():
    text = prediction(TaskKind.CLIP, CLIP, 7, TRACKS, ROWS, DOUBTS)
    told = parse(text)
    assert json.loads(text) == {"version": VERSION, "result": list(told.result), "score": 0.8}


def test_the_same_revision_gives_the_same_text():
    texts = {prediction(TaskKind.CLIP, CLIP, 7, TRACKS, ROWS, DOUBTS) for _ in range(2)}
    assert len(texts) == 1


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "null",
        "[]",
        "7",
        '{"version":0,"result":[],"score":1}',
        '{"result":[],"score":1}',
        '{"version":2,"score":1}',
        '{"version":2,"result":[7],"score":1}',
        '{"version":2,"result":null,"score":1}',
        '{"version":2,"result":[],"score":"high"}',
        '{"version":2,"result":[],"score":NaN}',
        '{"version":2,"result":[],"score":2}',
        "[" * 100_000,
    ],
)
def test_a_text_of_another_version_or_a_damaged_one_counts_as_absent(text):
    assert parse(text) is None


@given(st.integers(0, 5000))
def test_a_text_that_was_cut_off_counts_as_absent(length):
    text = prediction(TaskKind.FRAMES, CLIP, 7, TRACKS, ROWS, DOUBTS)
    assert parse(text[: min(length, len(text) - 1)]) is None
