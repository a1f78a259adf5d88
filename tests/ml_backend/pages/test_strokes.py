"""Strokes of paint are read with care: where, of which class, of which track, and refused where they are of another picture."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine import rle
from engine.errors import InputError
from engine.types import Clip, FrameMasks, Track, TrackMask
from ml_backend.boxes.regions import Name
from ml_backend.pages.brush import to_brush
from ml_backend.pages.frames import frames_to_result
from ml_backend.pages.strokes import strokes

CLIP = Clip("game-1", "v", "game.mp4", 0, 300, 64, 48, Fraction(30))
PAGES = (10, 40, 200)


def square(x: int, y: int, side: int = 6):
    return rle.encode(np.ones((side, side), bool), origin=(x, y), size=(48, 64))


def region(id_="a1b2", *, page=0, label="red", mask=None, text=None, **more):
    value = {"format": "rle", "rle": to_brush(mask or square(5, 5)), "brushlabels": [label]}
    told = {"id": id_, "type": "brushlabels", "from_name": "mask", "to_name": "frames", "value": value}  # fmt: skip
    told |= {"original_width": 64, "original_height": 48, "image_rotation": 0, "item_index": page}
    return told | ({"meta": {"text": text}} if text is not None else {}) | more


def read(*regions):
    return strokes(regions, CLIP, frames=PAGES)


def test_a_stroke_says_where_it_is_what_it_is_and_which_pixels():
    (stroke,) = read(region(page=2, mask=square(20, 30)))
    assert (stroke.id, stroke.frame, stroke.label, stroke.mask) == (
        "a1b2", 200, "red", square(20, 30)
    )  # fmt: skip
    assert stroke.named is None
    assert stroke.name is None


def test_the_id_of_a_mask_of_ours_says_its_frame_whatever_page_it_is_on():
    (stroke,) = read(region("r7t3f40", page=0))
    assert stroke.frame == 40
    assert stroke.name == Name(7, 3, 40)


def test_a_box_of_ours_names_no_mask():
    (stroke,) = read(region("r7t3", page=1))
    assert (stroke.name, stroke.frame) == (None, 40)


def test_what_the_editor_keeps_behind_an_id_does_not_count():
    (stroke,) = read(region("r7t3f40#S05--"))
    assert stroke.id == "r7t3f40"


def test_a_region_without_a_page_is_on_the_first():
    told = region()
    del told["item_index"]
    assert [stroke.frame for stroke in read(told)] == [10]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (["track 5"], 5),
        (["5"], 5),
        ("#12", 12),
        (["Track 7"], 7),
        ([" track 7 "], 7),
        (["looks wrong\ntrack 8"], 8),
        (["the 2nd red"], None),
        (["5 balls here"], None),
        ([], None),
        (["12345678901"], None),
    ],
)
def test_a_note_names_a_track_where_a_line_of_it_says_nothing_else(text, named):
    (stroke,) = read(region(text=text))
    assert stroke.named == named


def test_strokes_come_in_the_order_of_frames_those_of_one_as_they_were_drawn():
    found = read(region("c", page=2), region("b", page=0), region("a", page=0))
    assert [stroke.id for stroke in found] == ["b", "a", "c"]


def test_a_stroke_that_was_erased_whole_is_none():
    assert read(region(mask=rle.empty((48, 64)))) == ()


def test_regions_of_other_kinds_are_passed_over():
    verdict = {"id": "v", "type": "choices", "from_name": "verdict", "value": {"choices": ["accepted"]}}  # fmt: skip
    assert [stroke.id for stroke in read(verdict, region())] == ["a1b2"]


def test_a_stroke_without_a_class_has_none_and_of_two_the_first():
    told = region()
    told["value"]["brushlabels"] = []
    other = region("b")
    other["value"]["brushlabels"] = ["blue", "red"]
    assert [stroke.label for stroke in read(told, other)] == ["", "blue"]


@pytest.mark.parametrize("page", [3, -1, 1.0, "1", True, None])
def test_a_page_that_the_task_does_not_have_is_refused(page):
    with pytest.raises(InputError, match=r"region a1b2: on page .* of 3"):
        read(region(page=page))


def test_a_frame_that_the_clip_does_not_have_is_refused():
    with pytest.raises(
        InputError, match="region r7t3f300: frame 300 of clip game-1, which has 300"
    ):
        read(region("r7t3f300"))


@pytest.mark.parametrize("size", [(64, 47), (48, 64), (None, 48), ("64", "48"), (1e9, 1e9)])
def test_a_stroke_on_a_picture_of_another_size_is_refused(size):
    with pytest.raises(InputError, match="clip game-1 has 64 x 48; run `engine labelstudio sync`"):
        read(region(original_width=size[0], original_height=size[1]))


def test_a_stroke_on_a_turned_page_is_refused():
    with pytest.raises(InputError, match="turn it back"):
        read(region(image_rotation=90))


@pytest.mark.parametrize("values", [None, "abc", 7, {}])
def test_a_stroke_whose_pixels_are_no_list_is_refused(values):
    told = region()
    told["value"]["rle"] = values
    with pytest.raises(InputError, match="region a1b2: expected a list of bytes"):
        read(told)


@pytest.mark.parametrize("values", [[], [1, 2, 3], [0.5], to_brush(square(5, 5))[:-9]])
def test_a_stroke_whose_pixels_cannot_be_read_is_refused_by_name(values):
    told = region()
    told["value"]["rle"] = values
    with pytest.raises(InputError, match="region a1b2: brush run lengths"):
        read(told)


@pytest.mark.parametrize("result", [None, 7, "brush", {"id": "a"}, [7], [None]])
def test_what_is_no_list_of_regions_is_refused(result):
    with pytest.raises(InputError, match="expected"):
        strokes(result, CLIP, frames=PAGES)


@given(st.dictionaries(st.tuples(st.sampled_from(PAGES), st.integers(1, 9)), arrays.arrays(np.bool_, (48, 64)), max_size=6))  # fmt: skip
def test_whatever_masks_are_shown_are_read_back_as_they_are(masks):
    there = {place: rle.encode(mask) for place, mask in masks.items() if mask.any()}
    rows = [
        FrameMasks(page, tuple(TrackMask(t, mask) for (f, t), mask in there.items() if f == page))
        for page in PAGES
    ]
    tracks = [Track(number, "red") for number in range(1, 10)]
    told = frames_to_result(CLIP, 7, tracks, rows, frames=PAGES)
    assert {(one.frame, one.name.track): one.mask for one in read(*told)} == there


def refused(told) -> str:
    """Return why a region is refused, "" where it is read."""
    try:
        read(told)
    except InputError as error:
        return str(error)
    return ""


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.sampled_from([*region(text=["5"]), "value.rle", "value.brushlabels", "value.format"]), anything)  # fmt: skip
def test_whatever_stands_in_a_region_it_is_read_or_refused_by_name(key, said):
    told = region(text=["5"])
    if key.startswith("value."):
        told["value"][key.removeprefix("value.")] = said
    else:
        told[key] = said
    assert "region" in (refused(told) or "region")
