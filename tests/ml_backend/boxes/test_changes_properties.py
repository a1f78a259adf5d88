"""Whatever one thing somebody does in the editor is found, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.types import Origin, Track
from ml_backend.boxes.changes import Changes, changes
from ml_backend.translate import result_to_tracks
from tests.ml_backend.editing import CLIP, dragged, drawn, region, saved, toggled

LABELS = ["red", "blue", "cue"]


@st.composite
def bases(draw):
    """Return tracks with random spans, ways and classes, and their regions."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    tracks, result = [], []
    for number in sorted(draw(st.sets(st.integers(1, 30), min_size=1, max_size=4))):
        frames = draw(st.sets(st.integers(0, CLIP.frames - 1), min_size=1))
        start, pace = rng.uniform([75, 75], [310, 110]), rng.uniform(-1, 1, 2)
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
    told = changes(result, saved(left, rng), CLIP, tracks=tracks)
    assert replace(told, prompts=()) == Changes()
    (prompt,) = told.prompts
    assert (prompt.frame, prompt.track, prompt.origin) == (frame, int(id_[3:]), Origin.PERSON)
    assert prompt.box == pytest.approx(box, abs=1e-6)


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
