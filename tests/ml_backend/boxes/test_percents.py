"""Keyframes come and go in Label Studio's frames and percents, and broken ones are refused by name."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.types import Clip
from ml_backend.boxes.keyframes import Keyframe
from ml_backend.boxes.percents import from_percent, lost, to_percent

NTSC = Fraction(30000, 1001)


def clip(width=1920, height=1080, rate=Fraction(30)):
    return Clip("clip", "0" * 64, "", 0, 300, width, height, rate)


def item(**other):
    return {"frame": 1, "x": 50, "y": 25, "width": 10, "height": 10} | other


@st.composite
def clips_and_keys(draw):
    found = clip(draw(st.integers(16, 4096)), draw(st.integers(16, 4096)))
    x0, x1 = sorted(draw(st.floats(0, found.width)) for _ in "ab")
    y0, y1 = sorted(draw(st.floats(0, found.height)) for _ in "ab")
    key = Keyframe(draw(st.integers(0, 299)), x0, y0, x1 - x0, y1 - y0, enabled=draw(st.booleans()))
    return found, key


@given(clips_and_keys())
def test_a_keyframe_comes_back_as_it_went_but_for_rounding(both):
    found, key = both
    (back,) = from_percent("r1t1", [to_percent(key, found)], found)
    assert (back.frame, back.enabled, back.rotation) == (key.frame, key.enabled, 0)
    off = lost(found) + 1e-6
    assert off < 0.03
    assert (back.x, back.y) == pytest.approx((key.x, key.y), abs=off)
    assert back.x + back.width == pytest.approx(key.x + key.width, abs=off)
    assert back.y + back.height == pytest.approx(key.y + key.height, abs=off)


def test_a_keyframe_looks_as_label_studio_writes_it():
    assert to_percent(Keyframe(29, 960, 270, 192, 108, enabled=False), clip()) == {
        "frame": 30,
        "x": 50,
        "y": 25,
        "width": 10,
        "height": 10,
        "rotation": 0,
        "enabled": False,
        "time": 1.0,
    }


@given(clips_and_keys())
def test_percents_never_leave_the_picture(both):
    found, key = both
    made = to_percent(key, found)
    assert 0 <= made["x"] <= made["x"] + made["width"] <= 100 + 1e-9
    assert 0 <= made["y"] <= made["y"] + made["height"] <= 100 + 1e-9


@given(st.integers(0, 299), st.sampled_from([Fraction(25), Fraction(30), NTSC, Fraction(60)]))
def test_frames_do_not_depend_on_the_rate(frame, rate):
    found = clip(rate=rate)
    made = to_percent(Keyframe(frame, 0, 0, 1, 1), found)
    assert next(from_percent("a", [made | {"time": None}], found)).frame == frame
    assert made["time"] == pytest.approx((frame + 1) / float(rate), abs=1e-3)


def test_what_label_studio_leaves_out_is_as_it_takes_it():
    assert next(from_percent("a", [item()], clip())) == Keyframe(0, 960, 270, 192, 108)


@pytest.mark.parametrize("frame", [-3, 0, 1, 301, 7.0])
def test_frames_outside_the_clip_and_whole_ones_with_a_point_are_kept(frame):
    assert next(from_percent("a", [item(frame=frame)], clip())).frame == frame - 1


@pytest.mark.parametrize("name", ["frame", "x", "y", "width", "height", "rotation"])
@pytest.mark.parametrize(
    "value",
    [None, "50", "", True, [5], {}, float("nan"), float("inf"), -float("inf"), 10**400, 2e6],
)
def test_what_is_no_number_is_refused_with_the_region_and_the_keyframe(name, value):
    sequence = [item(), item() | {name: value}]
    with pytest.raises(InputError, match=f"region r1t2, keyframe 1: expected a number as {name}"):
        list(from_percent("r1t2", sequence, clip()))


@pytest.mark.parametrize(
    ("sequence", "told"),
    [
        ({"frame": 1}, "region a: expected a list of keyframes"),
        ("[]", "region a: expected a list of keyframes"),
        (None, "region a: expected a list of keyframes"),
        ([[1, 2]], "region a, keyframe 0: expected an object"),
        ([item(enabled="false")], "region a, keyframe 0: expected enabled to be true or false"),
        ([item(frame=1.5)], "region a, keyframe 0: expected a whole number as frame, got 1.5"),
    ],
)
def test_a_broken_sequence_is_refused_with_the_region(sequence, told):
    with pytest.raises(InputError, match=told):
        list(from_percent("a", sequence, clip()))
