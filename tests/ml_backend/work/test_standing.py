"""What still stands of what people said of a clip's tracks, after edits, restores and other models."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.propagate_edits import Deed, Edit
from engine.propagate_log import edit_to_text, prompts_to_text
from engine.types import Kind, Point, Prompt, Revision
from ml_backend.work.standing import Standing, earlier, held, standing

MASK = rle.encode(np.ones((4, 4), bool))
NOTHING = rle.empty((4, 4))


def _line(*said, kinds=()):
    """Return revisions with these provenances, each the child of the one before."""
    kinds = dict(kinds)
    return [
        Revision("clip", n or None, kinds.get(n, Kind.MANUAL), "ann", (), one, id=n + 1)
        for n, one in enumerate(said)
    ]


def _box(frame, track, x=0.0):
    return Prompt(frame, track, (x, 0, x + 2, 2))


def _said(*prompts, **spread):
    return {"prompts": prompts_to_text(prompts), "spread": json.dumps({"frames": None, **spread})}


def _edit(deed, track, start, stop, **more):
    return {"edit": edit_to_text(Edit(deed, track, range(start, stop), **more))}


AUTO = {}


def test_nothing_stands_of_a_clip_without_revisions():
    assert standing([]) == Standing()


def test_the_last_word_on_a_place_counts_and_what_was_said_elsewhere_stays():
    found = standing(_line(_said(_box(3, 1), _box(5, 1)), _said(_box(3, 1, 1.0))))
    assert found.prompts == {(3, 1): (_box(3, 1, 1.0),), (5, 1): (_box(5, 1),)}


def test_prompts_of_one_step_on_one_place_add_up():
    click = Prompt(3, 1, points=(Point(1, 1),))
    found = standing(_line(_said(_box(3, 1), click)))
    assert found.prompts[3, 1] == (_box(3, 1), click)


def test_what_models_drew_anew_or_an_import_brought_leaves_nothing():
    line = _line(_said(_box(3, 1)), {"det_sam2": "{}"}, kinds={1: Kind.AUTO})
    assert standing(line) == Standing()
    assert standing(_line(_said(_box(3, 1)), {"imported": "yes"})) == Standing()


def test_a_deleted_stretch_drops_what_was_said_there_and_is_held():
    found = standing(_line(_said(_box(3, 1), _box(8, 1)), _edit(Deed.DELETE, 1, 2, 5)))
    assert set(found.prompts) == {(8, 1)}
    assert found.by_hand == {(2, 1), (3, 1), (4, 1)}


def test_a_painted_mask_is_held_and_told_again_and_an_empty_one_is_only_held():
    found = standing(
        _line(_edit(Deed.REPLACE, 1, 3, 4, mask=MASK), _edit(Deed.REPLACE, 2, 3, 4, mask=NOTHING))
    )
    assert [prompt.mask for prompt in found.prompts[3, 1]] == [MASK]
    assert found.by_hand == {(3, 1), (3, 2)}
    assert (3, 2) not in found.prompts


def test_a_swap_takes_both_tracks_words_along_on_its_frames():
    found = standing(_line(_said(_box(3, 1), _box(8, 1), _box(3, 2)), _edit(Deed.SWAP, 1, 0, 5, other=2)))  # fmt: skip
    assert {at: said[0].track for at, said in found.prompts.items()} == {(3, 2): 2, (3, 1): 1, (8, 1): 1}  # fmt: skip


def test_a_split_gives_the_new_track_what_was_said_of_the_old_one():
    found = standing(_line(_said(_box(3, 1), _box(8, 1)), _edit(Deed.SPLIT, 1, 5, 10, other=7)))
    assert set(found.prompts) == {(3, 1), (8, 7)}


def test_of_two_tracks_made_one_only_what_was_said_of_one_of_them_stands():
    line = _line(_said(_box(3, 1), _box(3, 2), _box(6, 2)), _edit(Deed.MERGE, 1, 0, 9, other=2))
    assert set(standing(line).prompts) == {(6, 1)}


def test_a_gap_that_is_filled_is_held_no_more():
    line = _line(_edit(Deed.DELETE, 1, 2, 6), _edit(Deed.FILL, 1, 3, 5))
    assert standing(line).by_hand == {(2, 1), (5, 1)}


def test_another_class_changes_nothing_that_was_said():
    line = _line(_said(_box(3, 1)), _edit(Deed.RELABEL, 1, 0, 9, label="cue"))
    assert standing(line) == standing(line[:1])


def test_to_go_back_brings_back_what_stood_then():
    line = _line(_said(_box(3, 1)), _edit(Deed.DELETE, 1, 0, 9), {"restored": "1"})
    assert standing(line) == standing(line[:1])
    assert standing([*line, *_line({}, {}, {}, {"restored": ""})[3:]]) == Standing()


def test_a_click_into_a_stretch_without_the_ball_frees_all_of_it():
    said = _said(Prompt(4, 1, points=(Point(1, 1),)), frames=[4, 5])
    assert standing(_line(_edit(Deed.DELETE, 1, 2, 6), said)).by_hand == set()


def test_a_spread_over_the_whole_clip_says_itself_what_it_held():
    line = _line(_edit(Deed.DELETE, 1, 2, 6), _edit(Deed.DELETE, 2, 2, 3), _said(_box(4, 1), held=[[5, 1], [9, 0]]))  # fmt: skip
    assert standing(line).by_hand == {(5, 1), (2, 2)}


def test_what_was_said_earlier_is_told_of_the_same_tracks_but_not_of_the_same_places():
    stands = standing(_line(_said(_box(3, 1), _box(5, 1), _box(5, 2))))
    assert earlier(stands, [_box(5, 1, 1.0)]) == (_box(3, 1),)


def test_held_are_places_of_prompted_tracks_but_not_the_prompts_own_nor_balls_that_are_back():
    stands = standing(_line(_edit(Deed.DELETE, 1, 2, 6), _edit(Deed.DELETE, 2, 2, 6)))
    assert held(stands, [_box(3, 1)], shown={(4, 1), (5, 2)}) == {(2, 1), (5, 1)}


def test_a_painted_mask_is_held_however_the_ball_is_shown_there():
    stands = standing(_line(_edit(Deed.REPLACE, 1, 3, 4, mask=MASK)))
    assert held(stands, [_box(9, 1)], shown={(3, 1)}) == {(3, 1)}


PLACES = st.tuples(st.integers(0, 9), st.integers(1, 3))
EDITS = st.builds(
    lambda deed, track, start, length, other, mask: _edit(
        deed,
        track,
        start,
        start + (1 if deed is Deed.REPLACE else length),
        **({"other": track % 3 + 1 if other else track % 3 + 2} if deed in {Deed.SWAP, Deed.MERGE, Deed.SPLIT} else {}),
        **({"mask": mask} if deed is Deed.REPLACE else {}),
        **({"label": "cue"} if deed is Deed.RELABEL else {}),
    ),
    st.sampled_from(Deed),
    st.integers(1, 3),
    st.integers(0, 8),
    st.integers(1, 5),
    st.booleans(),
    st.sampled_from([MASK, NOTHING]),
)  # fmt: skip
WORDS = st.lists(PLACES, min_size=1, max_size=3).map(lambda at: _said(*(_box(*one) for one in at)))


@given(st.lists(st.one_of(EDITS, WORDS), max_size=8))
def test_each_prompt_stands_under_its_own_place_and_what_is_absent_was_not_said(line):
    found = standing(_line(*line))
    for (frame, track), said in found.prompts.items():
        assert {(one.frame, one.track) for one in said} == {(frame, track)}
    new = [_box(0, 1)]
    assert not {(one.frame, one.track) for one in earlier(found, new)} & {(0, 1)}
    assert (0, 1) not in held(found, new)
