"""Documents of frames: numbered from 1, with two layers side by side and figures where there are any."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.ports.board import Layer
from engine.types import FrameMasks, Track, TrackMask
from exports.board.documents import Stamp, classes, documents
from tests.exports.board.kinds import kinds

NOW = datetime(2026, 11, 21, tzinfo=UTC)
STAMP = Stamp("the dataset", "the clip", NOW)
TRACKS = (Track(1, "cue"), Track(2, "bille rouge \N{BILLIARDS}"))


def mask(track: int, score: float = 0.75, stability: float = 0.5) -> TrackMask:
    return TrackMask(
        track, rle.encode(np.ones((2, 3), bool), origin=(1, 2), size=(10, 10)), score, stability
    )


def layer(*rows: FrameMasks, **figures: Any) -> Layer:
    return Layer(7, TRACKS, rows, **figures)


def written(masks: Layer, drawn: Layer | None = None) -> dict[int, dict[str, Any]]:
    """Return what is said of each frame, by the number that FiftyOne gives it."""
    shared = {"_sample_id", "_dataset_id", "frame_number", "created_at", "last_modified_at"}
    return {
        one["frame_number"]: {key: value for key, value in one.items() if key not in shared}
        for one in documents(masks, drawn, kinds(), STAMP)
    }


def test_a_document_says_whose_it_is_and_when_it_was_written() -> None:
    [one] = documents(layer(FrameMasks(4)), None, kinds(), STAMP)
    assert one == {
        "_sample_id": "the clip",
        "_dataset_id": "the dataset",
        "frame_number": 5,
        "created_at": NOW,
        "last_modified_at": NOW,
        "masks": {"_cls": "Detections", "detections": []},
    }


def test_a_mask_says_which_ball_it_is_how_sure_it_is_and_where() -> None:
    found = written(layer(FrameMasks(0, (mask(2),))))[1]["masks"]["detections"]
    assert [{key: value for key, value in one.items() if key != "mask"} for one in found] == [
        {
            "_cls": "Detection",
            "_id": 1,
            "tags": [],
            "label": "bille rouge \N{BILLIARDS}",
            "index": 2,
            "confidence": 0.75,
            "stability": 0.5,
            "bounding_box": [0.1, 0.2, 0.3, 0.2],
        }
    ]


def test_a_mask_of_a_track_that_nobody_named_has_no_label() -> None:
    [one] = written(layer(FrameMasks(0, (mask(9),))))[1]["masks"]["detections"]
    assert (one["label"], one["index"]) == (None, 9)


def test_two_layers_stand_side_by_side_where_both_have_the_frame() -> None:
    one, two = FrameMasks(0, (mask(1),)), FrameMasks(2, (mask(1), mask(2)))
    found = written(layer(one, two), layer(FrameMasks(1, (mask(2),)), two))
    shown = {
        frame: {name: [one["index"] for one in field["detections"]] for name, field in said.items()}
        for frame, said in found.items()
    }
    assert shown == {1: {"masks": [1]}, 2: {"drawn": [2]}, 3: {"masks": [1, 2], "drawn": [1, 2]}}


def test_doubts_are_told_of_the_masks_that_they_are_about_and_the_gravest_of_the_frame() -> None:
    rows = FrameMasks(0, (mask(1), mask(2))), FrameMasks(1, (mask(1),))
    found = written(layer(*rows, doubtful={0: {2: 0.25, 0: 0.5}, 3: {0: 1}}))
    assert [one.get("doubt") for one in found[1]["masks"]["detections"]] == [None, 0.25]
    assert {frame: said.get("doubt") for frame, said in found.items()} == {1: 0.5, 2: None, 4: 1.0}
    assert "masks" not in found[4]


def test_of_doubts_in_both_layers_the_graver_one_is_the_frame_s() -> None:
    low, high = (layer(FrameMasks(0), doubtful={0: {0: grave}}) for grave in (0.25, 0.75))
    assert written(low, high)[1]["doubt"] == written(high, low)[1]["doubt"] == 0.75


def test_agreement_is_told_of_each_mask_and_its_mean_of_the_frame() -> None:
    rows = FrameMasks(0, (mask(1), mask(2))), FrameMasks(1, (mask(1),))
    found = written(layer(*rows), layer(*rows, overlap={0: {1: 0.5, 2: 1.0}, 1: {}}))
    assert [one["j"] for one in found[1]["drawn"]["detections"]] == [0.5, 1.0]
    assert [one.get("j") for one in found[1]["masks"]["detections"]] == [None, None]
    assert {frame: said.get("j") for frame, said in found.items()} == {1: 0.75, 2: None}


def test_what_models_drew_gives_the_frame_s_mean_where_both_layers_have_one() -> None:
    masks, drawn = (layer(FrameMasks(0), overlap={0: {1: j}}) for j in (0.25, 0.5))
    assert written(masks, drawn)[1]["j"] == 0.5
    assert written(masks)[1]["j"] == 0.25


FRAMES = st.lists(st.integers(0, 40), unique=True).map(sorted)


@given(FRAMES, FRAMES, st.sets(st.integers(0, 40)))
def test_every_frame_comes_once_in_order_with_all_that_is_said_of_it(
    masks: list[int], drawn: list[int], doubted: set[int]
) -> None:
    two = layer(*map(FrameMasks, drawn))
    one = layer(*map(FrameMasks, masks), doubtful={frame: {0: 0.5} for frame in doubted})
    found = written(one, two)
    assert list(found) == [frame + 1 for frame in sorted({*masks, *drawn, *doubted})]
    for name, frames in (("masks", masks), ("drawn", drawn), ("doubt", doubted)):
        assert [frame - 1 for frame, said in found.items() if name in said] == sorted(frames)


def test_no_layer_says_nothing() -> None:
    assert written(layer()) == {}


def test_classes_are_named_once() -> None:
    tracks = (Track(1, "red"), Track(2, "cue"), Track(3, "red"))
    assert classes(Layer(7, tracks, ())) == ["cue", "red"]
