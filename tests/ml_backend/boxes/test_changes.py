"""What somebody did in the editor is found, one case after another."""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.types import Track
from ml_backend.boxes.changes import Changes, changes
from ml_backend.translate import result_to_tracks
from tests.ml_backend.editing import (
    CLIP,
    TRACKS,
    base,
    closest,
    dragged,
    drawn,
    put,
    region,
    sequence,
    toggled,
)


def found(before, after, **other):
    return changes(before, after, CLIP, **{"tracks": TRACKS, **other})


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


def test_a_box_under_the_name_of_a_mask_is_a_new_track():
    assert found(base(), [*base(), drawn(id_="r5t2f9")]).labels == {4: "cue"}


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


def test_the_first_ball_of_a_clip_without_tracks_is_track_1():
    assert found([], [drawn()], tracks=[]).labels == {1: "cue"}


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


@pytest.mark.parametrize("told", ["api_annotation.json", "webhook_updated.json"])
def test_what_a_real_server_tells_about_untouched_boxes_is_no_change(told):
    body = json.loads((Path(__file__).parents[1] / "told" / told).read_text(encoding="utf-8"))
    result = body.get("annotation", body)["result"]
    tracks = [Track(1, "cue")]
    assert result_to_tracks(result, CLIP)["r1t1"].visible.all()
    assert not changes(result, deepcopy(result), CLIP, tracks=tracks)
