"""What was painted is told from what was shown: untouched is nothing, and one edit is found and nothing else."""

import json
from copy import deepcopy
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_studio_sdk.converter.brush import decode_rle, encode_rle

from engine import rle
from engine.errors import InputError
from engine.types import Clip, FrameMasks, Track, TrackMask
from ml_backend.pages.brush import to_brush
from ml_backend.pages.frame_changes import FrameChanges, frame_changes
from ml_backend.pages.frames import frames_to_result

SIZE = (48, 64)
CLIP = Clip("game-1", "v", "game.mp4", 0, 300, 64, 48, Fraction(30))
PAGES = (10, 40, 200)
TRACKS = (Track(1, "cue"), Track(2, "red"), Track(5, "red"))
PLACES = {1: (2, 2), 2: (20, 20), 5: (40, 20)}


def square(x: int, y: int, side: int = 8):
    return rle.encode(np.ones((side, side), bool), origin=(x, y), size=SIZE)


ROWS = [
    FrameMasks(frame, tuple(TrackMask(t, square(x, y + page)) for t, (x, y) in PLACES.items()))
    for page, frame in enumerate(PAGES)
]
BASE = frames_to_result(CLIP, 7, TRACKS, ROWS, frames=PAGES)


def stroke(mask, *, label: str, page: int = 0, id_: str = "new", text: str = ""):
    value = {"format": "rle", "rle": to_brush(mask), "brushlabels": [label]}
    told = {"id": id_, "type": "brushlabels", "value": value, "item_index": page}
    told |= {"original_width": 64, "original_height": 48, "image_rotation": 0}
    return told | ({"meta": {"text": [text]}} if text else {})


def left(base=BASE, *, without=(), strokes=(), **labels):
    """Return a list as somebody left it: regions gone, strokes added, regions given another label."""
    kept = deepcopy([one for one in base if one["id"] not in without])
    for one in kept:
        one["value"]["brushlabels"] = [labels.get(one["id"], one["value"]["brushlabels"][0])]
    return [*kept, *strokes]


def compare(result, *, base=BASE, tracks=TRACKS, **more) -> FrameChanges:
    return frame_changes(base, result, CLIP, frames=PAGES, tracks=tracks, **more)


def saved_by_the_editor(result):
    """Return what the editor makes of regions nobody touched: its own bytes, other order, more keys."""
    found = []
    for one in reversed(deepcopy(result)):
        pixels = decode_rle(one["value"]["rle"]).astype(int)
        one["value"]["rle"] = encode_rle(pixels, rle_sizes=[3, 4, 8, 16])
        found.append(one | {"origin": "prediction", "locked": False, "score": 0.1})
    return found


def test_nothing_touched_is_nothing_to_do():
    assert not compare(left())
    assert compare(left()) == FrameChanges()


def test_nothing_touched_is_nothing_also_as_the_editor_saves_it():
    assert not compare(saved_by_the_editor(BASE))


def test_a_mask_that_was_painted_over_is_what_is_left_there():
    wider = square(20, 20, side=10)
    result = left()
    result[1]["value"]["rle"] = to_brush(wider)
    assert compare(result) == FrameChanges(painted={(10, 2): wider})


def test_a_region_that_was_deleted_hides_the_ball_on_that_frame_alone():
    assert compare(left(without=["r7t2f40"])) == FrameChanges(hidden=frozenset({(40, 2)}))


def test_a_mask_that_was_erased_whole_is_hidden_too():
    result = left()
    result[1]["value"]["rle"] = to_brush(rle.empty(SIZE))
    assert compare(result) == FrameChanges(hidden=frozenset({(10, 2)}))


def test_another_label_on_one_page_relabels_the_track():
    assert compare(left(r7t2f40="yellow")) == FrameChanges(relabelled={2: "yellow"})


def test_of_two_labels_given_the_one_on_more_pages_holds_of_equals_the_first():
    more = left(r7t2f10="pink", r7t2f40="blue", r7t2f200="blue")
    assert compare(more).relabelled == {2: "blue"}
    assert compare(left(r7t2f10="pink", r7t2f40="blue")).relabelled == {2: "pink"}


def test_a_label_that_the_track_has_meanwhile_is_no_change():
    now = (Track(1, "cue"), Track(2, "yellow"), Track(5, "red"))
    assert not compare(left(r7t2f40="yellow"), tracks=now)


def test_a_stroke_on_a_ball_of_its_class_is_a_part_of_it():
    more = square(26, 20)
    found = compare(left(strokes=[stroke(more, label="red")]))
    assert found.painted == {(10, 2): rle.merge([square(20, 20), more])}
    assert (found.hidden, found.labels, found.drawn) == (frozenset(), {}, {"new": 2})


def test_a_stroke_over_two_balls_of_its_class_is_of_the_one_it_covers_more():
    over = rle.encode(np.ones((8, 20), bool), origin=(27, 20), size=SIZE)  # 1 column of 2, 7 of 5
    found = compare(left(strokes=[stroke(over, label="red")]))
    assert list(found.painted) == [(10, 5)]


def test_a_stroke_on_a_ball_of_another_class_is_a_new_ball():
    found = compare(left(strokes=[stroke(square(20, 20), label="blue")]))
    assert found.painted == {(10, 6): square(20, 20)}
    assert found.labels == {6: "blue"}
    assert found.drawn == {"new": 6}


def test_a_note_names_the_track_whatever_lies_below():
    found = compare(left(strokes=[stroke(square(50, 2), label="blue", text="track 5")]))
    assert found.painted == {(10, 5): rle.merge([square(40, 20), square(50, 2)])}
    assert not found.labels


def test_strokes_with_one_number_that_is_no_track_are_one_new_ball():
    strokes = [
        stroke(square(50, 2), label="blue", text="99", id_="a"),
        stroke(square(4, 30), label="blue", text="track 99", id_="b", page=1),
    ]
    found = compare(left(strokes=strokes))
    assert set(found.painted) == {(10, 6), (40, 6)}
    assert found.labels == {6: "blue"}


def test_a_mask_deleted_and_painted_anew_is_the_same_ball():
    result = left(without=["r7t2f10"], strokes=[stroke(square(21, 21), label="red")])
    assert compare(result) == FrameChanges({(10, 2): square(21, 21)}, drawn={"new": 2})


def test_the_only_ball_of_a_class_is_the_one_that_is_painted_where_it_is_not_shown():
    base = [one for one in BASE if one["id"] != "r7t1f40"]
    found = compare(left(base, strokes=[stroke(square(50, 2), label="cue", page=1)]), base=base)
    assert (found.painted, found.labels) == ({(40, 1): square(50, 2)}, {})


def test_a_second_ball_of_a_class_is_a_new_one():
    found = compare(left(strokes=[stroke(square(50, 2), label="cue")]))
    assert found.labels == {6: "cue"}


def test_a_missed_ball_that_is_painted_on_each_page_is_one_new_ball():
    strokes = [stroke(square(50, 2 + page), label="red", page=page, id_=f"s{page}") for page in range(3)]  # fmt: skip
    found = compare(left(strokes=strokes))
    assert set(found.painted) == {(10, 6), (40, 6), (200, 6)}
    assert found.labels == {6: "red"}
    assert found.drawn == {"s0": 6, "s1": 6, "s2": 6}


def test_two_missed_balls_of_a_class_stay_two_each_with_what_is_near():
    strokes = [
        stroke(square(50, 2), label="red", id_="a"),
        stroke(square(4, 38), label="red", id_="b"),
        stroke(square(6, 36), label="red", id_="c", page=1),
        stroke(square(48, 4), label="red", id_="d", page=1),
    ]
    assert compare(left(strokes=strokes)).drawn == {"a": 6, "b": 7, "c": 7, "d": 6}


def test_what_became_of_strokes_before_is_known_the_next_time():
    first = left(strokes=[stroke(square(50, 2), label="blue", id_="a")])
    found = compare(first)
    tracks = (*TRACKS, Track(6, "blue"))
    second = deepcopy(first)
    second[-1]["value"]["rle"] = to_brush(square(52, 2))
    again = compare(second, base=first, tracks=tracks, known=found.drawn)
    assert again == FrameChanges({(10, 6): square(52, 2)}, drawn={"a": 6})
    assert compare(first[:-1], base=first, tracks=tracks, known=found.drawn) == FrameChanges(
        hidden=frozenset({(10, 6)})
    )
    assert not compare(first, base=first, tracks=tracks, known=found.drawn)


def test_a_stroke_of_before_that_was_not_touched_is_nothing_though_nobody_knows_its_ball():
    first = left(strokes=[stroke(square(50, 2), label="blue", id_="a")])
    found = compare(first, base=first)
    assert not found


def test_painting_a_ball_that_is_no_more_makes_it_anew_and_hiding_it_does_nothing():
    tracks = TRACKS[:2]  # 5 was deleted by somebody else
    result = left(without=["r7t5f10"])
    result[-1]["value"]["rle"] = to_brush(square(40, 30))  # 5 on the last page
    found = compare(result, tracks=tracks)
    assert found.painted == {(200, 3): square(40, 30)}
    assert (found.labels, found.hidden) == ({3: "red"}, frozenset())


def test_without_anything_shown_everything_is_new():
    found = compare([stroke(square(50, 2), label="blue")], base=[], tracks=())
    assert found.painted == {(10, 1): square(50, 2)}
    assert found.labels == {1: "blue"}


def test_a_new_ball_without_a_class_is_a_ball():
    told = stroke(square(50, 2), label="x")
    told["value"]["brushlabels"] = []
    assert compare(left(strokes=[told])).labels == {6: "ball"}


def test_a_damaged_region_is_named():
    told = stroke(square(50, 2), label="red", page=9)
    with pytest.raises(InputError, match="region new: on page 9 of 3"):
        compare(left(strokes=[told]))


@given(st.sampled_from([one["id"] for one in BASE]), st.integers(0, 2), st.data())
def test_one_edit_is_found_and_nothing_else(id_, deed, data):
    place = next(k for k, one in enumerate(BASE) if one["id"] == id_)
    track = int(id_.split("t")[1].split("f")[0])
    frame = int(id_.split("f")[1])
    if deed == 0:
        assert compare(left(without=[id_])) == FrameChanges(hidden=frozenset({(frame, track)}))
        return
    result = left()
    if deed == 1:
        result[place]["value"]["brushlabels"] = ["pink"]
        assert compare(result) == FrameChanges(relabelled={track: "pink"})
        return
    x, y = data.draw(st.integers(0, 56)), data.draw(st.integers(0, 40))
    painted = square(x, y)
    result[place]["value"]["rle"] = to_brush(painted)
    same = painted == ROWS[PAGES.index(frame)].by_track()[track].rle
    assert compare(result) == FrameChanges({} if same else {(frame, track): painted})


def test_what_a_real_editor_saved_after_four_edits_is_read_as_those_four():
    """A page of the demo clip: a stroke beside all, a mask deleted, one painted further, one relabelled."""
    told = json.loads((Path(__file__).parents[1] / "told" / "painted.json").read_text())
    clip = Clip("demo", "v", "demo.mp4", 0, 150, 960, 540, Fraction(30))
    labels = {1: "cue", 2: "stripe", 4: "stripe", 8: "stripe"}
    tracks = [Track(n, labels.get(n, "solid")) for n in (1, 2, 3, 4, 7, 8, 9, 10)]
    found = frame_changes(told["shown"], told["left"], clip, frames=(0, 26, 81, 110), tracks=tracks)
    assert {place: rle.bbox(mask) for place, mask in found.painted.items()} == {
        (81, 1): (210, 280, 247, 327),
        (81, 11): (593, 423, 647, 442),
    }
    assert found.hidden == {(81, 10)}
    assert (found.relabelled, found.labels) == ({2: "solid"}, {11: "yellow"})
