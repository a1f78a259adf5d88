"""What somebody did in the editor is found, and nothing else.

The editor's deeds are written down here as its own source does them: dragging, adding and taking away keyframes, toggling the
life span.
"""

import json
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.types import Clip, Origin, Prompt, Track
from ml_backend.changes import Changes, changes, note, verdict
from ml_backend.keyframes import sparse
from ml_backend.percents import to_percent
from ml_backend.translate import result_to_tracks

CLIP = Clip("clip", "0" * 64, "", 0, 40, 400, 200, Fraction(30000, 1001))
LABELS = ["red", "blue", "cue"]
TRACKS = [Track(2, "red"), Track(3, "blue")]


def region(track, boxes, *, label="red", clip=CLIP, revision=5):
    """Return our region of a track with boxes by frame."""
    frames = sorted(boxes)
    keys = sparse(frames, np.array([boxes[f] for f in frames], float), clip=clip, tolerance=1)
    return {
        "id": f"r{revision}t{track}",
        "type": "videorectangle",
        "from_name": "box",
        "to_name": "video",
        "value": {"labels": [label], "sequence": [to_percent(key, clip) for key in keys]},
    }


def base():
    """Return two tracks: 2 rests on frames 0 to 9 and 20 to 29, 3 rolls through the whole clip."""
    resting = dict.fromkeys([*range(10), *range(20, 30)], (100, 100, 120, 120))
    rolling = {frame: (10 + 8 * frame, 50, 30 + 8 * frame, 70) for frame in range(40)}
    return [region(2, resting), region(3, rolling, label="blue")]


def found(before, after, **other):
    return changes(before, after, CLIP, **{"tracks": TRACKS, **other})


def sequence(result, id_):
    return next(one["value"]["sequence"] for one in result if one["id"] == id_)


def closest(keys, frame):
    return next((key for key in reversed(keys) if key["frame"] <= frame), None)


def put(keys, frame, shape):
    """Store a shape at a frame counted from 0, as the editor does while somebody drags."""
    last = closest(keys, frame + 1)
    enabled = last["enabled"] if last else True
    behind = next((i for i, key in enumerate(keys) if key["frame"] >= frame + 1), None)
    if behind is None:
        keys.append({**shape, "frame": frame + 1, "enabled": True})
        return
    new = {**keys[behind], **shape, "enabled": enabled, "frame": frame + 1}
    keys[behind : behind + (keys[behind]["frame"] == frame + 1)] = [new]


def shape_of(result, id_, frame, clip=CLIP):
    """Return the shape that the editor shows of an upright box, in percent."""
    x0, y0, x1, y1 = result_to_tracks(result, clip)[id_].box(frame)
    return {
        "x": 100 * x0 / clip.width,
        "y": 100 * y0 / clip.height,
        "width": 100 * (x1 - x0) / clip.width,
        "height": 100 * (y1 - y0) / clip.height,
        "rotation": 0,
    }


def dragged(result, id_, frame, *, dx=0.0, dy=0.0, wider=0.0):
    """Return the list with the box of a frame moved by pixels."""
    left = deepcopy(result)
    shape = shape_of(result, id_, frame)
    shape["x"] += 100 * dx / CLIP.width
    shape["y"] += 100 * dy / CLIP.height
    shape["width"] += 100 * wider / CLIP.width
    put(sequence(left, id_), frame, shape)
    return left


def toggled(result, id_, frame):
    """Return the list with a keyframe at a frame, whose life span was toggled there."""
    left = deepcopy(result)
    keys = sequence(left, id_)
    if all(key["frame"] != frame + 1 for key in keys):
        put(keys, frame, shape_of(result, id_, frame))
    key = closest(keys, frame + 1)
    key["enabled"] = not key["enabled"]
    return left


def drawn(frame=5, box=(200, 150, 220, 170), id_="Bk3_xY", **value):
    x0, y0, x1, y1 = box
    key = {"frame": frame + 1, "enabled": True, "rotation": 0, "x": x0 / 4, "y": y0 / 2, "width": (x1 - x0) / 4, "height": (y1 - y0) / 2}  # fmt: skip
    return {
        "id": id_,
        "type": "videorectangle",
        "from_name": "box",
        "value": {"sequence": [key], "labels": ["cue"]} | value,
    }


def saved(result, rng):
    """Return a list as the editor saves it after nobody touched anything."""
    left = [deepcopy(result[i]) for i in rng.permutation(len(result))]
    for one in left:
        value = one["value"]
        value |= {"duration": 1.3, "framesCount": 40}
        one |= {"origin": "prediction-changed", "hidden": True, "locked": True, "readonly": False}
        for key in value["sequence"]:
            key["time"] = key["frame"] / 29.97
            key["extra"] = None
            for side in ("x", "y", "width", "height"):
                key[side] += rng.uniform(-1e-9, 1e-9)
    verdict_ = {"id": "v", "type": "choices", "from_name": "verdict", "to_name": "video", "value": {"choices": ["accepted"]}}  # fmt: skip
    return json.loads(json.dumps([*left, verdict_]))


@st.composite
def bases(draw):
    """Return tracks with random spans, ways and classes, and their regions."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    tracks, result = [], []
    for number in sorted(draw(st.sets(st.integers(1, 30), min_size=1, max_size=4))):
        frames = draw(st.sets(st.integers(0, CLIP.frames - 1), min_size=1))
        start, pace = rng.uniform([40, 40], [340, 140]), rng.uniform(-1, 1, 2)
        boxes = {}
        for frame in frames:
            x, y = np.round(start + pace * frame + rng.uniform(-0.6, 0.6, 2))
            boxes[frame] = (x, y, x + 20, y + 20)
        track = Track(number, draw(st.sampled_from(LABELS)))
        tracks.append(track)
        result.append(region(number, boxes, label=track.label))
    return tracks, result, rng


@st.composite
def bases_with_a_place(draw):
    """Return also a region and a frame on which it is shown."""
    tracks, result, rng = draw(bases())
    id_ = draw(st.sampled_from([one["id"] for one in result]))
    shown = np.flatnonzero(result_to_tracks(result, CLIP)[id_].visible).tolist()
    return tracks, result, rng, id_, draw(st.sampled_from(shown))


@given(bases())
def test_an_annotation_that_nobody_touched_says_nothing(made):
    tracks, result, rng = made
    left = changes(result, saved(result, rng), CLIP, tracks=tracks)
    assert not left
    assert left == Changes()


@given(bases_with_a_place())
def test_a_deleted_region_is_a_deleted_track_and_nothing_else(made):
    tracks, result, rng, id_, _ = made
    left = saved([one for one in result if one["id"] != id_], rng)
    assert changes(result, left, CLIP, tracks=tracks) == Changes(deleted=(int(id_[3:]),))


@given(bases_with_a_place(), st.sampled_from(LABELS))
def test_another_label_is_a_relabelled_track_and_nothing_else(made, label):
    tracks, result, rng, id_, _ = made
    left = saved(result, rng)
    one = next(one for one in left if one["id"] == id_)
    was, one["value"]["labels"] = one["value"]["labels"][0], [label]
    wanted = {int(id_[3:]): label} if label != was else {}
    assert changes(result, left, CLIP, tracks=tracks) == Changes(relabelled=wanted)


@given(bases_with_a_place(), st.sampled_from([-30.0, -2.0, -0.6, 0.6, 3.0]), st.booleans())
def test_a_moved_box_is_one_prompt_on_its_frame_and_nothing_else(made, far, across):
    tracks, result, rng, id_, frame = made
    way = {"dx": far} if across else {"dy": far}
    left = dragged(result, id_, frame, **way)
    box = result_to_tracks(left, CLIP)[id_].box(frame)
    wanted = Changes(prompts=(Prompt(frame, int(id_[3:]), box=box, origin=Origin.PERSON),))
    left = changes(result, saved(left, rng), CLIP, tracks=tracks)
    assert replace(left, prompts=()) == Changes()
    assert [(p.frame, p.track, p.origin) for p in left.prompts] == [
        (p.frame, p.track, p.origin) for p in wanted.prompts
    ]
    assert left.prompts[0].box == pytest.approx(box, abs=1e-6)


@given(bases_with_a_place())
def test_a_toggled_life_span_is_a_span_of_absence_or_a_prompt_where_it_begins(made):
    tracks, result, rng, id_, frame = made
    left = toggled(result, id_, frame)
    before, after = (result_to_tracks(one, CLIP)[id_].visible for one in (result, left))
    told = changes(result, saved(left, rng), CLIP, tracks=tracks)
    track = int(id_[3:])
    absent = {f for span in told.absent.get(track, ()) for f in span}
    assert absent == set(np.flatnonzero(before & ~after).tolist())
    appeared = np.flatnonzero(after & ~before)
    assert [p.frame for p in told.prompts] == appeared[:1].tolist()
    assert replace(told, prompts=(), absent={}) == Changes()


@given(bases_with_a_place(), st.integers(0, 39), st.integers(10, 300), st.integers(10, 150))
def test_a_new_region_is_a_new_track_with_one_prompt_and_nothing_else(made, frame, x, y):
    tracks, result, rng, _, _ = made
    box = (x, y, x + 20, y + 20)
    left = saved([drawn(frame, box), *result], rng)
    number = max(track.id for track in tracks) + 1
    told = changes(result, left, CLIP, tracks=tracks)
    assert [(p.frame, p.track) for p in told.prompts] == [(frame, number)]
    assert told.prompts[0].box == pytest.approx(box, abs=1e-6)
    assert replace(told, prompts=()) == Changes(labels={number: "cue"}, drawn={"Bk3_xY": number})


@given(bases_with_a_place(), st.sampled_from([-20.0, 25.0]))
def test_several_deeds_are_all_found(made, far):
    tracks, result, rng, id_, frame = made
    moved = dragged(result, id_, frame, dx=far)
    others = [one["id"] for one in result if one["id"] != id_]
    left = saved([one for one in moved if one["id"] not in others[:1]], rng)
    told = changes(result, left, CLIP, tracks=tracks)
    assert told.deleted == tuple(int(one[3:]) for one in others[:1])
    assert [(p.frame, p.track) for p in told.prompts] == [(frame, int(id_[3:]))]
    assert not told.absent


def test_what_is_less_than_half_a_pixel_off_was_not_moved():
    assert not found(base(), dragged(base(), "r5t3", 7, dx=0.45))
    assert found(base(), dragged(base(), "r5t3", 7, dx=0.55))


def test_one_side_that_was_pulled_is_a_prompt():
    (prompt,) = found(base(), dragged(base(), "r5t3", 0, wider=6)).prompts
    assert prompt.box == pytest.approx((10, 50, 36, 70), abs=1.1)


def test_a_keyframe_that_was_taken_away_is_a_prompt_where_it_lay():
    before = dragged(base(), "r5t3", 20, dy=40)
    left = deepcopy(before)
    keys = sequence(left, "r5t3")
    keys[:] = [key for key in keys if key["frame"] != 21]
    (prompt,) = found(before, left).prompts
    assert (prompt.frame, prompt.track) == (20, 3)
    assert prompt.box == pytest.approx((170, 50, 190, 70), abs=1.1)


def test_a_first_keyframe_that_was_taken_away_hides_what_came_before_the_next():
    left = deepcopy(base())
    del sequence(left, "r5t2")[0]
    told = found(base(), left)
    assert told == Changes(absent={2: (range(9),)})


def test_a_ball_that_is_shown_on_into_a_gap_is_prompted_on_the_first_frame_of_it():
    left = deepcopy(base())
    closest(sequence(left, "r5t2"), 10)["enabled"] = True
    told = found(base(), left)
    assert [(p.frame, p.track) for p in told.prompts] == [(10, 2)]
    assert not told.absent


def test_a_box_drawn_in_a_gap_is_prompted_there():
    left = deepcopy(base())
    put(sequence(left, "r5t2"), 14, {"x": 25, "y": 50, "width": 5, "height": 10, "rotation": 0})
    told = found(base(), left)
    assert [(p.frame, p.box) for p in told.prompts] == [(14, (100, 100, 120, 120))]
    assert not told.absent


def test_a_box_moved_out_of_the_picture_says_that_the_ball_is_not_there_from_then_on():
    told = found(base(), dragged(base(), "r5t2", 20, dx=-500))
    assert told.absent[2][0].start == 20
    assert told == Changes(absent=told.absent)


def test_a_box_moved_out_of_the_picture_says_nothing_about_its_way_there():
    told = found(base(), dragged(base(), "r5t2", 9, dx=-500))
    assert told == Changes(absent={2: (range(9, 10),)})


def test_a_box_over_the_rim_is_cut_there():
    told = found(base(), dragged(base(), "r5t2", 9, dx=-110))
    (prompt,) = told.prompts
    assert prompt.box == pytest.approx((0, 100, 10, 120), abs=1.1)


@pytest.mark.parametrize("box", [(50, 50, 50, 50), (50, 50, 50.5, 70), (399.5, 50, 420, 70)])
def test_a_box_without_size_says_nothing(box):
    assert found(base(), [*base(), drawn(box=box)]) == Changes()


def test_a_turned_box_is_prompted_by_the_upright_one_around_it():
    turned = drawn(box=(200, 100, 220, 140))
    turned["value"]["sequence"][0]["rotation"] = 90
    (prompt,) = found(base(), [*base(), turned]).prompts
    assert prompt.box == pytest.approx((160, 100, 200, 120))


def test_a_new_track_is_absent_where_it_is_hidden_after_its_first_keyframe_only():
    new = drawn(frame=5)
    keys = new["value"]["sequence"]
    keys += [keys[0] | {"frame": 11, "enabled": False}, keys[0] | {"frame": 21}]
    keys += [keys[0] | {"frame": 31, "enabled": False}]
    told = found(base(), [*base(), new])
    assert told.absent == {4: (range(11, 20), range(31, 40))}
    assert [p.frame for p in told.prompts] == [5, 10, 20, 30]


def test_new_tracks_are_numbered_in_the_order_of_their_regions():
    new = [drawn(id_="b"), drawn(id_="a", labels=["red"])]
    told = found(base(), [new[0], *base(), new[1]])
    assert told.labels == {4: "cue", 5: "red"}
    assert told.drawn == {"b": 4, "a": 5}


def test_a_new_track_takes_no_number_that_anybody_has():
    ours = drawn(id_="r5t9")
    told = found([*base(), ours], [*base(), ours, drawn()], known={"gone": 11})
    assert told.drawn == {"gone": 11, "Bk3_xY": 12}


@pytest.mark.parametrize("labels", [[], None])
def test_a_new_track_without_a_label_is_a_ball(labels):
    assert found(base(), [*base(), drawn(labels=labels)]).labels == {4: "ball"}


def test_a_label_apart_from_its_box_is_that_of_the_box():
    apart = {"id": "Bk3_xY", "type": "labels", "from_name": "ball", "value": {"labels": ["blue"]}}
    assert found(base(), [*base(), drawn(labels=[]), apart]).labels == {4: "blue"}


def test_of_two_labels_the_first_counts():
    left = base()
    left[0]["value"]["labels"] = ["cue", "red"]
    assert found(base(), left) == Changes(relabelled={2: "cue"})


def test_a_label_that_was_taken_away_says_nothing():
    left = base()
    left[0]["value"]["labels"] = []
    assert not found(base(), left)


def test_a_copied_region_is_a_new_track():
    left = [*base(), deepcopy(base()[0])]
    told = found(base(), left)
    assert told.labels == {4: "red"}
    assert told.drawn == {"r5t2#2": 4}
    assert not told.deleted


def test_of_two_regions_of_one_track_that_which_was_shown_is_it():
    other = region(2, {3: (10, 10, 30, 30)}, revision=4)
    told = found(base(), [other, *base()])
    assert told.drawn == {"r4t2": 4}
    assert [p.track for p in told.prompts] == [4]


def test_a_region_that_became_a_track_earlier_is_that_track():
    first = [*base(), drawn()]
    known = found(base(), first).drawn
    tracks = [*TRACKS, Track(4, "cue")]
    assert found(first, first, tracks=tracks, known=known) == Changes(drawn=known)
    moved = dragged(first, "Bk3_xY", 9, dx=50)
    told = found(first, moved, tracks=tracks, known=known)
    assert [(p.frame, p.track) for p in told.prompts] == [(9, 4)]
    assert told.labels == {}
    gone = found(first, base(), tracks=tracks, known=known)
    assert gone == Changes(deleted=(4,), drawn=known)


def test_a_region_that_became_no_track_is_one_only_once_it_is_touched():
    first = [*base(), drawn()]
    assert found(first, first) == Changes()
    told = found(first, dragged(first, "Bk3_xY", 9, dx=50))
    assert [(p.frame, p.track) for p in told.prompts] == [(5, 4), (9, 4)]


def test_drawn_from_nothing_everything_is_new_and_nothing_is_deleted():
    told = found([], [drawn()])
    assert told.deleted == ()
    assert told.labels == {4: "cue"}


def test_a_track_that_is_no_more_is_made_anew_where_it_was_moved():
    told = found(base(), dragged(base(), "r5t3", 7, dx=20), tracks=TRACKS[:1])
    assert [(p.frame, p.track) for p in told.prompts] == [(7, 3)]
    assert told.labels == {3: "blue"}


def test_what_was_done_to_a_track_that_is_no_more_is_dropped_otherwise():
    left = toggled(base(), "r5t2", 4)
    left[0]["value"]["labels"] = ["cue"]
    assert not found(base(), left, tracks=TRACKS[1:])
    assert not found(base(), base()[1:], tracks=TRACKS[1:])


def test_a_track_that_others_gave_the_same_class_meanwhile_is_not_relabelled():
    left = base()
    left[0]["value"]["labels"] = ["cue"]
    assert not found(base(), left, tracks=[Track(2, "cue"), Track(3, "blue")])


def test_unsorted_and_repeated_keyframes_are_no_change():
    left = deepcopy(base())
    for one in left:
        keys = one["value"]["sequence"]
        keys.reverse()
        keys.append(keys[0])
    assert not found(base(), left)


def test_keyframes_outside_the_clip_matter_by_what_they_show_inside_it():
    new = drawn(frame=5)
    keys = new["value"]["sequence"]
    keys.append(keys[0] | {"frame": 101, "x": 60})
    before = [*base(), new]
    left = deepcopy(before)
    sequence(left, "Bk3_xY")[1]["x"] = 90
    told = found(before, left, known={"Bk3_xY": 4}, tracks=[*TRACKS, Track(4, "cue")])
    assert [(p.frame, p.track) for p in told.prompts] == [(39, 4)]


def test_prompts_come_in_the_order_of_frames_then_tracks():
    left = dragged(dragged(dragged(base(), "r5t3", 9, dx=9), "r5t3", 3, dy=9), "r5t2", 9, dy=9)
    assert [(p.frame, p.track) for p in found(base(), left).prompts] == [(3, 3), (9, 2), (9, 3)]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ({"x": float("nan")}, "region r5t2, keyframe 0: expected a number as x"),
        ({"frame": "1"}, "region r5t2, keyframe 0: expected a number as frame"),
        ({"enabled": 1}, "region r5t2, keyframe 0: expected enabled"),
    ],
)
def test_a_broken_region_is_refused_by_its_name(key, told):
    left = base()
    sequence(left, "r5t2")[0] |= key
    with pytest.raises(InputError, match=told):
        found(base(), left)


def said(control, **value):
    return {"id": control, "type": "any", "from_name": control, "to_name": "video", "value": value}


@pytest.mark.parametrize("choice", ["accepted", "needs work", "exclude"])
def test_a_verdict_is_read_among_regions(choice):
    assert verdict([*base(), said("verdict", choices=[choice])]) == choice


@pytest.mark.parametrize(
    "result",
    [
        [],
        [said("verdict", choices=[])],
        [said("verdict", choices=None)],
        [said("verdict", choices=["perhaps"])],
        [said("verdict", choices=[{}])],
        [said("verdict", choices=7)],
        [said("event", choices=["accepted"])],
    ],
)
def test_what_is_no_verdict_is_none(result):
    assert verdict(result) is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("  the cue hides it ", "the cue hides it"),
        (["first", "second "], "first\nsecond"),
        ([], ""),
        (None, ""),
        ([None, 3], ""),
    ],
)
def test_a_note_is_read_in_all_its_forms(text, read):
    assert note([*base(), said("note", text=text)]) == read


def test_without_a_note_there_is_none():
    assert note(base()) == ""


@pytest.mark.parametrize("read", [verdict, note])
def test_what_is_no_list_of_regions_holds_no_verdict_and_no_note(read):
    with pytest.raises(InputError, match="expected a list of regions"):
        read({"choices": ["accepted"]})
