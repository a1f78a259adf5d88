"""Key frames: few, far apart, where the doubts are; chosen once for a task; each mask a region on the page of its frame."""

import itertools
import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_studio_sdk.converter.brush import decode_rle

from engine import rle
from engine.doubts import Doubt, Sign
from engine.errors import SelectionError
from engine.fakes.desk import MemoryFindings
from engine.fakes.store import Shelf
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask
from ml_backend.pages.frames import PAGES, choose, frames_to_result, pages

CLIP = Clip("game-1", "v", "game.mp4", 0, 300, 64, 48, Fraction(30))
TRACKS = (Track(1, "cue"), Track(2, "red"))


def doubt(frame: int, severity: float = 0.5, *, track: int = 1) -> Doubt:
    return Doubt(frame, frame + 1, frame, track, Sign.SHAPE, severity, "torn")


def square(x: int, y: int, side: int = 6):
    return rle.encode(np.ones((side, side), bool), origin=(x, y), size=(48, 64))


def row(frame: int, **tracks: tuple[int, int]) -> FrameMasks:
    masks = (
        TrackMask(int(name[1:]), square(*place), score=0.87654) for name, place in tracks.items()
    )
    return FrameMasks(frame, tuple(masks))


doubts = st.lists(
    st.builds(doubt, st.integers(0, 299), st.floats(0, 1), track=st.integers(0, 3)), max_size=60
)


@given(doubts, st.integers(1, 10))
def test_frames_are_few_in_order_and_inside_the_clip(found, most):
    chosen = choose(found, CLIP, most=most)
    assert 1 <= len(chosen) <= most
    assert list(chosen) == sorted(set(chosen))
    assert all(0 <= frame < CLIP.frames for frame in chosen)


@given(doubts)
def test_no_two_frames_show_nearly_the_same(found):
    chosen = choose(found, CLIP)
    assert all(b - a > 15 for a, b in itertools.pairwise(chosen))
    assert len(chosen) >= 3


def test_the_gravest_doubts_come_first_where_there_are_too_many():
    found = [doubt(frame, frame / 300) for frame in range(0, 300, 20)]
    assert choose(found, CLIP, most=3) == (240, 260, 280)


def test_a_clip_without_doubts_shows_its_beginning_middle_and_end():
    assert choose((), CLIP) == (50, 150, 250)
    assert choose((), CLIP, most=1) == (50,)


def test_where_little_is_doubted_the_rest_of_the_clip_is_shown_too():
    assert choose([doubt(140)], CLIP) == (50, 140, 250)
    assert choose([doubt(60), doubt(90)], CLIP) == (60, 90, 150)


@pytest.mark.parametrize(("length", "chosen"), [(1, (0,)), (2, (0,)), (20, (3,)), (60, (10, 30, 50))])  # fmt: skip
def test_a_short_clip_shows_no_two_pictures_that_are_nearly_the_same(length, chosen):
    assert choose((), Clip("short", "v", "m", 0, length, 8, 8, Fraction(30))) == chosen


def test_doubts_beyond_the_end_of_a_clip_choose_nothing():
    assert choose([doubt(900)], CLIP) == choose((), CLIP)


@pytest.fixture
def findings():
    revision = Revision(CLIP.id, None, Kind.AUTO, "det-sam2", TRACKS, id=7)
    return MemoryFindings(Shelf(revisions={7: revision}))


def test_pages_are_chosen_once_and_stay_whatever_is_doubted_later(findings):
    first = pages(findings, CLIP, first=7, doubts=[doubt(40), doubt(90)])
    assert first == (40, 90, 150)
    assert pages(findings, CLIP, first=7, doubts=[doubt(200)]) == first


@pytest.mark.parametrize("text", ["", "[]", "{", '["x"]', "[900]", "[-1]", "7", "null"])
def test_pages_that_are_damaged_are_chosen_anew(findings, text):
    findings.put(7, PAGES, text)
    assert pages(findings, CLIP, first=7, doubts=[doubt(40)]) == (40, 150, 250)
    assert json.loads(findings.get(7, PAGES)) == [40, 150, 250]


def test_every_mask_is_a_region_on_the_page_of_its_frame():
    rows = [row(10, t1=(1, 2), t2=(30, 20)), row(40, t2=(32, 20)), row(11, t1=(2, 2))]
    found = frames_to_result(CLIP, 7, TRACKS, rows, frames=(10, 40))
    told = [(one["id"], one["item_index"], one["value"]["brushlabels"]) for one in found]
    assert told == [
        ("r7t1f10", 0, ["cue"]), ("r7t2f10", 0, ["red"]), ("r7t2f40", 1, ["red"])
    ]  # fmt: skip


def test_a_region_is_as_label_studio_stores_one():
    (region,) = frames_to_result(CLIP, 7, TRACKS, [row(10, t2=(30, 20))], frames=(10,))
    painted = decode_rle(region["value"].pop("rle")).reshape(48, 64, 4)[..., 3]
    assert (painted == rle.decode(square(30, 20)) * 255).all()
    assert region == {
        "id": "r7t2f10",
        "type": "brushlabels",
        "from_name": "mask",
        "to_name": "frames",
        "origin": "prediction",
        "item_index": 0,
        "original_width": 64,
        "original_height": 48,
        "image_rotation": 0,
        "score": 0.877,
        "meta": {"text": ["track 2"]},
        "value": {"format": "rle", "brushlabels": ["red"]},
    }


def test_a_ball_without_a_class_is_a_ball():
    rows = [row(10, t1=(1, 2), t5=(30, 20))]
    found = frames_to_result(CLIP, 7, (Track(1, ""),), rows, frames=(10,))
    assert [one["value"]["brushlabels"] for one in found] == [["ball"], ["ball"]]


def test_a_page_without_balls_has_no_regions():
    assert frames_to_result(CLIP, 7, TRACKS, [FrameMasks(10)], frames=(10,)) == []


def test_a_page_whose_frame_is_not_there_is_refused():
    with pytest.raises(SelectionError, match=r"no row of frames \[12\]"):
        frames_to_result(CLIP, 7, TRACKS, [row(10, t1=(1, 2))], frames=(10, 12))
