"""Tracks become Label Studio's boxes and come back: the same frames, the same boxes within a pixel, in few characters."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from engine import rle
from engine.errors import InputError
from engine.types import Clip, FrameMasks, Track, TrackMask
from ml_backend.translate import result_to_tracks, tracks_to_result

RATES = [Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(50)]
SIZES = [(320, 180), (1280, 720), (1920, 1080), (3840, 2160)]


def disc(clip, x, y, radius=6.0):
    """Return the mask of a disc, cut off by the rim of the picture; without pixels outside it."""
    size = [clip.width, clip.height]
    (x0, y0), (x1, y1) = (
        np.clip(np.floor([x + far, y + far]).astype(int), 0, size)
        for far in (-radius - 1, radius + 2)
    )
    down, across = np.mgrid[y0:y1, x0:x1] + 0.5
    inside = (across - x) ** 2 + (down - y) ** 2 <= radius**2
    return rle.encode(inside, origin=(int(x0), int(y0)), size=(clip.height, clip.width))


@st.composite
def footage(draw):
    """Return a clip, its tracks and rows: balls that roll, tremble, hide and come back."""
    width, height = draw(st.sampled_from(SIZES))
    frames = draw(st.integers(1, 30))
    clip = Clip("clip", "0" * 64, "", 0, frames, width, height, draw(st.sampled_from(RATES)))
    there = draw(st.lists(st.sets(st.integers(0, frames - 1)), max_size=3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    start = rng.uniform([8, 8], [width - 8, height - 8], (len(there), 2))
    pace, tremble = rng.uniform(-5, 5, (len(there), 2)), draw(st.floats(0, 1.5))
    tracks = [Track(3 * place + 1, f"ball {place}") for place in range(len(there))]
    rows = []
    for frame in range(frames):
        masks = []
        for place, track in enumerate(tracks):
            x, y = start[place] + pace[place] * frame + rng.uniform(-tremble, tremble, 2)
            mask = disc(clip, x, y)
            if frame in there[place] and rle.area(mask):  # an empty mask is none
                masks.append(TrackMask(track.id, mask))
        rows.append(FrameMasks(frame, tuple(masks)))
    return clip, tracks, rows


@given(footage(), st.floats(0.1, 3), st.integers(0, 10**6))
@hypothesis_settings(max_examples=60)
def test_boxes_come_back_on_their_frames_within_what_was_allowed(made, tolerance, revision):
    clip, tracks, rows = made
    result = json.loads(
        json.dumps(tracks_to_result(clip, revision, tracks, rows, tolerance=tolerance))
    )
    back = result_to_tracks(result, clip)
    for row in rows:
        masks = row.by_track()
        for track in tracks:
            found = back.get(f"r{revision}t{track.id}")
            shown = found.box(row.frame) if found else None
            seen = rle.bbox(masks[track.id].rle) if track.id in masks else None
            assert (shown is None) == (seen is None)
            assert shown is None or shown == pytest.approx(seen, abs=tolerance + 1e-6)


@given(footage())
@hypothesis_settings(max_examples=30)
def test_without_tolerance_boxes_come_back_within_half_a_pixel(made):
    clip, tracks, rows = made
    back = result_to_tracks(tracks_to_result(clip, 1, tracks, rows, tolerance=0), clip)
    for row in rows:
        for mask in row.masks:
            shown = back[f"r1t{mask.track}"].box(row.frame)
            assert shown == pytest.approx(rle.bbox(mask.rle), abs=0.5)


def one(frames=3, rate=Fraction(30), **masks):
    """Return a clip of 200 x 100 pixels with a track 4 that is a box of pixels on frame 1."""
    clip = Clip("clip", "0" * 64, "", 0, frames, 200, 100, rate)
    box = rle.encode(np.ones((10, 20), bool), origin=(100, 50), size=(100, 200))
    rows = [FrameMasks(1, (TrackMask(4, box, **masks),))]
    return clip, [Track(4, "red")], rows


def test_a_region_is_as_label_studio_has_it():
    clip, tracks, rows = one(score=0.75)
    (region,) = tracks_to_result(clip, 7, tracks, rows, tolerance=0)
    assert region == {
        "id": "r7t4",
        "type": "videorectangle",
        "from_name": "box",
        "to_name": "video",
        "origin": "prediction",
        "score": 0.75,
        "meta": {"text": ["track 4"]},
        "value": {
            "framesCount": 3,
            "duration": 0.1,
            "labels": ["red"],
            "sequence": [
                {
                    "frame": 2,
                    "x": 50,
                    "y": 50,
                    "width": 10,
                    "height": 10,
                    "rotation": 0,
                    "enabled": False,
                    "time": 0.067,
                }
            ],
        },
    }


def test_tracks_that_are_never_seen_have_no_region_and_masks_of_nobody_none_either():
    clip, _, rows = one()
    assert tracks_to_result(clip, 7, [Track(5, "blue")], rows) == []


def test_a_mask_without_pixels_is_not_seen():
    clip, tracks, _ = one()
    rows = [FrameMasks(1, (TrackMask(4, rle.empty((100, 200))),))]
    assert tracks_to_result(clip, 7, tracks, rows) == []


def test_regions_come_in_the_order_of_tracks():
    clip, tracks, rows = one()
    both = [FrameMasks(1, (rows[0].masks[0], TrackMask(2, rows[0].masks[0].rle)))]
    made = tracks_to_result(clip, 7, [*tracks, Track(2, "blue")], both)
    assert [region["id"] for region in made] == ["r7t4", "r7t2"]


def played(frames=300, balls=16, width=1920, height=1080, tremble=0.3):
    """Return a shot: five balls roll and run out, the others rest; every mask trembles by some tenths of a pixel."""
    clip = Clip("shot", "0" * 64, "", 0, frames, width, height, Fraction(30000, 1001))
    rng = np.random.default_rng(5)
    start = rng.uniform([300, 300], [width - 300, height - 300], (balls, 2))
    pace = np.where(np.arange(balls)[:, None] < 5, rng.uniform(-9, 9, (balls, 2)), 0)
    rows = []
    for frame in range(frames):
        rolled = min(frame, 120) * (1 - min(frame, 120) / 240)
        at = start + pace * rolled
        masks = [
            TrackMask(number + 1, disc(clip, x, y, 14 + rng.uniform(-tremble, tremble)))
            for number, (x, y) in enumerate(at)
        ]
        rows.append(FrameMasks(frame, tuple(masks)))
    return clip, [Track(number + 1, "solid") for number in range(balls)], rows


def test_a_shot_of_300_frames_and_16_balls_takes_at_most_60_kilobytes():
    clip, tracks, rows = played()
    result = tracks_to_result(clip, 12345, tracks, rows)
    keys = [len(region["value"]["sequence"]) for region in result]
    assert len(json.dumps(result, separators=(",", ":"))) <= 60_000
    assert len(keys) == 16
    assert max(keys) <= 40


def off(clip, rows, result):
    """Return by how many pixels a side of a shown box is off at most, by track."""
    back, worst = result_to_tracks(result, clip), {}
    for row in rows:
        for mask in (one for one in row.masks if rle.area(one.rle)):
            shown = np.array(back[f"r1t{mask.track}"].box(row.frame))
            most = float(np.abs(shown - rle.bbox(mask.rle)).max())
            worst[mask.track] = max(worst.get(mask.track, 0.0), most)
    return worst


def test_boxes_of_restless_masks_are_looser_where_that_is_allowed_and_still_few_bytes():
    clip, tracks, rows = played(tremble=2.5)
    result = tracks_to_result(clip, 1, tracks, rows, loosest=3.0)
    assert len(json.dumps(result, separators=(",", ":"))) <= 60_000
    assert 1.0 < max(off(clip, rows, result).values()) <= 3.0 + 1e-6


def test_a_calm_track_stays_within_a_pixel_beside_a_restless_one():
    clip, tracks, calm = played(balls=2)
    _, _, wild = played(balls=2, tremble=2.5)
    rows = [FrameMasks(a.frame, (a.masks[0], b.masks[1])) for a, b in zip(calm, wild, strict=True)]
    found = off(clip, rows, tracks_to_result(clip, 1, tracks, rows, loosest=3.0))
    assert found[1] <= 1.0 + 1e-6 < found[2]


def test_other_regions_are_passed_over():
    clip, tracks, rows = one()
    (region,) = tracks_to_result(clip, 7, tracks, rows)
    others = [
        {"id": "a", "type": "timelinelabels", "from_name": "event", "value": {"ranges": []}},
        {"id": "b", "type": "choices", "from_name": "verdict", "value": {"choices": ["accepted"]}},
        {"type": "relation", "from_id": "a", "to_id": "b"},
    ]
    assert list(result_to_tracks([*others, region], clip)) == ["r7t4"]


def region(sequence, **other):
    return {"id": "a", "type": "videorectangle", "value": {"sequence": sequence} | other}


def key(frame=1, x=10, y=10, width=10, height=10, **other):
    return {"frame": frame, "x": x, "y": y, "width": width, "height": height} | other


def test_a_region_without_keyframes_is_never_shown():
    clip, _, _ = one()
    for value in ([], ()):
        assert not result_to_tracks([region(value)], clip)["a"].visible.any()
    assert not result_to_tracks([{"id": "a", "type": "videorectangle"}], clip)["a"].visible.any()


def test_labels_are_the_first_of_those_given_and_none_where_none_is():
    clip, _, _ = one()
    assert result_to_tracks([region([key()], labels=["red", "blue"])], clip)["a"].label == "red"
    assert result_to_tracks([region([key()], labels=[])], clip)["a"].label is None


@pytest.mark.parametrize("where", [{"x": -20}, {"x": 100}, {"y": -10}, {"y": 100.5}])
def test_a_box_outside_the_picture_is_not_shown(where):
    clip, _, _ = one()
    assert not result_to_tracks([region([key(**where)])], clip)["a"].visible.any()


def test_a_box_that_reaches_over_the_rim_is_shown_whole():
    clip, _, _ = one()
    shown = result_to_tracks([region([key(x=-5)])], clip)["a"]
    assert shown.box(0) == pytest.approx((-10, 10, 10, 20))


def test_keyframes_come_in_the_order_of_frames_counted_from_0():
    clip, _, _ = one()
    shown = result_to_tracks([region([key(3), key(1), key(9)])], clip)["a"]
    assert shown.keyframes == (0, 2, 8)


def test_a_broken_keyframe_is_refused_with_its_region():
    clip, _, _ = one()
    with pytest.raises(InputError, match="region a, keyframe 1: expected a number as x"):
        result_to_tracks([region([key(1), key(2, x="7")])], clip)
