"""What goes over the wire is every mask's own box, as pycocotools packs it, and comes back pixel for pixel."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from annotator_ui.wire import payload, row_from_wire, row_to_wire, rows_to_wire
from engine import rle
from engine.errors import InputError
from engine.types import RLE, FrameMasks, TrackMask

GOLDEN = json.loads((Path(__file__).parent / "js" / "rle_golden.json").read_text())
SIZE = (11, 9)

pictures = hnp.arrays(np.bool_, SIZE).map(lambda mask: mask | np.eye(*SIZE, dtype=bool))
scores = st.floats(0, 1).map(lambda score: round(score, 3))
frames = st.lists(st.tuples(pictures, scores), max_size=5)


def row(masks: list[tuple[np.ndarray, float]], frame: int = 0) -> FrameMasks:
    drawn = (TrackMask(n, rle.encode(mask), score) for n, (mask, score) in enumerate(masks, 1))
    return FrameMasks(frame, tuple(drawn))


@pytest.mark.parametrize("sample", GOLDEN, ids=lambda sample: sample["name"])
def test_rows_are_those_of_pycocotools(sample: dict[str, Any]) -> None:
    track, *_, score = sample["row"]
    whole = rle.from_coco({"size": sample["size"], "counts": sample["whole"]})
    assert row_to_wire(FrameMasks(0, (TrackMask(track, whole, score),))) == [sample["row"]]


@pytest.mark.parametrize("sample", GOLDEN, ids=lambda sample: sample["name"])
def test_rows_of_pycocotools_become_the_whole_mask(sample: dict[str, Any]) -> None:
    size = (sample["size"][0], sample["size"][1])
    (mask,) = row_from_wire([sample["row"]], 3, size).masks
    assert mask.rle == RLE(size, sample["whole"].encode())


@given(st.lists(frames, max_size=4))
def test_frames_come_back_as_they_were(many: list[list[tuple[np.ndarray, float]]]) -> None:
    rows = [row(masks, frame) for frame, masks in enumerate(many)]
    sent = json.loads(json.dumps(rows_to_wire(rows)))
    assert [row_from_wire(one, k, SIZE) for k, one in enumerate(sent)] == rows


@given(frames)
def test_one_frame_is_sent_as_it_is_among_others(masks: list[tuple[np.ndarray, float]]) -> None:
    one = row(masks)
    assert rows_to_wire([FrameMasks(0), one, FrameMasks(2)])[1] == row_to_wire(one)


def test_more_masks_than_are_turned_at_once_keep_their_places() -> None:
    rows = [row([(np.eye(*SIZE, k % 5, dtype=bool), 1.0)] * (k % 30), k) for k in range(600)]
    sent = rows_to_wire(iter(rows))
    assert len(sent) == 600
    assert [row_from_wire(one, k, SIZE) for k, one in enumerate(sent)] == rows


def test_frames_without_masks_stay_in_the_list() -> None:
    assert rows_to_wire([FrameMasks(0), FrameMasks(1)]) == [[], []]
    assert rows_to_wire([]) == []


def test_a_mask_without_pixels_is_not_sent() -> None:
    masks = (TrackMask(1, rle.empty(SIZE)), TrackMask(2, rle.encode(np.ones(SIZE, bool))))
    assert [one[0] for one in row_to_wire(FrameMasks(0, masks))] == [2]


def test_masks_of_pictures_of_different_sizes_do_not_mix() -> None:
    small, large = rle.encode(np.ones((2, 3), bool)), rle.encode(np.eye(50, dtype=bool))
    sent = row_to_wire(FrameMasks(0, (TrackMask(1, small), TrackMask(2, large))))
    assert [one[1:5] for one in sent] == [[0, 0, 3, 2], [0, 0, 50, 50]]


def test_scores_are_sent_with_three_decimals() -> None:
    assert row_to_wire(row([(np.ones(SIZE, bool), 0.123456)]))[0][6] == 0.123


def test_the_answer_says_of_which_frames_and_revision_it_is() -> None:
    said = json.loads(payload([row([]), row([], 1)], size=SIZE, revision=7, start=40, stop=42))
    assert said == {"size": [11, 9], "revision": 7, "start": 40, "stop": 42, "frames": [[], []]}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("masks", "expected a list of masks"),
        ([[1, 0, 0, 2]], "expected \\[track"),
        ([[1, 0, 0, 2, 2, 7, 1.0]], "expected \\[track"),
        ([[1, 0, 0, 2, 2, "03", 1.0]], "cover 3 pixels"),
        ([[1, 8, 0, 2, 2, "04", 1.0]], "reaches beyond"),
        ([[1, 0, 0, 2, 2, "é", 1.0]], "not a COCO run-length string"),
        ([[1, 0, 0, 2, 2, "04", 1.0]] * 2, "appears twice"),
    ],
)
def test_what_is_no_row_is_refused(sent: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        row_from_wire(sent, 5, SIZE)


def test_a_damaged_mask_is_refused_and_not_sent() -> None:
    with pytest.raises(InputError, match="not a COCO run-length string"):
        row_to_wire(FrameMasks(0, (TrackMask(1, RLE(SIZE, b"\x01")),)))
